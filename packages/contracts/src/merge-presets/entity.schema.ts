import { z } from "zod";
import { idSchema, unitSchema } from "../shared/scalars.schema.js";

/** Ceilings and budgets that decide what merges by itself and how often a gate may try to repair. */
export const mergePresetSchema = z.strictObject({
  id: idSchema,
  workspaceId: idSchema,
  name: z.string().trim().min(1).max(60),
  /** Inclusive ceilings: a change merges by itself only when every axis is at or below its own. */
  maxComplexity: unitSchema,
  maxRisk: unitSchema,
  maxImpact: unitSchema,
  /** How many times the ci-fixer may be sent. */
  ciMaxAttempts: z.number().int().min(0).max(50),
  /** How many times a requirements or clarity review may look before people must decide. */
  maxReviewIterations: z.number().int().min(1).max(20).default(6),
  /** The worst finding a review may leave open and still pass. */
  toleratedConcern: z.enum(["none", "low", "medium", "high"]).default("none"),
  /** How long a release is watched after its merge. */
  releaseWatchMinutes: z.number().int().min(1).max(720).default(30),
  /** How many times the on-call agent may be sent. */
  releaseMaxAttempts: z.number().int().min(0).max(10).default(1),
  isDefault: z.boolean(),
});
/** Merge thresholds and repair budgets that a task names, or gets as the workspace's default. Axes are 0 to 1. */
export type MergePreset = z.infer<typeof mergePresetSchema>;
