import { z } from "zod";
import { foldBrief, hasAnythingToFold } from "../policy/review.logic.js";
import { defineEffect } from "./effect.js";
import { textOutput } from "./output.js";

/** Reads what people answered to a review whose findings are frozen, as one text for whoever writes the document anew. */
export const collectAnswers = defineEffect({
  name: "collect-answers",
  input: z.strictObject({ reviewId: z.string().min(1), feedback: z.string().max(4000) }),
  async perform({ reviewId, feedback }, context) {
    const items = await context.ports.store.reviews.items(context.run.workspaceId, reviewId);
    const open = items.filter(({ status }) => status === "open").length;
    if (open > 0 || !hasAnythingToFold(feedback, items)) return { value: { open, answers: null } };
    const { output, write } = await textOutput(context, foldBrief(feedback, items));
    return { value: { open, answers: { ...output } }, writes: [write] };
  },
});
