/**
 * Merging through GitHub's merge queue: the head is handed in, GitHub tests it together with what is before it and lands it, or takes
 * it out. Nothing is remembered here: every call reads where the pull request stands.
 * 1. Exactly the expected head is handed in, and GitHub takes it out when somebody pushes.
 * 2. One that was taken out since this merge was asked for is refused, with GitHub's reason; it is not handed in again.
 */
import type { CommitSha } from "@millrace/contracts";
import type { MergeResult } from "@millrace/kernel";
import { MillraceError } from "@millrace/kernel";
import { z } from "zod";
import { DEQUEUE, ENQUEUE, QUEUE } from "./graphql-texts.js";
import { headOf, readPull } from "./pull-requests.js";
import type { Place } from "./repository.js";
import type { Pull } from "./shapes.schema.js";

export interface QueueOrder {
  readonly number: number;
  readonly head: CommitSha;
  /** Epoch ms: what happened before is about an earlier merge. */
  readonly askedAt: number;
}

/** The merge that happened, if one did. */
export type Landed = (pull: Pull) => Promise<MergeResult | null>;

const entrySchema = z.object({ state: z.string(), position: z.number().int() }).nullable();
const removedSchema = z.object({
  __typename: z.literal("RemovedFromMergeQueueEvent"),
  createdAt: z.string().transform((text) => Date.parse(text)),
  reason: z.string().nullable(),
});
const queueSchema = z.object({
  node: z.object({
    isMergeQueueEnabled: z.boolean(),
    mergeQueueEntry: entrySchema,
    timelineItems: z.object({ nodes: z.array(removedSchema.nullable().catch(null)) }),
  }),
});
const enqueuedSchema = z.object({ enqueuePullRequest: z.object({ mergeQueueEntry: entrySchema }) });

type Entry = z.infer<typeof entrySchema>;

/** Where a pull request stands in the queue of its base. */
export interface QueueStanding {
  readonly isEnabled: boolean;
  readonly entry: Entry;
  /** The last thing that happened to it there, when it was taken out. */
  readonly removed: { readonly at: number; readonly reason: string } | null;
}

/** Null where GitHub does not tell: no GraphQL, or a version without merge queues. */
export async function readQueue({ client }: Place, pull: Pull): Promise<QueueStanding | null> {
  const answer = await client.query(QUEUE, { id: pull.node_id }, queueSchema);
  if (answer.is === "refused") return null;
  const { isMergeQueueEnabled, mergeQueueEntry, timelineItems } = answer.value.node;
  const last = timelineItems.nodes.at(-1) ?? null;
  const removed = last === null ? null : { at: last.createdAt, reason: last.reason ?? "without a reason" };
  return { isEnabled: isMergeQueueEnabled, entry: mergeQueueEntry, removed };
}

export async function landThroughQueue(place: Place, order: QueueOrder, landed: Landed): Promise<MergeResult> {
  const now = await standing(place, order, landed);
  if (now !== null) return now;
  const pull = await readPull(place, order.number);
  const answer = await place.client.mutate(ENQUEUE, { id: pull.node_id, head: order.head }, enqueuedSchema);
  if (answer.is === "ok") return sent(answer.value.enqueuePullRequest.mergeQueueEntry);
  // Somebody else handed it in, pushed, merged; or GitHub's rules stand in the way.
  const after = await standing(place, order, landed);
  if (after !== null) return after;
  if ((await readPull(place, order.number)).mergeable === false)
    return refused("conflicted", `GitHub's merge queue does not take it: ${answer.message}`);
  return refused("checks", `GitHub's merge queue does not take it: ${answer.message}`);
}

/** What there is to say without handing it in; null when it is neither in the queue nor was taken out of it. */
async function standing(place: Place, { number, head, askedAt }: QueueOrder, landed: Landed): Promise<MergeResult | null> {
  const pull = await readPull(place, number);
  const done = await landed(pull);
  if (done !== null) return done;
  if (pull.state !== "open") return refused("not-open", `pull request ${String(number)} is closed`);
  const is = await headOf(place, pull);
  if (is !== head) return refused("head-moved", `the head is ${is}, not ${head}`);
  const queue = await readQueue(place, pull);
  if (queue === null)
    return refused("not-allowed", `'${pull.base.ref}' takes changes through a merge queue, and GitHub's GraphQL is refused`);
  if (queue.entry !== null) return sent(queue.entry);
  if (queue.removed === null || queue.removed.at < askedAt) return null;
  const because = /^merge_conflict$/i.test(queue.removed.reason) ? "conflicted" : "checks";
  return refused(because, `GitHub took it out of the merge queue: ${queue.removed.reason}`);
}

/** Takes a pull request out of the queue. @throws MillraceError `forge_failed` while it is being merged. */
export async function leaveQueue(place: Place, number: number): Promise<void> {
  const pull = await readPull(place, number);
  if (pull.merged || pull.state !== "open" || (await readQueue(place, pull))?.entry == null) return;
  const answer = await place.client.mutate(DEQUEUE, { id: pull.node_id }, z.unknown());
  if (answer.is === "ok" || (await readQueue(place, pull))?.entry == null) return;
  throw new MillraceError(
    "forge_failed",
    `GitHub does not take pull request ${String(number)} of '${place.ref.id}' out of the merge queue`,
    {
      fix: "Nothing to do when it is being merged just now; otherwise take it out on GitHub.",
      details: { repository: place.ref.id, status: answer.status },
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
