import { z } from "zod";
import { onCallAssessmentSchema } from "../run/artifacts.schema.js";
import { checkSchema, mergeAssessmentSchema, verdictSchema } from "../run/evidence.schema.js";
import { commitShaSchema, timestampSchema, unitSchema } from "../shared/scalars.schema.js";

/**
 * A gate's conclusion with its evidence: what was judged (`head` merged into `base` under `settings`), every check that was seen, and the
 * names of those that make it red.
 */
export const verdictViewSchema = verdictSchema
  .omit({ gate: true, observed: true })
  .extend({ checks: z.array(checkSchema), failing: z.array(z.string()) });
/** A gate's conclusion with its evidence. */
export type VerdictView = z.infer<typeof verdictViewSchema>;

/** One dispatch of a helper. `attempt` counts from 1; `head` is what it was sent for, null when no head was observed. */
export const helperViewSchema = z.strictObject({
  attempt: z.number().int().positive(),
  at: timestampSchema,
  outcome: z.enum(["completed", "failed"]),
  head: commitShaSchema.nullable(),
  summary: z.string(),
});
/** One dispatch of a helper, with its result. */
export type HelperView = z.infer<typeof helperViewSchema>;

/**
 * The bounded loop of a step: repairs of a gate or a tester, reworks of a companion, iterations of a review. `agent` is the kind that is
 * sent; null: the step that made the work.
 */
export const loopViewSchema = z.strictObject({
  agent: z.string().nullable(),
  used: z.number().int().nonnegative(),
  allowed: z.number().int().nonnegative(),
});
/** The bounded loop of a step: how often it went round, and how often it may. */
export type LoopView = z.infer<typeof loopViewSchema>;

/** One grade of a companion; `passed` when `rating` reached `bar` and no comment of the first round was left open. */
export const ratingViewSchema = z.strictObject({
  rating: unitSchema,
  bar: unitSchema,
  passed: z.boolean(),
  summary: z.string(),
  comments: z.array(z.string()),
});
/** One grade of a companion. */
export type RatingView = z.infer<typeof ratingViewSchema>;

/** The last report of a tester as the engine judged it. `head` is the commit that was tested; null when it was not observed. */
export const testReportViewSchema = z.strictObject({
  accepted: z.boolean(),
  because: z.string(),
  summary: z.string(),
  concerns: z.array(z.strictObject({ title: z.string(), severity: z.enum(["low", "medium", "high", "critical"]) })),
  head: commitShaSchema.nullable(),
});
/** The last report of a tester as the engine judged it. */
export type TestReportView = z.infer<typeof testReportViewSchema>;

/** Progress of a review. `iteration` counts from 1; `findings` names them in one line, null while the first iteration is still running. */
export const reviewViewSchema = z.strictObject({
  iteration: z.number().int().positive(),
  stage: z.enum(["reviewing", "asking", "folding"]),
  findings: z.string().nullable(),
});
/** Progress of a review: its iteration, from 1, and its findings in one line. */
export type ReviewView = z.infer<typeof reviewViewSchema>;

/**
 * Public part of a step kind's state. Every field is null or empty for a kind that has nothing of it, so that a reader never has to
 * know which kind it looks at.
 */
export const stepStateViewSchema = z.strictObject({
  verdict: verdictViewSchema.nullable(),
  helpers: z.array(helperViewSchema),
  loop: loopViewSchema.nullable(),
  ratings: z.array(ratingViewSchema),
  report: testReportViewSchema.nullable(),
  review: reviewViewSchema.nullable(),
  /** A merger's scores of the change. */
  assessment: mergeAssessmentSchema.nullable(),
  /** Why a merger does not merge by itself; null when it does, or has not assessed the change yet. */
  withheld: z.string().nullable(),
  /** The forge's last message about a merge that it accepted and has not landed yet. */
  mergeSent: z.string().nullable(),
  /** The change waits for its turn in the landing queue. */
  isInLine: z.boolean(),
  /** The on-call agent's assessment of a regression. */
  investigation: onCallAssessmentSchema.nullable(),
  /** Anything else a reader should know, in one line: what the signals of a release said, why a ticket was not filed. */
  note: z.string().nullable(),
});
/** Public part of a step kind's state, null or empty where the kind has none. */
export type StepStateView = z.infer<typeof stepStateViewSchema>;
