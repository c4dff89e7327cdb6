import { z } from "zod";
import { outputRefSchema } from "../run/entity.schema.js";
import { digestSchema, idSchema, timestampSchema } from "../shared/scalars.schema.js";

/** Severity of a finding; a merge preset's `toleratedConcern` is compared with it. */
export const reviewSeveritySchema = z.enum(["low", "medium", "high"]);
/** Severity of a finding, in ascending order `low`, `medium`, `high`. */
export type ReviewSeverity = z.infer<typeof reviewSeveritySchema>;

/** One finding as a reviewer gives it. */
export const reviewFindingSchema = z.strictObject({
  category: z.enum(["gap", "clarification", "assumption", "risk", "question"]),
  severity: reviewSeveritySchema,
  title: z.string().min(1).max(200),
  detail: z.string().min(1).max(2000),
});
/** A finding before it is stored: without an id, a status or a reply. */
export type ReviewFinding = z.infer<typeof reviewFindingSchema>;

/**
 * One iteration of a review of a block. Each is a row of its own, so that no answer is ever replaced.
 * `ready`: findings wait for people. `incorporating`, `reviewing`: the engine works on it, its items are frozen. `exceeded`: the cap is
 * reached. `incorporated`: closed. `superseded`: a later iteration took its place.
 */
export const reviewSchema = z.strictObject({
  id: idSchema,
  workspaceId: idSchema,
  blockId: idSchema,
  runId: idSchema,
  /** Agent kind of the review step: `requirements-review`, `clarity-review`. */
  kind: z.string().min(1).max(60),
  iteration: z.number().int().positive(),
  status: z.enum(["ready", "incorporating", "reviewing", "exceeded", "incorporated", "superseded"]),
  /** Document this iteration judged; null: the description of the task. */
  document: outputRefSchema.nullable(),
  /** SHA-256 of the description the review began with. */
  description: digestSchema,
  model: z.string().max(200).nullable(),
  createdAt: timestampSchema,
});
/** One iteration of a requirements or clarity review. Superseded iterations stay readable. */
export type Review = z.infer<typeof reviewSchema>;

/** State of a finding: `answered` has a reply and is not closed. */
export const findingStatusSchema = z.enum(["open", "answered", "resolved", "dismissed"]);

/** A finding with people's reply: a row of its own, so that two people never overwrite each other. */
export const reviewItemSchema = reviewFindingSchema.extend({
  id: idSchema,
  workspaceId: idSchema,
  reviewId: idSchema,
  position: z.number().int().nonnegative(),
  status: findingStatusSchema,
  reply: z.string().min(1).max(4000).nullable(),
});
/** A stored finding: its place in the review, its status, and the reply of people, null while there is none. */
export type ReviewItem = z.infer<typeof reviewItemSchema>;

/** A review and its findings, the worst first. */
export const reviewWithItemsSchema = z.strictObject({ review: reviewSchema, items: z.array(reviewItemSchema).readonly() });
/** The row of an iteration with all its findings. */
export type ReviewWithItems = Readonly<z.infer<typeof reviewWithItemsSchema>>;
