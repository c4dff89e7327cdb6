/** The memory of a tester: its last report, and the rounds of the repair loop. */
import { commitShaSchema, testReportSchema } from "@millrace/contracts";
import { z } from "zod";
import { attemptOf, attemptSchema, helperReturnedSchema } from "../shared/attempts.logic.js";
import { roundFindingsSchema, ROUNDS_KEPT } from "../shared/findings.logic.js";
import { countEviction, evictedFactSchema, evictionsSchema, NO_EVICTIONS } from "../shared/recovery.logic.js";

const severitySchema = testReportSchema.shape.concerns.unwrap().element.shape.severity;
const reportSchema = z.strictObject({
  greenlight: z.boolean(),
  summary: z.string().max(2000),
  concerns: z.array(z.strictObject({ title: z.string().max(300), severity: severitySchema })).max(100),
  /** The head that was tested; null where none was observed. */
  head: commitShaSchema.nullable(),
  accepted: z.boolean(),
  because: z.string().max(1000),
});
/** The measure by which rounds are compared: fingerprints of all findings, and the number of those that must not ship. */
const roundSchema = z.strictObject({ findings: roundFindingsSchema, blocking: z.number().int().nonnegative() });
/** State of a tester. */
export const stateSchema = z.strictObject({
  kind: z.literal("tester"),
  phase: z.enum(["testing", "fixing"]),
  /** Read from the preset when the step is first entered; null before. */
  budget: z.number().int().nonnegative().nullable(),
  attempts: z.number().int().nonnegative(),
  report: reportSchema.nullable(),
  rounds: z.array(roundSchema).max(ROUNDS_KEPT),
  /** The last report in words, for the fixer and for the tester's next look; null until there was one. */
  brief: z.string().max(8000).nullable(),
  log: z.array(attemptSchema),
  /** Of the job in flight; the next one has its own. */
  evictions: evictionsSchema,
});
/** Facts of a tester. */
export const factSchema = z.discriminatedUnion("is", [
  z.strictObject({ is: z.literal("budgeted"), budget: z.number().int().nonnegative() }),
  z.strictObject({
    is: z.literal("tested"),
    report: reportSchema,
    brief: z.string().max(8000),
    round: roundSchema,
    compared: z.strictObject({ fresh: z.number().int(), repeated: z.number().int(), reseeded: z.number().int() }),
  }),
  z.strictObject({ is: z.literal("untested"), because: z.string().max(2000), brief: z.string().max(8000) }),
  z.strictObject({ is: z.literal("helper-sent"), head: commitShaSchema.nullable(), helper: z.string() }),
  helperReturnedSchema,
  evictedFactSchema,
]);
/** State of a tester. */
export type State = z.infer<typeof stateSchema>;
/** A fact of a tester. */
export type Fact = z.infer<typeof factSchema>;
/** The state after a fact. */
export function fold(state: State, fact: Fact): State {
  switch (fact.is) {
    // Entered, perhaps again: earlier rounds are about work that was redone since.
    case "budgeted":
      return { ...state, phase: "testing", budget: state.budget ?? fact.budget, rounds: [], evictions: NO_EVICTIONS };
    case "tested":
      return {
        ...state,
        report: fact.report,
        brief: fact.brief,
        rounds: [...state.rounds, fact.round].slice(-ROUNDS_KEPT),
        evictions: NO_EVICTIONS,
      };
    case "untested":
      return { ...state, brief: fact.brief, evictions: NO_EVICTIONS };
    case "helper-sent":
      return { ...state, phase: "fixing", attempts: state.attempts + 1 };
    case "helper-returned":
      return { ...state, phase: "testing", log: [...state.log, attemptOf(fact)], evictions: NO_EVICTIONS };
    case "evicted":
      return { ...state, evictions: countEviction(state.evictions, fact) };
  }
}
