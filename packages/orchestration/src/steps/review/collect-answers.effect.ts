import { outputRefSchema, type OutputRef } from "@millrace/contracts";
import type { Change } from "@millrace/kernel";
import { z } from "zod";
import { foldTexts, hasAnythingToFold } from "./review.logic.js";
import { defineEffect } from "../../run/model/call-effect.js";
import { textOutput } from "../shared/output.js";
import { SAMPLE_OUTPUT } from "../shared/samples.js";

const inputSchema = z.strictObject({ review: z.string().min(1), feedback: z.string() });

/** What people answered to the findings of a review that is frozen. */
export const collectedAnswersSchema = z.discriminatedUnion("is", [
  /** Somebody reopened a finding at the last moment. */
  z.strictObject({ is: z.literal("open"), count: z.number().int().positive() }),
  z.strictObject({ is: z.literal("nothing") }),
  z.strictObject({ is: z.literal("answers"), texts: z.array(outputRefSchema), nextId: z.string() }),
]);
export type CollectedAnswers = z.infer<typeof collectedAnswersSchema>;

/** Reads a frozen review's findings and writes what must be folded in. Frozen, so a repeated call collects the same. */
export const collectAnswers = defineEffect({
  name: "collect-answers",
  input: inputSchema,
  samples: [
    ["has answers", { is: "answers", texts: [SAMPLE_OUTPUT], nextId: "rev_after" }],
    ["has nothing to fold", { is: "nothing" }],
    ["finds one open", { is: "open", count: 1 }],
  ],
  async perform({ review, feedback }, context) {
    const { run, key, ports } = context;
    const items = await ports.store.reviews.items(run.workspaceId, review);
    const count = items.filter(({ status }) => status === "open").length;
    if (count > 0) return { value: { is: "open", count } };
    if (!hasAnythingToFold(feedback, items)) return { value: { is: "nothing" } };
    const texts: OutputRef[] = [];
    const writes: Change[] = [];
    for (const [index, text] of foldTexts(feedback, items).entries()) {
      const { output, write } = await textOutput(context, text, `${key}/${index + 1}`);
      texts.push(output);
      writes.push(write);
    }
    return { value: { is: "answers", texts: texts.map((text) => ({ ...text })), nextId: ports.ids.next("rev") }, writes };
  },
});
