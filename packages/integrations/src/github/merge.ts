/**
 * Merging: exactly the expected head, onto exactly the expected base.
 * 1. GitHub is read first: a merge that already happened is returned; a head or base that moved is refused.
 * 2. If nothing guards the base, Millrace makes the merge commit and moves the base by git's compare-and-set, which
 *    fails if the base moved. GitHub marks the pull request as merged when the base contains its head.
 * 3. If the base is guarded, or changes are squashed, GitHub's merge endpoint is called, which compares the head. It
 *    does not compare the base unless the protection is strict ("require branches to be up to date"), so the base can
 *    move between the read and the call. The result therefore names the base that the merged commit really has.
 * 4. If changes go through a merge queue, the head is enqueued (`merge-queue.ts`).
 * 5. After a refusal or a lost answer the outcome is read from GitHub, never guessed from the answer.
 */
import type { CommitSha } from "@millrace/contracts";
import type { MergeResult } from "@millrace/kernel";
import { isMillraceError, MillraceError } from "@millrace/kernel";
import type { Refusal } from "./client.js";
import { headOf, mergeOf, mismatchOf, readPull } from "./pull-requests.js";
import { mergeThroughQueue } from "./merge-queue.js";
import { usesMergeQueue } from "./queue-state.js";
import type { OpenRepository } from "./repository.js";
import { commitOf, compare, refusal } from "./repository.js";
import type { BranchRules } from "./rules.js";
import type { PollUntil } from "./poll-until.js";
import { gitCommitSchema, mergedSchema, refSchema, type Pull } from "./shapes.schema.js";

/** Statuses by which GitHub refuses what it does not show yet. A rule is 405, a permission 403. */
const MAYBE_LATE: readonly number[] = [404, 409, 422];

type MergeRefusal = Extract<MergeResult, { is: "refused" }>;

/** A merge to do. */
export interface MergeRequest {
  readonly number: number;
  /** Head branch that the run was started for. */
  readonly branch: string;
  readonly expected: { readonly head: CommitSha; readonly base: CommitSha };
  readonly message: string;
  readonly method: "merge" | "squash";
  /** Epoch ms at which this merge was first asked for. */
  readonly askedAt: number;
}

/** Merges a pull request by the rules at the top of this file. */
export async function mergePull(
  repository: OpenRepository,
  request: MergeRequest,
  rules: BranchRules,
  pollUntil: PollUntil,
): Promise<MergeResult> {
  const pull = await readPull(repository, request.number);
  const mismatch = mismatchOf(repository, request.branch, pull);
  if (mismatch !== null) return refused("not-allowed", mismatch);
  if (await usesMergeQueue(repository, pull, rules)) return enqueue(repository, request, pollUntil);
  const before = await currentResult(repository, pull, request.expected, pollUntil);
  if (before !== null) return before;
  try {
    const moved = rules.guarded || request.method !== "merge" ? null : await moveBase(repository, pull, request);
    // A refusal although the base did not move: a rule guards it that this credential cannot see.
    return moved ?? (await callMergeIfUnmoved(repository, request, pollUntil));
  } catch (error) {
    // GitHub may have merged although its answer was lost.
    if (!isMillraceError(error, "forge_failed")) throw error;
    const found = await pollUntil(async () => mergedResult(repository, await readPull(repository, request.number))).catch(() => null);
    if (found !== null) return found;
    throw error;
  }
}

/** GitHub removes an entry when it merges it, and shows the pull request as merged a moment later: hence the poll. */
function enqueue(repository: OpenRepository, { number, expected, askedAt }: MergeRequest, pollUntil: PollUntil): Promise<MergeResult> {
  return mergeThroughQueue(repository, { number, head: expected.head, askedAt }, async (pull) => {
    const merged = await mergedResult(repository, pull);
    if (merged !== null || pull.state !== "open") return merged;
    const compared = await compare(repository, pull.base.ref, expected.head);
    return compared?.contained === true ? pollUntil(async () => mergedResult(repository, await readPull(repository, number))) : null;
  });
}

