import { z } from "zod";
import { pullRequestRefSchema, repositoryRefSchema, reviewCommentSchema } from "./evidence.schema.js";
import { estimateSchema } from "./estimate.schema.js";
import { stepDefinitionSchema } from "../pipelines/entity.schema.js";
import {
  actorSchema,
  agentKindSchema,
  commitShaSchema,
  digestSchema,
  idSchema,
  jsonSchema,
  timestampSchema,
} from "../shared/scalars.schema.js";

/** Shape version of a stored run. A reader upcasts older ones and refuses newer ones (promise P13). */
export const RUN_SHAPE_VERSION = 1;

/** A text kept in the outputs table. `digest` is the SHA-256 of the text, `chars` its length. */
export const outputRefSchema = z.strictObject({
  key: z.string().min(1).max(300),
  digest: digestSchema,
  chars: z.number().int().nonnegative(),
});
/** Reference to a stored text. Runs and events carry this instead of the text, so that they stay small. */
export type OutputRef = z.infer<typeof outputRefSchema>;

/** Identity of one effect: `run/step/attempt/phase.n`. The same key always means the same effect, before and after a crash. */
export const effectKeySchema = z.string().min(1).max(200);

/** A finding of one step that another agent must see, e.g. the failing checks for the ci-fixer. At most 8,000 characters. */
export const briefSchema = z.strictObject({ from: z.string().min(1).max(60), text: z.string().max(8000) });
/** A short text for an agent, inlined into the run; `from` names the step or gate it comes from. */
export type Brief = z.infer<typeof briefSchema>;

/** A longer text that an agent must see, kept in the outputs table. */
export const attachmentSchema = z.strictObject({ from: z.string().min(1).max(60), output: outputRefSchema });
/** A text for an agent by reference, for what is longer than a brief's 8,000 characters. */
export type Attachment = z.infer<typeof attachmentSchema>;

/** Participant of a consensus step: an addition to the kind's role, its model, and the form of its answer. */
export const participantSchema = z.strictObject({
  id: z.string().min(1).max(64),
  role: z.string().max(4000),
  model: z.string().max(200).nullable(),
  /** `scores`: it judges the attached drafts instead of answering as its kind does; `prose`: its answer has no shape. */
  answers: z.enum(["kind", "prose", "scores"]),
});
/** One voice of a consensus step. A null model is the agent kind's own. */
export type Participant = z.infer<typeof participantSchema>;

/** Request of a step to the outside. The state holds it before it is performed. */
export const effectRequestSchema = z.discriminatedUnion("do", [
  /** Ask an inline agent; the answer comes back in one call. */
  z.strictObject({
    do: z.literal("ask-agent"),
    kind: agentKindSchema,
    briefs: z.array(briefSchema),
    attachments: z.array(attachmentSchema).max(40).optional(),
    participant: participantSchema.optional(),
  }),
  /** Start a job of a coding agent. */
  z.strictObject({ do: z.literal("start-job"), kind: agentKindSchema, briefs: z.array(briefSchema) }),
  /** Read the pull request and, with `checks`, the checks of its head. */
  z.strictObject({
    do: z.literal("probe"),
    gate: z.string().min(1).max(60),
    pullRequest: pullRequestRefSchema,
    checks: z.boolean(),
    /** Reads the checks of a head that is behind its base, too. Default: false, such a head is about to be replaced. */
    evenBehind: z.boolean().optional(),
    /** Reads the digest of the change as well. Default: false. */
    diff: z.boolean().optional(),
  }),
  /** Merge the base into the pull request's branch, so that what is checked is what would land. */
  z.strictObject({ do: z.literal("update-branch"), pullRequest: pullRequestRefSchema, head: commitShaSchema }),
  /** Merge exactly this head into exactly this base. */
  z.strictObject({ do: z.literal("merge"), pullRequest: pullRequestRefSchema, head: commitShaSchema, base: commitShaSchema }),
  /** Anything else: an effect registered under `name`, which validates `input`. Providers of environments, tickets, signals … are called this way. */
  z.strictObject({ do: z.literal("call"), name: z.string().min(1).max(60), input: jsonSchema }),
]);
/** A call to the outside, as data: recorded in the run before it is made (promise P3). */
export type EffectRequest = z.infer<typeof effectRequestSchema>;

/**
 * Pause in front of an effect. `budget`: a cap on spending is reached. `quota`: a provider's usage window is used up.
 * `limit`: a service's request limit is used up. `outage`: a service does not answer.
 */
export const holdSchema = z.strictObject({
  because: z.enum(["budget", "quota", "limit", "outage"]),
  /** Time at which it is tried again; null: when a person resumes the run. */
  until: timestampSchema.nullable(),
  /** When it began; absent in what was stored before this was kept. A hold that begins in the future is of a clock that was set back. */
  since: timestampSchema.optional(),
  message: z.string().max(2000),
});
/** A pause in front of an effect: its reason and, where it ends by itself, the time in epoch ms. */
export type Hold = z.infer<typeof holdSchema>;

