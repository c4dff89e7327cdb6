import type { CommitSha, PullRequestRef } from "@millrace/contracts";
import type { MergedPullRequest, PullRequestState } from "@millrace/kernel";
import { MillraceError, notFound, digestJson } from "@millrace/kernel";
import { z } from "zod";
import type { Comparison, OpenRepository } from "./repository.js";
import { commitOf, compare, expectOk, notShown, refusal, tipOf } from "./repository.js";
import type { Refusal } from "./client.js";
import type { PollUntil } from "./poll-until.js";
import type { BranchRules } from "./rules.js";
import { usesMergeQueue } from "./queue-state.js";
import { listedPullSchema, pullSchema, type ListedPull, type Pull } from "./shapes.schema.js";

/** The commit that landed, and the head and base that it was made of. */
export type Merge = Pick<MergedPullRequest, "commit" | "head" | "base">;

const pullsSchema = z.array(listedPullSchema);

function refOf(pull: ListedPull): PullRequestRef {
  return { id: pull.node_id, number: pull.number, url: pull.html_url, branch: pull.head.ref, base: pull.base.ref };
}

/** Pull requests of a branch of this repository, the newest first; a fork's branch of the same name does not count. */
async function listPulls(
  repository: OpenRepository,
  branch: string,
  more: Readonly<Record<string, string>>,
): Promise<readonly ListedPull[]> {
  const { client, owner, repo } = repository;
  const wanted = { owner, repo, head: `${owner}:${branch}`, sort: "created", direction: "desc", ...more };
  const pulls = expectOk(repository, await client.pages("GET /repos/{owner}/{repo}/pulls", wanted, pullsSchema), "list pull requests");
  return pulls.filter((pull) => pull.head.ref === branch && isOwnHead(pull));
}

/** The open pull request of a branch of this repository to the repository's base. */
export async function findOpen(repository: OpenRepository, branch: string): Promise<PullRequestRef | null> {
  const { base } = repository.ref;
  const [found] = (await listPulls(repository, branch, { state: "open", base })).filter((pull) => pull.base.ref === base);
  return found === undefined ? null : refOf(found);
}

/** The pull request of a branch of this repository to the repository's base that was merged last. */
export async function findMerged(repository: OpenRepository, branch: string): Promise<MergedPullRequest | null> {
  const { base } = repository.ref;
  const pulls = await listPulls(repository, branch, { state: "closed", base });
  const [found] = pulls
    .filter((pull) => pull.base.ref === base && pull.merged_at !== null)
    .toSorted((one, other) => Date.parse(other.merged_at ?? "") - Date.parse(one.merged_at ?? "") || other.number - one.number);
  if (found === undefined) return null;
  const merge = await mergeOf(repository, await readPull(repository, found.number));
  return merge === null ? null : { pullRequest: refOf(found), ...merge };
}

/**
 * Opens a pull request, or returns the open one. Searches again after a failure: only the answer may be lost. A refusal is asked again
 * while the branch is there, since GitHub's API sees a push some moments after git has it.
 * @throws MillraceError `forge_refused`, with the base of an open one to another base in `details.base`.
 */
export async function openPull(repository: OpenRepository, request: PullToOpen, pollUntil: PollUntil): Promise<PullRequestRef> {
  let refused: Refusal | null = null;
  const opened = await pollUntil(async () => {
    const answer = await openOnce(repository, request);
    if (!("status" in answer)) return answer;
    refused = answer;
    return MAYBE_LATE.includes(answer.status) ? null : answer;
  }, OPEN_TRIES);
  if (opened !== null && !("status" in opened)) return opened;
  throw await notOpened(repository, request.branch, opened ?? refused);
}

/** A pull request to open to the repository's base. */
export interface PullToOpen {
  readonly branch: string;
  readonly title: string;
  readonly body: string;
}

/** Statuses by which GitHub refuses a pull request of a branch that it does not show yet. */
const MAYBE_LATE: readonly number[] = [404, 409, 422];
const OPEN_TRIES = 5;

async function openOnce(repository: OpenRepository, { branch, title, body }: PullToOpen): Promise<PullRequestRef | Refusal> {
  const { client, owner, repo } = repository;
  const before = await findOpen(repository, branch);
  if (before !== null) return before;
  const request = { owner, repo, head: branch, base: repository.ref.base, title, body };
  try {
    const answer = await client.send("POST /repos/{owner}/{repo}/pulls", request, pullSchema);
    if (answer.is === "ok") return refOf(answer.value);
    return (await findOpen(repository, branch)) ?? answer;
  } catch (error) {
    const opened = await findOpen(repository, branch).catch(() => null);
    if (opened !== null) return opened;
    throw error;
  }
}

