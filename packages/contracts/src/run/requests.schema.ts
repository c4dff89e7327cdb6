import { z } from "zod";
import { digestSchema, idSchema } from "../shared/scalars.schema.js";
import { reviewCommentSchema } from "./evidence.schema.js";

const inRun = { workspaceId: idSchema, runId: idSchema };
const onBlock = { workspaceId: idSchema, blockId: idSchema };
const reason = z.string().max(2000);

/** A person's answer to a wait, with texts as texts: the engine keeps them and records references to them. */
export const humanReplySchema = z.discriminatedUnion("answer", [
  z.strictObject({ answer: z.literal("choose"), option: z.string().min(1).max(500) }),
  /** `edited` replaces the proposal; what follows reads the edited text. */
  z.strictObject({ answer: z.literal("approve"), edited: z.string().max(50_000).optional() }),
  /** With feedback, comments, or both. */
  z.strictObject({
    answer: z.literal("request-changes"),
    feedback: z.string().max(10_000),
    comments: z.array(reviewCommentSchema).max(100).readonly().optional(),
  }),
  z.strictObject({ answer: z.literal("reject"), reason }),
  z.strictObject({ answer: z.literal("extra-round") }),
  z.strictObject({ answer: z.literal("proceed") }),
  /** Fold the answered findings of a review into its document, following `feedback` when there is any. */
  z.strictObject({ answer: z.literal("incorporate"), feedback: z.string().max(4000) }),
]);
/** An answer as a client sends it; `edited` is a text of at most 50,000 characters, where the record holds a reference. */
export type HumanReply = z.infer<typeof humanReplySchema>;

/** Request "run a pipeline on a block". */
export const startRunRequestSchema = z.strictObject({
  ...onBlock,
  pipelineId: idSchema,
  /** Start although what the task waits for is not done. */
  evenIfBlocked: z.boolean().default(false),
});

/** Request "stop a run". */
export const stopRunRequestSchema = z.strictObject({ ...inRun, reason });

/** Request "give a block back to the plan". */
export const cancelBlockRequestSchema = z.strictObject({ ...onBlock, reason });

/** Request about one run and nothing else: retry, resume. */
export const runRequestSchema = z.strictObject(inRun);

/** Request "run the pipeline again from a step". */
export const restartRunRequestSchema = z.strictObject({
  ...inRun,
  /** Index of the step, from 0. */
  step: z.number().int().nonnegative(),
});

/** Request "merge a finished task". */
export const mergeTaskRequestSchema = z.strictObject(onBlock);

/** Request "answer an open wait". */
export const answerWaitRequestSchema = z.strictObject({
  ...inRun,
  /** Id of the wait. */
  wait: z.string().min(1).max(200),
  /** Digest of what the person saw, as the wait shows it: an answer to anything else is refused. */
  subject: digestSchema,
  reply: humanReplySchema,
});

/** Request "take up every paused run". */
export const resumePausedRequestSchema = z.strictObject({ workspaceId: idSchema });

/** Request for events of a run. */
export const runEventsRequestSchema = z.strictObject({
  ...inRun,
  /** Sequence of the last event that the caller has; the first has 1. Default 0: from the beginning. */
  after: z.number().int().nonnegative().default(0),
  /** Events at most. Default 200. */
  limit: z.number().int().min(1).max(1000).default(200),
});

/** Request for a part of the output of a step. */
export const stepOutputRequestSchema = z.strictObject({
  ...inRun,
  /** Index of the step, from 0. */
  step: z.number().int().nonnegative(),
  /** Offset in characters. Default 0. */
  from: z.number().int().nonnegative().default(0),
  /** Characters at most. Default 200,000. */
  chars: z.number().int().min(1).max(1_000_000).default(200_000),
});
