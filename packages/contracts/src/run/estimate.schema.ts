import { z } from "zod";
import { timestampSchema, unitSchema } from "../shared/scalars.schema.js";

/** How big a task is thought to be, before any code exists. Each axis from 0 (trivial) to 1. */
export const estimateSchema = z.strictObject({
  complexity: unitSchema,
  risk: unitSchema,
  impact: unitSchema,
  rationale: z.string().max(8000),
  model: z.string().max(200).nullable(),
  at: timestampSchema,
});
/** An estimator's result for one run: three axes from 0 to 1, its rationale, its model, the time in epoch ms. */
export type Estimate = z.infer<typeof estimateSchema>;

/** Thresholds on an estimate: met when any axis that is set is at or above its minimum. No axis set: never met. */
export const estimateBarSchema = z.strictObject({
  minComplexity: unitSchema.nullable().default(null),
  minRisk: unitSchema.nullable().default(null),
  minImpact: unitSchema.nullable().default(null),
});
/** Minimum scores of an estimate, 0 to 1 each; null leaves the axis out. */
export type EstimateBar = z.infer<typeof estimateBarSchema>;
