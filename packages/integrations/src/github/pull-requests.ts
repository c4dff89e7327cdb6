import type { CommitSha, PullRequestRef } from "@millrace/contracts";
import type { PullRequestState } from "@millrace/kernel";
import { notFound } from "@millrace/kernel";
import { z } from "zod";
import type { Comparison, OpenRepository } from "./repository.js";
import { compare, expectOk, refusal, tipOf } from "./repository.js";
import { listedPullSchema, pullSchema, type ListedPull, type Pull } from "./shapes.schema.js";

const pullsSchema = z.array(listedPullSchema);

function refOf(pull: ListedPull): PullRequestRef {
  return { id: pull.node_id, number: pull.number, url: pull.html_url, branch: pull.head.ref, base: pull.base.ref };
}

/** The open pull request of a branch of this repository; a fork's branch of the same name does not count. */
export async function findOpen(repository: OpenRepository, branch: string): Promise<PullRequestRef | null> {
  const { client, owner, repo } = repository;
  const wanted = { owner, repo, state: "open", head: `${owner}:${branch}` };
  const pulls = expectOk(repository, await client.pages("GET /repos/{owner}/{repo}/pulls", wanted, pullsSchema), "list pull requests");
  const found =
    pulls.find((pull) => pull.head.ref === branch && pull.base.ref === repository.ref.base) ??
    pulls.find((pull) => pull.head.ref === branch);
  return found === undefined ? null : refOf(found);
}

/** Opens a pull request, or returns the open one. Searches again after a failure: only the answer may be lost. */
export async function openPull(
  repository: OpenRepository,
  { branch, title, body }: { readonly branch: string; readonly title: string; readonly body: string },
): Promise<PullRequestRef> {
  const { client, owner, repo } = repository;
  const before = await findOpen(repository, branch);
  if (before !== null) return before;
  const request = { owner, repo, head: branch, base: repository.ref.base, title, body };
  try {
    const answer = await client.send("POST /repos/{owner}/{repo}/pulls", request, pullSchema);
    if (answer.is === "ok") return refOf(answer.value);
    const after = await findOpen(repository, branch);
    if (after !== null) return after;
    throw refusal(
      repository,
      `GitHub did not open a pull request of '${branch}' in '${repository.ref.id}' (${String(answer.status)}): ${answer.message}`,
      "Push the branch with commits of its own first, and give the credential write access to pull requests.",
    );
  } catch (error) {
    const opened = await findOpen(repository, branch).catch(() => null);
    if (opened !== null) return opened;
    throw error;
  }
}

/**
 * Reads a pull request by its number.
 * @throws MillraceError `not_found`; `repository_missing`, `forge_refused`.
 */
export async function readPull(repository: OpenRepository, number: number): Promise<Pull> {
  const { client, owner, repo } = repository;
  const answer = await client.get("GET /repos/{owner}/{repo}/pulls/{pull_number}", { owner, repo, pull_number: number }, pullSchema);
  if (answer.is === "refused" && answer.status === 404) throw notFound("pull request", `${repository.ref.id}#${String(number)}`);
  return expectOk(repository, answer, `read pull request ${String(number)}`);
}

/**
 * Tip of the branch of an open pull request. A pull request shows a push some moments after git has it. Until then its
 * own head is one that was already checked, and a fixer's push would look as if it had not happened.
 */
export async function headOf(repository: OpenRepository, pull: Pull): Promise<CommitSha> {
  return (await tipOf(repository, pull.head.ref)) ?? pull.head.sha;
}

/**
 * Reads the state of a pull request. The head is read first and everything else for that commit, so the parts agree.
 * The base in GitHub's record of the pull request is that of the last push and is not used.
 */
export async function readState(repository: OpenRepository, number: number): Promise<PullRequestState> {
  const pull = await readPull(repository, number);
  if (pull.merged) {
    const baseHead = (await tipOf(repository, pull.base.ref)) ?? pull.base.sha;
    const { merge_commit_sha: mergedAs, head } = pull;
    return { state: "merged", head: head.sha, baseHead, behind: false, mergeability: "unknown", conflicts: [], mergedAs };
  }
  const head = pull.state === "open" ? await headOf(repository, pull) : pull.head.sha;
  const compared = await compare(repository, pull.base.ref, head);
  if (compared === null)
    throw refusal(
      repository,
      `pull request ${String(number)} cannot be compared with its base '${pull.base.ref}'`,
      "Look whether the base branch is gone.",
    );
  const { base: baseHead, behind } = compared;
  // GitHub reports that there are conflicts, never in which files.
  return { state: pull.state, head, baseHead, behind, mergeability: mergeabilityOf(pull, head, compared), conflicts: [], mergedAs: null };
}

/**
 * Mergeability of `head`. A head that contains its base is clean, whatever GitHub has computed. Otherwise GitHub's
 * `mergeable` counts, unless it is null or belongs to another head. Unknown if the base contains the head: the pull
 * request was merged a moment ago.
 */
function mergeabilityOf(
  { mergeable, head: listed }: Pull,
  head: CommitSha,
  { behind, contained }: Comparison,
): PullRequestState["mergeability"] {
  if (contained) return "unknown";
  if (!behind) return "clean";
  if (mergeable === null || listed.sha !== head) return "unknown";
  return mergeable ? "clean" : "conflicted";
}