/** A requested effect. It stays in the run until its outcome is recorded, so that a restart repeats it under the same key. */
export const effectSchema = z.strictObject({
  key: effectKeySchema,
  request: effectRequestSchema,
  requestedAt: timestampSchema,
  /** Passing failures since the request. */
  tries: z.number().int().nonnegative(),
  /** Set while the run is paused in front of it. */
  hold: holdSchema.nullable().default(null),
});
/** A requested effect without an outcome yet; `tries` counts its passing failures. */
export type Effect = z.infer<typeof effectSchema>;

/** A job that is known to have started. `ref` is the executor's own address of it. */
export const jobRefSchema = z.strictObject({
  key: effectKeySchema,
  kind: agentKindSchema,
  ref: z.string().max(1000),
  model: z.string().max(200).nullable(),
});
/** Address of a started job: `key` finds it where the answer with `ref` was lost. */
export type JobRef = z.infer<typeof jobRefSchema>;

/** Name of a wait: kebab-case, 1 to 40 characters. An open vocabulary: step kinds declare their own. */
export const waitNameSchema: z.ZodString = z.string().regex(/^[a-z][a-z0-9-]{0,39}$/, "the name of a wait is kebab-case");

/**
 * Waits of the step kinds Millrace ships. `decision`: an agent asks a question; `approval`: a proposal is judged; `cap`: a loop has used
 * up its rounds; `merge`: a change is merged on a person's word; `review`: findings are answered; `untested`: a tester could not test.
 */
export const BUILT_IN_WAITS = ["decision", "approval", "cap", "merge", "review", "untested", "checks-blocked"] as const;

/** Wait of a step for people. `subject` is the digest of exactly what they are asked to judge. */
export const humanWaitSchema = z.strictObject({
  id: z.string().min(1).max(200),
  /** Name of the wait: one of `BUILT_IN_WAITS`, or a wait that the step kind declares. */
  on: waitNameSchema,
  question: z.string().max(8000),
  /** Answers offered, for a decision; empty otherwise. */
  options: z.array(z.string().min(1).max(500)).max(20),
  subject: digestSchema,
  output: outputRefSchema.nullable(),
  approvers: z.number().int().min(1).max(10),
  approvedBy: z.array(z.string()),
  openedAt: timestampSchema,
});
/** An open question to people. It is answered by its `id`, for exactly its `subject` (promise P5). */
export type HumanWait = z.infer<typeof humanWaitSchema>;

/** Activity of a step: the same union for every kind. */
export const activitySchema = z.discriminatedUnion("is", [
  z.strictObject({ is: z.literal("pending") }),
  z.strictObject({ is: z.literal("effect"), effect: effectSchema }),
  z.strictObject({ is: z.literal("job"), job: jobRefSchema, startedAt: timestampSchema, unreadable: z.number().int().nonnegative() }),
  z.strictObject({ is: z.literal("wait"), wait: humanWaitSchema }),
  z.strictObject({ is: z.literal("done") }),
  /** Left out on purpose; nothing was spent on it. */
  z.strictObject({ is: z.literal("skipped"), reason: z.string().max(1000) }),
]);
/** The six states of a step; the engine's loop depends on this tag and on nothing of the step kind. */
export type Activity = z.infer<typeof activitySchema>;

/**
 * State of a step kind. The engine sees only the tag; the step kind that owns the tag
 * validates the rest, so a new kind brings its own shape without touching this one.
 */
export const stepStateSchema = z.looseObject({ kind: z.string().min(1).max(60) });
/** Private state of a step kind, tagged with the kind that parses it. */
export type StepState = z.infer<typeof stepStateSchema>;

/** Request to do a step again: what people or a companion said of its output. */
export const revisionSchema = z.strictObject({
  previous: outputRefSchema.nullable(),
  feedback: z.string().max(10_000),
  comments: z.array(reviewCommentSchema).max(100),
});
/** Input of a reworked step: the rejected output, the feedback, and comments on its parts. */
export type Revision = z.infer<typeof revisionSchema>;

/** An approval that was given: by whom and for what. */
export const approvalRecordSchema = z.strictObject({ by: z.array(z.string()).min(1), subject: digestSchema, at: timestampSchema });
/** A complete approval. It is void as soon as `subject` is no longer the digest of what is proposed. */
export type ApprovalRecord = z.infer<typeof approvalRecordSchema>;

