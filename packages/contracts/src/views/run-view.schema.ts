import { z } from "zod";
import { humanAnswerSchema } from "../run/events.schema.js";
import { pullRequestRefSchema, repositoryRefSchema } from "../run/evidence.schema.js";
import { approvalRecordSchema, holdSchema, humanWaitSchema, outputRefSchema, runFailureSchema, stepSchema } from "../run/entity.schema.js";
import { actorSchema, agentKindSchema, commitShaSchema, idSchema, timestampSchema } from "../shared/scalars.schema.js";
import { timelineEntrySchema } from "./described-event.schema.js";
import { runReasonSchema } from "./run-reason.schema.js";
import { stepStateViewSchema } from "./step-state-view.schema.js";

/** The states of a run; `docs/states.md` says when each is entered and left. */
export const runStatusSchema = z.enum(["running", "waiting", "paused", "stopping", "done", "failed", "cancelled"]);
/** The state of a run. */
export type RunStatus = z.infer<typeof runStatusSchema>;

/** The states of a step; `docs/states.md` says when each is entered and left. */
export const stepStatusSchema = z.enum(["pending", "running", "waiting", "paused", "stopping", "done", "skipped", "failed", "cancelled"]);
/** The state of a step. */
export type StepStatus = z.infer<typeof stepStatusSchema>;

const ms = z.number().nonnegative();

/** A step of a run as it is shown: where it stands, what it stands on, and what its kind shows of its state. */
export const stepViewSchema = z.strictObject({
  /** From 1. */
  number: z.number().int().positive(),
  kind: agentKindSchema,
  state: stepStatusSchema,
  /** Current activity, or the reason it was skipped; null without either. */
  doing: z.string().nullable(),
  /** From 1; grows each time the step starts over inside its run. */
  attempt: z.number().int().positive(),
  /** Label of the model it ran on last; null when that is not known. */
  model: z.string().nullable(),
  /** Time worked so far in ms, without the time spent waiting for people; null before it started. */
  durationMs: ms.nullable(),
  /** Time spent waiting for people so far, in ms. */
  waitedMs: ms,
  output: outputRefSchema.nullable(),
  /** Questions its agent asked, and what people chose. */
  decisions: stepSchema.shape.decisions.unwrap(),
  approved: approvalRecordSchema.nullable(),
  ...stepStateViewSchema.shape,
});
/** A step of a run as it is shown. */
export type StepView = z.infer<typeof stepViewSchema>;

/** The open wait of a run: what people are asked, what their answer is bound to, and which answers fit. */
export const waitViewSchema = humanWaitSchema.extend({
  /** The text to be judged; null when it is not a text but a commit, or is not kept any more. */
  text: z.string().nullable(),
  /** Kinds of answers that fit. */
  answers: z.array(z.enum(humanAnswerSchema.options.map((option) => option.shape.answer.value))),
});
/** The open wait of a run. */
export type WaitView = z.infer<typeof waitViewSchema>;

/** Usage of a run so far, of every call whatever came of it. `calls` 0: nothing was spent. */
export const costViewSchema = z.strictObject({
  calls: z.number().int().nonnegative(),
  /** Tokens by class, of the calls that reported them. */
  inputTokens: z.number().int().nonnegative(),
  outputTokens: z.number().int().nonnegative(),
  cacheReadTokens: z.number().int().nonnegative(),
  cacheWriteTokens: z.number().int().nonnegative(),
  /** What was settled, in millionths of the price list's currency. */
  settledMicros: z.number().int().nonnegative(),
  /** Calls of unknown cost, which were settled at what was reserved for them. */
  estimatedCalls: z.number().int().nonnegative(),
});
/** Usage of a run so far; costs in millionths. */
export type CostView = z.infer<typeof costViewSchema>;

/**
 * A run as it is shown, by every door: the command line, the HTTP API, the board page. Times are epoch milliseconds, lengths of time
 * milliseconds. It is true at `revision`.
 */
export const runViewSchema = z.strictObject({
  id: idSchema,
  revision: z.number().int().positive(),
  status: runStatusSchema,
  /** Why it is where it is; `why` of `@millrace/contracts/why` makes the sentence. */
  reason: runReasonSchema,
  task: z.strictObject({ id: idSchema, title: z.string() }),
  pipeline: z.strictObject({ id: idSchema, name: z.string() }),
  startedBy: actorSchema,
  startedAt: timestampSchema,
  finishedAt: timestampSchema.nullable(),
  /** The run this one retries or restarts. */
  supersedes: idSchema.nullable(),
  repository: repositoryRefSchema.nullable(),
  pullRequest: pullRequestRefSchema.nullable(),
  /** The commit that landed. */
  merged: commitShaSchema.nullable(),
  steps: z.array(stepViewSchema).min(1),
  wait: waitViewSchema.nullable(),
  /** Why it is paused, and until when; null `until`: until a person resumes it. */
  paused: holdSchema.nullable(),
  failure: runFailureSchema.nullable(),
  cancelled: z.strictObject({ by: actorSchema, reason: z.string() }).nullable(),
  cost: costViewSchema,
  /** Its events, oldest first. */
  timeline: z.array(timelineEntrySchema),
});
/** A run as it is shown. */
export type RunView = z.infer<typeof runViewSchema>;
