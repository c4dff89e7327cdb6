import { z } from "zod";
import { idSchema, timestampSchema, unitSchema } from "../shared/scalars.schema.js";

/** Ceilings below which a change merges by itself, and budgets of the loops of a run. */
export const mergePresetSchema = z.strictObject({
  id: idSchema,
  workspaceId: idSchema,
  name: z.string().trim().min(1).max(60),
  /** `people`: nothing merges by itself, whatever its scores. `automatic`, the default: what is within the ceilings does. */
  who: z.enum(["automatic", "people"]).default("automatic"),
  /**
   * Inclusive ceilings: a change merges by itself only when every axis is at or below its own. A ceiling of 0 lets nothing through: a
   * score of 0 says that there is nothing to judge, and people see whether that is so.
   */
  maxComplexity: unitSchema,
  maxRisk: unitSchema,
  maxImpact: unitSchema,
  /** Dispatches of the ci-fixer at most. */
  ciMaxAttempts: z.number().int().min(0).max(50),
  /** Reworks that a companion asks for by itself at most, before people must decide; 0: none. Default 3. */
  maxReworks: z.number().int().min(0).max(10).default(3),
  /** Iterations of a requirements or clarity review at most, before people must decide. Default 6. */
  maxReviewIterations: z.number().int().min(1).max(20).default(6),
  /** Worst severity of a finding that a review may leave open and still pass. Default `none`. */
  toleratedConcern: z.enum(["none", "low", "medium", "high"]).default("none"),
  /** Minutes that a release is watched after its merge. Default 30. */
  releaseWatchMinutes: z.number().int().min(1).max(720).default(30),
  /** Dispatches of the on-call agent at most. Default 1. */
  releaseMaxAttempts: z.number().int().min(0).max(10).default(1),
});
/** Merge thresholds and repair budgets that a task names, or gets as the workspace's default. Axes are 0 to 1. */
export type MergePreset = z.infer<typeof mergePresetSchema>;

/** A preset that a workspace keeps. */
export const storedPresetSchema = mergePresetSchema.extend({
  /** From 1; one higher with each change. */
  revision: z.number().int().positive(),
  createdAt: timestampSchema,
});
/** A merge preset with its revision. */
export type StoredPreset = z.infer<typeof storedPresetSchema>;
