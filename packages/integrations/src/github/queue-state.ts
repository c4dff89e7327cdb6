/** What GitHub tells of the merge queue of a pull request's base. */
import { z } from "zod";
import { MERGE_QUEUE } from "./graphql-texts.js";
import type { OpenRepository } from "./repository.js";
import type { BranchRules } from "./rules.js";
import type { Pull } from "./shapes.schema.js";

/** An entry of the queue. */
export const entrySchema = z.object({ state: z.string(), position: z.number().int() }).nullable();
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
export type Entry = z.infer<typeof entrySchema>;

/** A pull request and the merge queue of its base. */
export interface MergeQueueState {
  readonly isEnabled: boolean;
  readonly entry: Entry;
  /** The removal, if the last queue event of the pull request is one. `at` is epoch ms. */
  readonly removed: { readonly at: number; readonly reason: string } | null;
}

/** Null if GitHub does not tell: GraphQL is refused, or this version has no merge queues. */
export async function readMergeQueue({ client }: OpenRepository, pull: Pull): Promise<MergeQueueState | null> {
  const answer = await client.query(MERGE_QUEUE, { id: pull.node_id }, queueSchema);
  if (answer.is === "refused") return null;
  const { isMergeQueueEnabled, mergeQueueEntry, timelineItems } = answer.value.node;
  const last = timelineItems.nodes.at(-1) ?? null;
  const removed = last === null ? null : { at: last.createdAt, reason: last.reason ?? "without a reason" };
  return { isEnabled: isMergeQueueEnabled, entry: mergeQueueEntry, removed };
}

/** A ruleset names its merge queue; a branch protection tells of one in GraphQL only. */
export async function usesMergeQueue(repository: OpenRepository, pull: Pull, { queue, guarded }: BranchRules): Promise<boolean> {
  if (pull.merged || queue || !guarded) return queue && !pull.merged;
  const state = await readMergeQueue(repository, pull);
  return state !== null && (state.isEnabled || state.entry !== null);
}
