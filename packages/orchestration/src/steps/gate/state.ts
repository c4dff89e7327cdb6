/** The memory of a gate: its last verdict, and what was tried for which head. */
import { commitShaSchema, timestampSchema, verdictSchema } from "@millrace/contracts";
import { z } from "zod";
import { attemptOf, attemptSchema, helperReturnedSchema } from "../shared/attempts.logic.js";
import { fingerprintSchema, ROUNDS_KEPT } from "../shared/findings.logic.js";
import { countEviction, evictedFactSchema, evictionsSchema } from "../shared/recovery.logic.js";

/** A head a helper was sent for, and the fingerprint of what failed there; null where the checks do not say why they failed. */
const repairSchema = z.strictObject({ head: commitShaSchema, failing: fingerprintSchema.nullable() });
/** State of a gate step. */
export const stateSchema = z.strictObject({
  kind: z.literal("gate"),
  gate: z.string(),
  /** Read from the preset when the gate is first entered; null before. */
  budget: z.number().int().nonnegative().nullable(),
  attempts: z.number().int().nonnegative(),
  updates: z.number().int().nonnegative(),
  /** The head a helper was last sent for. */
  sentFor: commitShaSchema.nullable(),
  watching: z.strictObject({ head: commitShaSchema, since: timestampSchema }).nullable(),
  verdict: verdictSchema.nullable(),
  log: z.array(attemptSchema),
  /** The last heads a helper was sent for. Missing in runs that are older than it. */
  repairs: z.array(repairSchema).max(ROUNDS_KEPT).optional(),
  evictions: evictionsSchema,
});
/** Facts of a gate step. */
export const factSchema = z.discriminatedUnion("is", [
  z.strictObject({ is: z.literal("budgeted"), budget: z.number().int().nonnegative() }),
  z.strictObject({ is: z.literal("verdict"), verdict: verdictSchema }),
  z.strictObject({ is: z.literal("behind"), head: commitShaSchema, base: commitShaSchema }),
  z.strictObject({
    is: z.literal("helper-sent"),
    head: commitShaSchema,
    helper: z.string(),
    failing: fingerprintSchema.nullable().optional(),
  }),
  helperReturnedSchema,
  evictedFactSchema,
]);
/** State of a gate step. */
export type GateState = z.infer<typeof stateSchema>;
/** A fact of a gate step. */
export type Fact = z.infer<typeof factSchema>;
/** The gate state of a step; null when it is no gate. */
export function gateStateOf(state: { readonly kind: string }): GateState | null {
  return state.kind === "gate" ? stateSchema.parse(state) : null;
}
/** The state after a fact. */
export function fold(state: GateState, fact: Fact): GateState {
  switch (fact.is) {
    case "budgeted":
      return { ...state, budget: state.budget ?? fact.budget };
    case "verdict": {
      const { verdict } = fact;
      return {
        ...state,
        verdict,
        watching: state.watching?.head === verdict.head ? state.watching : { head: verdict.head, since: verdict.at },
      };
    }
    case "behind":
      return { ...state, updates: state.updates + 1, verdict: null };
    case "helper-sent": {
      const sent = { ...state, attempts: state.attempts + 1, sentFor: fact.head };
      if (fact.failing === undefined) return sent;
      return { ...sent, repairs: [...(state.repairs ?? []), { head: fact.head, failing: fact.failing }].slice(-ROUNDS_KEPT) };
    }
    case "helper-returned":
      return { ...state, log: [...state.log, attemptOf(fact)] };
    case "evicted":
      return { ...state, evictions: countEviction(state.evictions, fact) };
  }
}
