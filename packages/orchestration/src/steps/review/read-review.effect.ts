import { outputRefSchema, reviewSchema, type JsonValue, type Review } from "@millrace/contracts";
import { renderFindings } from "@millrace/agents";
import { digestText } from "@millrace/kernel";
import { z } from "zod";
import { findingsInShort } from "./review.logic.js";
import { defineEffect } from "../../run/model/call-effect.js";
import { textOutput } from "../shared/output.js";
import { SAMPLE_OUTPUT } from "../shared/samples.js";

const inputSchema = z.strictObject({ kind: z.string().min(1) });

/** The latest review of a kind at the time its step begins. */
export const readReviewSchema = z.strictObject({
  /** Digest of the current description of the task. */
  description: z.string(),
  /** Id for the next review. */
  nextId: z.string(),
  /** The latest review of the kind; `isCurrent`: it is about the current description. Null when there is none. */
  latest: reviewSchema.pick({ id: true, iteration: true, status: true, document: true }).extend({ isCurrent: z.boolean() }).nullable(),
  /** Its findings for people, when it is open and about the current description; else null. */
  carried: z.strictObject({ output: outputRefSchema, inShort: z.string() }).nullable(),
});
/** The latest review of a kind at the time its step begins. */
export type ReadReview = z.infer<typeof readReviewSchema>;

function earlierReview(status: Review["status"], isCurrent: boolean): JsonValue {
  return {
    description: "d",
    nextId: "rev_next",
    latest: { id: "rev_old", iteration: 1, status, document: null, isCurrent },
    carried: isCurrent && status !== "incorporated" ? { output: SAMPLE_OUTPUT, inShort: "one" } : null,
  };
}

/** Reads the latest review of a kind on the run's block. Idempotent: it only writes the text of what it found. */
export const readReview = defineEffect({
  name: "read-review",
  input: inputSchema,
  samples: [
    ["finds none", { description: "d", nextId: "rev_next", latest: null, carried: null }],
    ["finds a closed one", earlierReview("incorporated", true)],
    ["finds one of another description", earlierReview("ready", false)],
    ["finds one with findings", earlierReview("ready", true)],
    ["finds one that was being folded", earlierReview("incorporating", true)],
    ["finds one at its cap", earlierReview("exceeded", true)],
  ],
  async perform({ kind }, context) {
    const { input, ports } = context;
    const { workspaceId, id: blockId } = input.block;
    const description = await digestText(input.block.description);
    const review = await ports.store.reviews.latest(workspaceId, blockId, kind);
    const found = { description, nextId: ports.ids.next("rev") };
    if (review === null || review.status === "superseded") return { value: { ...found, latest: null, carried: null } };
    const { id, iteration, status, document } = review;
    const isCurrent = review.description === description;
    const latest = { id, iteration, status, document: document === null ? null : { ...document }, isCurrent };
    if (!isCurrent || status === "incorporated") return { value: { ...found, latest, carried: null } };
    const items = await ports.store.reviews.items(workspaceId, id);
    const { output, write } = await textOutput(context, renderFindings(items));
    return { value: { ...found, latest, carried: { output: { ...output }, inShort: findingsInShort(items) } }, writes: [write] };
  },
});
