import { z } from "zod";
import { pageFields } from "../shared/page.schema.js";
import { digestSchema, idSchema } from "../shared/scalars.schema.js";

const inRun = { workspaceId: idSchema, runId: idSchema };

/** A person's answer to one finding. A reply has 1 to 4,000 characters, without the spaces around it. */
export const findingAnswerSchema = z.discriminatedUnion("do", [
  z.strictObject({ do: z.literal("reply"), text: z.string().trim().min(1).max(4000) }),
  z.strictObject({ do: z.literal("resolve") }),
  z.strictObject({ do: z.literal("dismiss") }),
  z.strictObject({ do: z.literal("reopen") }),
]);
/** An answer to one finding; `reopen` undoes `resolve` and `dismiss`. */
export type FindingAnswer = z.infer<typeof findingAnswerSchema>;

/** Request "the last review of a block". */
export const latestReviewRequestSchema = z.strictObject({
  workspaceId: idSchema,
  blockId: idSchema,
  /** Agent kind that reviewed. Default: of any. */
  kind: z.string().min(1).max(60).optional(),
});

/** Request "the reviews of a block". */
export const reviewHistoryRequestSchema = z.strictObject({
  workspaceId: idSchema,
  blockId: idSchema,
  /** Agent kind that reviewed. */
  kind: z.string().min(1).max(60),
  ...pageFields,
});

/** Request "the review of a run". */
export const reviewOfRunRequestSchema = z.strictObject(inRun);

/** Request "answer a finding". */
export const answerFindingRequestSchema = z.strictObject({
  workspaceId: idSchema,
  reviewId: idSchema,
  itemId: idSchema,
  answer: findingAnswerSchema,
});

/** Request "fold the answers into the document". */
export const incorporateRequestSchema = z.strictObject({ ...inRun, feedback: z.string().max(4000).default("") });

/** Request "close the review as it is". */
export const proceedRequestSchema = z.strictObject({
  ...inRun,
  /** Digest of the findings the person saw. */
  subject: digestSchema,
});

/** Request "one more round". */
export const extraRoundRequestSchema = z.strictObject(inRun);
