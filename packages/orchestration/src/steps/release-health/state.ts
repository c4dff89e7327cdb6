/** The memory of a watch: its window, what the signals said last, and the investigation. */
import { onCallAssessmentSchema, timestampSchema } from "@millrace/contracts";
import { z } from "zod";
import { countEviction, evictedFactSchema, evictionsSchema } from "../shared/recovery.logic.js";

const watchSchema = z.strictObject({
  since: timestampSchema,
  windowMs: z.number().int().positive(),
  budget: z.number().int().nonnegative(),
});
/** State of a watch. */
export const stateSchema = z.strictObject({
  kind: z.literal("release-health"),
  /** Null until the step is entered. */
  watch: watchSchema.nullable(),
  attempts: z.number().int().nonnegative(),
  /** The last judgement of the signals, in words. */
  summary: z.string().max(4000),
  /** The brief of the on-call agent; null until one was sent. */
  brief: z.string().max(8000).nullable(),
  assessment: onCallAssessmentSchema.nullable(),
  /** The notification of the regression was raised. */
  told: z.boolean(),
  evictions: evictionsSchema,
});
/** Facts of a watch. */
export const factSchema = z.discriminatedUnion("is", [
  watchSchema.extend({ is: z.literal("watching") }),
  z.strictObject({ is: z.literal("nothing-to-watch"), because: z.string() }),
  z.strictObject({ is: z.literal("unwatched"), because: z.string() }),
  z.strictObject({ is: z.literal("healthy"), because: z.string() }),
  z.strictObject({ is: z.literal("regressed"), because: z.string().max(4000) }),
  z.strictObject({ is: z.literal("helper-sent"), helper: z.string(), brief: z.string().max(8000) }),
  z.strictObject({ is: z.literal("investigated"), assessment: onCallAssessmentSchema.nullable(), summary: z.string().max(8000) }),
  z.strictObject({ is: z.literal("not-enriched"), why: z.string().max(4000) }),
  evictedFactSchema,
]);
/** State of a watch. */
export type State = z.infer<typeof stateSchema>;
/** A fact of a watch. */
export type Fact = z.infer<typeof factSchema>;
/** The state after a fact. */
export function fold(state: State, fact: Fact): State {
  switch (fact.is) {
    case "watching": {
      const { is: _, ...watch } = fact;
      return { ...state, watch: state.watch ?? watch };
    }
    case "nothing-to-watch":
    case "unwatched":
    case "healthy":
    case "not-enriched":
      return state;
    case "regressed":
      return { ...state, summary: fact.because };
    case "helper-sent":
      return { ...state, attempts: state.attempts + 1, brief: fact.brief };
    case "investigated":
      return { ...state, assessment: fact.assessment, told: true };
    case "evicted":
      return { ...state, evictions: countEviction(state.evictions, fact) };
  }
}
