/** The memory of a merger: its assessment, and how often it sent the run back to its gates. */
import { mergeAssessmentSchema } from "@millrace/contracts";
import { z } from "zod";
import { countEviction, evictedFactSchema, evictionsSchema } from "../shared/recovery.logic.js";

const assessmentFactSchema = z.strictObject({
  is: z.literal("assessed"),
  assessment: mergeAssessmentSchema.nullable(),
  withheld: z.string().nullable(),
});
/** State of a merger. */
export const stateSchema = z.strictObject({
  kind: z.literal("merger"),
  assessment: mergeAssessmentSchema.nullable(),
  /** Why it does not merge by itself; null when it does, or is not assessed yet. */
  withheld: z.string().nullable(),
  revisits: z.number().int().nonnegative(),
  /** The last message of the forge about a merge that it has taken and not landed. */
  sent: z.string().optional(),
  evictions: evictionsSchema,
});
/** Facts of a merger. */
export const factSchema = z.discriminatedUnion("is", [
  assessmentFactSchema,
  z.strictObject({ is: z.literal("revisit"), because: z.string() }),
  /** The forge has taken the merge, and lands it by itself. */
  z.strictObject({ is: z.literal("sent"), message: z.string().max(4000) }),
  /** The task could not be moved into its module after the merge. */
  z.strictObject({ is: z.literal("not-assigned"), why: z.string().max(4000) }),
  evictedFactSchema,
]);
/** State of a merger. */
export type State = z.infer<typeof stateSchema>;
/** A fact of a merger. */
export type Fact = z.infer<typeof factSchema>;
/** The state after a fact. */
export function fold(state: State, fact: Fact): State {
  switch (fact.is) {
    case "assessed":
      return { ...state, assessment: fact.assessment, withheld: fact.withheld };
    case "revisit":
      return { ...state, revisits: state.revisits + 1, assessment: null, withheld: null };
    case "sent":
      return { ...state, sent: fact.message };
    case "not-assigned":
      return state;
    case "evicted":
      return { ...state, evictions: countEviction(state.evictions, fact) };
  }
}
