import { z } from "zod";
import { estimateSchema } from "./estimate.schema.js";
import { mergeRecordSchema, pullRequestRefSchema } from "./evidence.schema.js";
import {
  approvalRecordSchema,
  effectKeySchema,
  effectSchema,
  holdSchema,
  humanWaitSchema,
  jobRefSchema,
  outputRefSchema,
  revisionSchema,
  runFailureSchema,
  runSchema,
  stopOutcomeSchema,
} from "./entity.schema.js";
import { foldedFragmentsSchema } from "../fragments/entity.schema.js";
import { eventRecordFields } from "../shared/event-record.schema.js";

const step = z.number().int().nonnegative();

/** A person's answer to a wait. */
export const humanAnswerSchema = z.discriminatedUnion("answer", [
  z.strictObject({ answer: z.literal("choose"), option: z.string().min(1).max(500) }),
  /** `edited` replaces the proposal; what follows reads the edited text. */
  z.strictObject({ answer: z.literal("approve"), edited: outputRefSchema.nullable() }),
  z.strictObject({ answer: z.literal("request-changes"), revision: revisionSchema }),
  z.strictObject({ answer: z.literal("reject"), reason: z.string().max(2000) }),
  z.strictObject({ answer: z.literal("extra-round") }),
  z.strictObject({ answer: z.literal("proceed") }),
  /** Fold the answered findings of a review into its document, following `feedback` when there is any. */
  z.strictObject({ answer: z.literal("incorporate"), feedback: z.string().max(4000) }),
]);
/** The recorded form of an answer: texts are references into the outputs table. */
export type HumanAnswer = z.infer<typeof humanAnswerSchema>;

/**
 * A fact that a step kind folds into its own state: a verdict, a rating, the return of a helper.
 * The kind that owns the fact validates it; `is` names it in the timeline.
 */
export const stepFactSchema = z.looseObject({ is: z.string().min(1).max(60) });
/** A step kind's own event, opaque to the engine apart from its name. */
export type StepFact = z.infer<typeof stepFactSchema>;

/** Event of a run, in the past tense. Folding the events gives the stored run, from any prefix. */
export const runEventSchema = z.discriminatedUnion("type", [
  z.strictObject({ type: z.literal("run-started"), run: runSchema }),
  z.strictObject({ type: z.literal("step-entered"), step }),
  z.strictObject({
    type: z.literal("effect-requested"),
    step,
    effect: effectSchema,
    /** The `provider:model` label its agent will run on, as far as it is known before the call; the call's own word replaces it. */
    model: z.string().max(200).optional(),
    /** Prompt of its agent kind with its version, `coder@v1`. */
    prompt: z.string().max(80).optional(),
    /** Guidance of people that its prompt is given; left out where the block and its service name none. */
    fragments: foldedFragmentsSchema.optional(),
  }),
  z.strictObject({ type: z.literal("effect-failed"), step, key: effectKeySchema, code: z.string(), message: z.string().max(4000) }),
  /** The run is paused in front of the effect with this key. */
  z.strictObject({ type: z.literal("effect-held"), step, key: effectKeySchema, hold: holdSchema }),
  z.strictObject({ type: z.literal("effect-released"), step, key: effectKeySchema }),
  z.strictObject({ type: z.literal("job-started"), step, job: jobRefSchema }),
  z.strictObject({ type: z.literal("fact-recorded"), step, fact: stepFactSchema }),
  z.strictObject({ type: z.literal("output-recorded"), step, output: outputRefSchema, model: z.string().nullable() }),
  z.strictObject({ type: z.literal("pull-request-recorded"), step, pullRequest: pullRequestRefSchema }),
  z.strictObject({ type: z.literal("estimate-recorded"), step, estimate: estimateSchema }),
  z.strictObject({ type: z.literal("human-asked"), step, wait: humanWaitSchema }),
  /** One of several approvers said yes; the wait stays open. */
  z.strictObject({ type: z.literal("human-agreed"), step, wait: z.string(), by: z.string() }),
  z.strictObject({ type: z.literal("human-answered"), step, wait: z.string(), by: z.string(), answer: humanAnswerSchema }),
  z.strictObject({ type: z.literal("step-approved"), step, approval: approvalRecordSchema }),
  /** Steps `from`..`to` start over; `from` is told why. */
  z.strictObject({
    type: z.literal("rework-requested"),
    step,
    from: step,
    to: step,
    revision: revisionSchema.nullable(),
    why: z.string().max(10_000),
  }),
  z.strictObject({ type: z.literal("merged"), step, record: mergeRecordSchema }),
  z.strictObject({ type: z.literal("step-finished"), step }),
  z.strictObject({ type: z.literal("step-skipped"), step, reason: z.string().max(1000) }),
  z.strictObject({ type: z.literal("stop-requested"), then: stopOutcomeSchema }),
  z.strictObject({ type: z.literal("run-finished") }),
  z.strictObject({ type: z.literal("run-failed"), failure: runFailureSchema }),
  z.strictObject({ type: z.literal("run-cancelled"), reason: z.string().max(2000) }),
]);
/** The payload of a run event; `type` discriminates the union. docs/events.md describes each. */
export type RunEventBody = z.infer<typeof runEventSchema>;
/** Name of a run event, in the past tense: `step-entered`, `job-started`, … */
export type RunEventType = RunEventBody["type"];

/** Event of a run, with its actor and time. */
export const runEventRecordSchema = z.strictObject({ ...eventRecordFields, event: runEventSchema });
/** A stored entry of a run's log: shape version, time and actor around its `event`. */
export type RunEvent = z.infer<typeof runEventRecordSchema>;