async function notOpened(repository: OpenRepository, branch: string, refused: Refusal | null): Promise<MillraceError> {
  const { ref } = repository;
  const [other] = await listPulls(repository, branch, { state: "open" });
  const elsewhere = other === undefined ? "" : `; its pull request ${String(other.number)} merges into '${other.base.ref}'`;
  const why = refused === null ? "" : ` (${String(refused.status)}): ${refused.message}`;
  return new MillraceError(
    "forge_refused",
    `GitHub did not open a pull request of '${branch}' to '${ref.base}' in '${ref.id}'${elsewhere}${why}`,
    {
      fix: "Push the branch with commits of its own first, and give the credential write access to pull requests.",
      details: { repository: ref.id, branch, base: ref.base, ...(other === undefined ? {} : { openTo: other.base.ref }) },
    },
  );
}

/**
 * Reads a pull request by its number.
 * @throws MillraceError `not_found`; `repository_missing`, `forge_refused`.
 */
export async function readPull(repository: OpenRepository, number: number): Promise<Pull> {
  const { client, owner, repo } = repository;
  const answer = await client.get("GET /repos/{owner}/{repo}/pulls/{pull_number}", { owner, repo, pull_number: number }, pullSchema, {
    exists: true,
  });
  if (answer.is === "refused" && answer.status === 404) throw notFound("pull request", `${repository.ref.id}#${String(number)}`);
  return expectOk(repository, answer, `read pull request ${String(number)}`);
}

/** Whether the head branch is in the pull request's own repository, not in a fork. */
function isOwnHead({ head, base }: ListedPull): boolean {
  return head.repo !== null && head.repo.full_name === base.repo?.full_name;
}

/**
 * Why a pull request is not the one that a run was started for: another branch, another base, or a fork's head. Null when it is. GitHub
 * says all of it anew at every read, since a pull request can be retargeted and a branch renamed.
 */
export function mismatchOf({ ref }: OpenRepository, branch: string, pull: Pull): string | null {
  const name = `pull request ${String(pull.number)} of '${ref.id}'`;
  if (pull.base.ref !== ref.base) return `${name} merges into '${pull.base.ref}', not into '${ref.base}'`;
  if (!isOwnHead(pull)) return `${name} merges a branch of '${pull.head.repo?.full_name ?? "a repository that is gone"}'`;
  return pull.head.ref === branch ? null : `${name} merges '${pull.head.ref}', not '${branch}'`;
}

/**
 * Tip of the branch of an open pull request. A pull request shows a push some moments after git has it. Until then its
 * own head is one that was already checked, and a fixer's push would look as if it had not happened.
 */
export async function headOf(repository: OpenRepository, pull: Pull): Promise<CommitSha> {
  return (isOwnHead(pull) ? await tipOf(repository, pull.head.ref, { exists: true }) : null) ?? pull.head.sha;
}

/**
 * Reads the state of a pull request. The head is read first and everything else for that commit, so the parts agree.
 * The base in GitHub's record of the pull request is that of the last push and is not used.
 */
export async function readState(repository: OpenRepository, number: number, rules: BranchRules): Promise<PullRequestState> {
  const pull = await readPull(repository, number);
  const identity = {
    base: pull.base.ref,
    headBranch: pull.head.ref,
    headRepository: pull.head.repo?.full_name ?? null,
    ownQueue: await usesMergeQueue(repository, pull, rules),
    checkSettings: await digestJson(rules.required.map(({ name, app }) => JSON.stringify([name, app])).toSorted()),
  };
  if (pull.merged) {
    const baseHead = (await tipOf(repository, pull.base.ref, { exists: true })) ?? pull.base.sha;
    const merge = await mergeOf(repository, pull);
    if (merge === null) throw notShown(repository, `the commit that pull request ${String(number)} was merged as`);
    const { commit: mergedAs, head, base: mergedBase } = merge;
    return { ...identity, state: "merged", head, baseHead, behind: false, mergeability: "unknown", conflicts: [], mergedAs, mergedBase };
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
  const mergeability = mergeabilityOf(pull, head, compared);
  // GitHub reports that there are conflicts, never in which files.
  return { ...identity, state: pull.state, head, baseHead, behind, mergeability, conflicts: [], mergedAs: null, mergedBase: null };
}

/** The merge of a merged pull request, with the base that its commit really has; null if GitHub shows none. */
export async function mergeOf(repository: OpenRepository, pull: Pull): Promise<Merge | null> {
  if (!pull.merged || pull.merge_commit_sha === null) return null;
  const { sha, parents } = await commitOf(repository, pull.merge_commit_sha);
  const head = pull.head.sha;
  // A base that was moved forward to the head has no commit of its own for the merge, and the head's parents say nothing of it.
  const before = sha === head ? pull.base.sha : parents.find((parent) => parent.sha !== head)?.sha;
  const base = before === undefined || before === sha ? (parents[0]?.sha ?? pull.base.sha) : before;
  return { commit: sha, head, base };
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