/** The result so far, without merging; null if head and base are as expected and the head contains the base. */
async function currentResult(
  repository: OpenRepository,
  pull: Pull,
  expected: MergeRequest["expected"],
  pollUntil: PollUntil,
): Promise<MergeResult | null> {
  const merged = await mergedResult(repository, pull);
  if (merged !== null) return merged;
  if (pull.state !== "open") return refused("not-open", `pull request ${String(pull.number)} is closed`);
  const head = await headOf(repository, pull);
  if (head !== expected.head) return refused("head-moved", `the head is ${head}, not ${expected.head}`);
  const compared = await compare(repository, pull.base.ref, head);
  if (compared === null) throw refusal(repository, `the base branch '${pull.base.ref}' is gone`, "Create it again.");
  if (compared.contained) {
    // An earlier call or a person moved the base over the head; GitHub shows "merged" a moment later.
    const shown = await pollUntil(async () => mergedResult(repository, await readPull(repository, pull.number)));
    return shown ?? refused("not-allowed", "the branch adds nothing to its base");
  }
  if (compared.base !== expected.base) return refused("base-moved", `the base is at ${compared.base}, not at ${expected.base}`);
  return compared.behind ? refused("base-moved", `the head does not contain its base ${compared.base}`) : null;
}

/** The merge of a merged pull request; null if it is not merged. */
async function mergedResult(repository: OpenRepository, pull: Pull): Promise<MergeResult | null> {
  const merge = await mergeOf(repository, pull);
  return merge === null ? null : { is: "merged", ...merge };
}

/** Makes the merge commit and moves the base to it by compare-and-set. Null if GitHub refused either. */
async function moveBase(repository: OpenRepository, pull: Pull, { expected, message }: MergeRequest): Promise<MergeResult | null> {
  const { client, owner, repo } = repository;
  const { tree } = await commitOf(repository, expected.head);
  const parents = [expected.base, expected.head];
  const text = `${message.trim()}\n\nPull-Request: ${pull.html_url}\n`;
  const commit = await client.send(
    "POST /repos/{owner}/{repo}/git/commits",
    { owner, repo, message: text, tree: tree.sha, parents },
    gitCommitSchema,
  );
  if (commit.is === "refused") return null;
  const { sha } = commit.value;
  const route = "PATCH /repos/{owner}/{repo}/git/refs/{ref}";
  const moved = await client.send(route, { owner, repo, ref: `heads/${pull.base.ref}`, sha, force: false }, refSchema);
  return moved.is === "ok" ? { is: "merged", commit: sha, ...expected } : null;
}

async function callMergeIfUnmoved(repository: OpenRepository, request: MergeRequest, pollUntil: PollUntil): Promise<MergeResult> {
  const before = await currentResult(repository, await readPull(repository, request.number), request.expected, pollUntil);
  if (before !== null) return before;
  const result = await callMerge(repository, request);
  return "status" in result ? afterRefusal(repository, request, result.status, pollUntil) : result;
}

/** Calls GitHub's merge endpoint for exactly this head. */
async function callMerge(repository: OpenRepository, { number, expected, message, method }: MergeRequest): Promise<MergeResult | Refusal> {
  const { client, owner, repo } = repository;
  const [title = "", ...rest] = message.split("\n");
  const answer = await client.send(
    "PUT /repos/{owner}/{repo}/pulls/{pull_number}/merge",
    {
      owner,
      repo,
      pull_number: number,
      sha: expected.head,
      merge_method: method,
      commit_title: title,
      commit_message: rest.join("\n").trim(),
    },
    mergedSchema,
  );
  if (answer.is === "refused") return answer;
  const { sha, parents } = await commitOf(repository, answer.value.sha);
  return { is: "merged", commit: sha, head: expected.head, base: parents[0]?.sha ?? expected.base };
}

/**
 * Why GitHub refused, from what it shows now. If head and base are as expected, then either GitHub lags (409: it sees
 * another head; 404, 422: it does not see one of them; or mergeability is not computed yet) and a later try may succeed, or one of its own rules forbids the
 * merge.
 */
async function afterRefusal(repository: OpenRepository, request: MergeRequest, status: number, pollUntil: PollUntil): Promise<MergeResult> {
  const pull = await readPull(repository, request.number);
  const now = await currentResult(repository, pull, request.expected, pollUntil);
  if (now !== null) return now;
  const name = `pull request ${String(request.number)} of '${repository.ref.id}'`;
  if (MAYBE_LATE.includes(status) || pull.mergeable === null)
    throw new MillraceError("forge_failed", `GitHub is not ready to merge ${name} (${String(status)})`, {
      fix: "Nothing to do: it is tried again.",
      details: { repository: repository.ref.id, status },
    });
  return refused("checks", `GitHub does not merge ${name}: a review, a check or a rule of '${pull.base.ref}' is missing`);
}

function refused(because: MergeRefusal["because"], message: string): MergeRefusal {
  return { is: "refused", because, message };
}
