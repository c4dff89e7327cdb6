import type { CommitSha, PullRequestRef } from "@millrace/contracts";
import type { PullRequestState } from "@millrace/kernel";
import { notFound } from "@millrace/kernel";
import { z } from "zod";
import type { Comparison, Place } from "./repository.js";
import { compare, expectOk, refusal, tipOf } from "./repository.js";
import { listedPullSchema, pullSchema, type ListedPull, type Pull } from "./shapes.schema.js";

const pullsSchema = z.array(listedPullSchema);

function refOf(pull: ListedPull): PullRequestRef {
  return { id: pull.node_id, number: pull.number, url: pull.html_url, branch: pull.head.ref, base: pull.base.ref };
}

/** The open pull request of a branch of this repository; one of a fork's branch of the same name does not count. */
export async function findOpen(place: Place, branch: string): Promise<PullRequestRef | null> {
  const { client, owner, repo } = place;
  const wanted = { owner, repo, state: "open", head: `${owner}:${branch}` };
  const pulls = expectOk(place, await client.pages("GET /repos/{owner}/{repo}/pulls", wanted, pullsSchema), "list pull requests");
  const found =
    pulls.find((pull) => pull.head.ref === branch && pull.base.ref === place.ref.base) ?? pulls.find((pull) => pull.head.ref === branch);
  return found === undefined ? null : refOf(found);
}

/** Opens one, or returns the open one. Looks before and, when GitHub did not say yes, after: the answer may have been lost. */
export async function openPull(
  place: Place,
  { branch, title, body }: { readonly branch: string; readonly title: string; readonly body: string },
): Promise<PullRequestRef> {
  const { client, owner, repo } = place;
  const before = await findOpen(place, branch);
  if (before !== null) return before;
  const request = { owner, repo, head: branch, base: place.ref.base, title, body };
  try {
    const answer = await client.send("POST /repos/{owner}/{repo}/pulls", request, pullSchema);
    if (answer.is === "ok") return refOf(answer.value);
    const after = await findOpen(place, branch);
    if (after !== null) return after;
    throw refusal(
      place,
      `GitHub did not open a pull request of '${branch}' in '${place.ref.id}' (${String(answer.status)}): ${answer.message}`,
      "Push the branch with commits of its own first, and give the credential write access to pull requests.",
    );
  } catch (error) {
    const opened = await findOpen(place, branch).catch(() => null);
    if (opened !== null) return opened;
    throw error;
  }
}

/** @throws MillraceError `not_found`, `repository_missing`. */
export async function readPull(place: Place, number: number): Promise<Pull> {
  const { client, owner, repo } = place;
  const answer = await client.get("GET /repos/{owner}/{repo}/pulls/{pull_number}", { owner, repo, pull_number: number }, pullSchema);
  if (answer.is === "refused" && answer.status === 404) throw notFound("pull request", `${place.ref.id}#${String(number)}`);
  return expectOk(place, answer, `read pull request ${String(number)}`);
}

/**
 * Where the branch of an open pull request is. A pull request shows a push some moments after git has it; what it shows until
 * then is a head that was judged already, and a fixer who has pushed would look like one who has not.
 */
export async function headOf(place: Place, pull: Pull): Promise<CommitSha> {
  return (await tipOf(place, pull.head.ref)) ?? pull.head.sha;
}

/**
 * What is known of a pull request. Its head names the commit that everything else is asked about, so all of it speaks of that
 * one; GitHub's own record of the base in a pull request is the base of its last push and is not used.
 */
export async function readState(place: Place, number: number): Promise<PullRequestState> {
  const pull = await readPull(place, number);
  if (pull.merged) {
    const baseHead = (await tipOf(place, pull.base.ref)) ?? pull.base.sha;
    const { merge_commit_sha: mergedAs, head } = pull;
    return { state: "merged", head: head.sha, baseHead, behind: false, mergeability: "unknown", conflicts: [], mergedAs };
  }
  const head = pull.state === "open" ? await headOf(place, pull) : pull.head.sha;
  const compared = await compare(place, pull.base.ref, head);
  if (compared === null)
    throw refusal(
      place,
      `pull request ${String(number)} cannot be compared with its base '${pull.base.ref}'`,
      "Look whether the base branch is gone.",
    );
  const { base: baseHead, behind } = compared;
  // GitHub tells that files conflict, never which.
  return { state: pull.state, head, baseHead, behind, mergeability: mergeabilityOf(pull, head, compared), conflicts: [], mergedAs: null };
}

/**
 * A head that contains its base merges into it, whatever GitHub has found out so far; otherwise null is "not known yet", and so is
 * what it found out about another head. A base that contains the head was merged a moment ago.
 */
function mergeabilityOf(
  { mergeable, head: shown }: Pull,
  head: CommitSha,
  { behind, contained }: Comparison,
): PullRequestState["mergeability"] {
  if (contained) return "unknown";
  if (!behind) return "clean";
  if (mergeable === null || shown.sha !== head) return "unknown";
  return mergeable ? "clean" : "conflicted";
}
