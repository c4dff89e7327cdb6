/**
 * Merging through GitHub's merge queue: Millrace enqueues the head; GitHub tests it together with the entries before
 * it, and merges or removes it. Nothing is stored here: every call reads the state of the pull request.
 * 1. Exactly the expected head is enqueued, and GitHub removes the entry when the branch is pushed to.
 * 2. A pull request that GitHub removed after `askedAt` is refused with GitHub's reason and is not enqueued again.
 */
import type { CommitSha } from "@millrace/contracts";
import type { MergeResult } from "@millrace/kernel";
import { MillraceError } from "@millrace/kernel";
import { z } from "zod";
import { DEQUEUE, ENQUEUE } from "./graphql-texts.js";
import { headOf, readPull } from "./pull-requests.js";
import type { OpenRepository } from "./repository.js";
import { notShown } from "./repository.js";
import { entrySchema, readMergeQueue, type Entry } from "./queue-state.js";
import type { Pull } from "./shapes.schema.js";

/** A merge to do through the queue. */
export interface MergeQueueRequest {
  readonly number: number;
  readonly head: CommitSha;
  /** Epoch ms at which this merge was first asked for. A removal before it belongs to an earlier merge. */
  readonly askedAt: number;
}

/** Finds the merge of a pull request; null if there is none. */
export type FindMerge = (pull: Pull) => Promise<MergeResult | null>;

const enqueuedSchema = z.object({ enqueuePullRequest: z.object({ mergeQueueEntry: entrySchema }) });

/** Enqueues the head unless its merge, its entry or a refusal is there already. Later calls return the outcome. */
export async function mergeThroughQueue(
  repository: OpenRepository,
  request: MergeQueueRequest,
  findMerge: FindMerge,
): Promise<MergeResult> {
  const before = await currentResult(repository, request, findMerge);
  if (before !== null) return before;
  const pull = await readPull(repository, request.number);
  const answer = await repository.client.mutate(ENQUEUE, { id: pull.node_id, head: request.head }, enqueuedSchema);
  if (answer.is === "ok") return sent(answer.value.enqueuePullRequest.mergeQueueEntry);
  // Another client enqueued it, pushed or merged in the meantime, or GitHub's rules forbid it.
  const after = await currentResult(repository, request, findMerge);
  if (after !== null) return after;
  const { mergeable } = await readPull(repository, request.number);
  if (mergeable === false) return refused("conflicted", `GitHub's merge queue does not take it: ${answer.message}`);
  if (mergeable === null || answer.status === 404)
    throw notShown(repository, `whether pull request ${String(request.number)} can be merged`);
  return refused("checks", `GitHub's merge queue does not take it: ${answer.message}`);
}

/** The result so far, without enqueueing; null if the pull request is not in the queue and was not removed from it. */
async function currentResult(
  repository: OpenRepository,
  { number, head, askedAt }: MergeQueueRequest,
  findMerge: FindMerge,
): Promise<MergeResult | null> {
  const pull = await readPull(repository, number);
  const merged = await findMerge(pull);
  if (merged !== null) return merged;
  if (pull.state !== "open") return refused("not-open", `pull request ${String(number)} is closed`);
  const is = await headOf(repository, pull);
  if (is !== head) return refused("head-moved", `the head is ${is}, not ${head}`);
  const queue = await readMergeQueue(repository, pull);
  if (queue === null)
    return refused("not-allowed", `'${pull.base.ref}' takes changes through a merge queue, and GitHub's GraphQL is refused`);
  if (queue.entry !== null) return sent(queue.entry);
  if (queue.removed === null || queue.removed.at < askedAt) return null;
  const because = /^merge_conflict$/i.test(queue.removed.reason) ? "conflicted" : "checks";
  return refused(because, `GitHub took it out of the merge queue: ${queue.removed.reason}`);
}

/**
 * Removes a pull request from the queue; does nothing if it is not in it.
 * @throws MillraceError `forge_failed` while GitHub is merging it.
 */
export async function leaveMergeQueue(repository: OpenRepository, number: number): Promise<void> {
  const pull = await readPull(repository, number);
  if (pull.merged || pull.state !== "open" || (await readMergeQueue(repository, pull))?.entry == null) return;
  const answer = await repository.client.mutate(DEQUEUE, { id: pull.node_id }, z.unknown());
  if (answer.is === "ok" || (await readMergeQueue(repository, pull))?.entry == null) return;
  throw new MillraceError(
    "forge_failed",
    `GitHub does not take pull request ${String(number)} of '${repository.ref.id}' out of the merge queue`,
    {
      fix: "Nothing to do when it is being merged just now; otherwise take it out on GitHub.",
      details: { repository: repository.ref.id, status: answer.status },
    },
  );
}

function sent(entry: Entry): MergeResult {
  const where = entry === null ? "" : `, at position ${String(entry.position)} (${entry.state.toLowerCase()})`;
  return { is: "sent", message: `it is in GitHub's merge queue${where}` };
}

function refused(because: Extract<MergeResult, { is: "refused" }>["because"], message: string): MergeResult {
  return { is: "refused", because, message };
}