/** Fields at their default are left out of the stored document, because a run is written with every transition. */
export const stepSchema = z.strictObject({
  definition: stepDefinitionSchema,
  /** Grows with every reset of the step inside the run; part of every key. */
  attempt: z.number().int().positive(),
  /** Number of effects requested in this attempt; part of every key. */
  effects: z.number().int().nonnegative().default(0),
  /** Waits opened in this attempt; part of every wait id. */
  waits: z.number().int().nonnegative().default(0),
  state: stepStateSchema,
  activity: activitySchema,
  timing: z
    .strictObject({
      startedAt: timestampSchema.nullable().default(null),
      finishedAt: timestampSchema.nullable().default(null),
      /** Time spent waiting on people, in ms; excluded from the step's duration. */
      waitedMs: z.number().int().nonnegative().default(0),
    })
    .prefault({}),
  output: outputRefSchema.nullable().default(null),
  model: z.string().max(200).nullable().default(null),
  revision: revisionSchema.nullable().default(null),
  approved: approvalRecordSchema.nullable().default(null),
  /** Questions the agent of this step asked and what people chose. */
  decisions: z.array(z.strictObject({ question: z.string(), chosen: z.string() })).default([]),
});
/** A step of a run: its frozen definition, its counters, and what it is doing. */
export type Step = z.infer<typeof stepSchema>;

/** Families of failures; a run's `code` is the specific one. */
export const failureKindSchema = z.enum([
  "agent",
  "job_failed",
  "completion",
  "evicted",
  "timeout",
  "rejected",
  "companion_rejected",
  "gate_exhausted",
  "dispatch",
  "processing",
  "cancelled",
]);
/** Family of a failure, stable across versions: safe to branch on where `code` is too fine. */
export type FailureKind = z.infer<typeof failureKindSchema>;

/** Failure of a run. `code` is stable and specific (`nothing_committed`), `kind` is the family, `hint` the next thing to do. */
export const runFailureSchema = z.strictObject({
  kind: failureKindSchema,
  code: z.string().min(1).max(80),
  message: z.string().max(4000),
  detail: z.string().max(8000).nullable(),
  hint: z.string().max(1000),
  step: z.number().int().nonnegative(),
  at: timestampSchema,
});
/** The failure of a failed run, with the index of its step and the time in epoch ms. */
export type RunFailure = z.infer<typeof runFailureSchema>;

/** Outcome of a stop: `failed` can be retried, `cancelled` gives the block back to the plan. */
export const stopOutcomeSchema = z.discriminatedUnion("is", [
  z.strictObject({ is: z.literal("failed"), failure: runFailureSchema }),
  z.strictObject({ is: z.literal("cancelled"), reason: z.string().max(2000) }),
]);
/** The state that a stopping run gets once its job was seen to end. */
export type StopOutcome = z.infer<typeof stopOutcomeSchema>;

/** Lifecycle of a run. `done`, `failed` and `cancelled` are final: a retry is a new run. */
export const phaseSchema = z.discriminatedUnion("is", [
  z.strictObject({ is: z.literal("live") }),
  /** A stop was accepted; its end is written after the exit of the job was observed (promise P9). */
  z.strictObject({ is: z.literal("stopping"), then: stopOutcomeSchema, by: actorSchema, since: timestampSchema }),
  z.strictObject({ is: z.literal("done"), at: timestampSchema }),
  z.strictObject({ is: z.literal("failed"), failure: runFailureSchema }),
  z.strictObject({ is: z.literal("cancelled"), by: actorSchema, reason: z.string().max(2000), at: timestampSchema }),
]);
/** Lifecycle of a run, from `live` through `stopping` or directly to one of the three final phases. */
export type Phase = z.infer<typeof phaseSchema>;

/** One execution of a pipeline against one block: the fold of its events. */
export const runSchema = z.strictObject({
  id: idSchema,
  workspaceId: idSchema,
  blockId: idSchema,
  pipeline: z.strictObject({ id: idSchema, name: z.string(), digest: digestSchema }),
  /** Numbers of the behaviour flags the run started under. */
  flags: z.array(z.number().int().positive()),
  initiatedBy: actorSchema,
  /** The run this one retries or restarts. */
  supersedes: idSchema.nullable(),
  repository: repositoryRefSchema.nullable(),
  /** The pull request this run opened or took over. */
  pullRequest: pullRequestRefSchema.nullable(),
  /** The commit that landed, once the forge confirmed it. */
  merged: commitShaSchema.nullable(),
  /** Estimate by this run's estimator; an older run's never counts. */
  estimate: estimateSchema.nullable().default(null),
  startedAt: timestampSchema,
  finishedAt: timestampSchema.nullable(),
  steps: z.array(stepSchema).min(1),
  cursor: z.number().int().nonnegative(),
  phase: phaseSchema,
  /** Number of events folded. Guards every write. */
  revision: z.number().int().positive(),
});
/** The stored state of a run. Its `revision` is the optimistic lock of every write. */
export type Run = z.infer<typeof runSchema>;
/** A run as it may be stored: without what has a default. */
export type RunInput = z.input<typeof runSchema>;
