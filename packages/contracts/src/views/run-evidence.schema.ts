import { z } from "zod";
import { runSchema } from "../run/entity.schema.js";
import { mergeRecordSchema } from "../run/evidence.schema.js";
import { stepViewSchema } from "./run-view.schema.js";

/** What a run's merge stands on, or would stand on now. It is true at `revision`. */
export const runEvidenceSchema = z.strictObject({
  runId: runSchema.shape.id,
  revision: runSchema.shape.revision,
  /** With the digest of the steps as they were when the run started. */
  pipeline: runSchema.shape.pipeline,
  initiatedBy: runSchema.shape.initiatedBy,
  estimate: runSchema.shape.estimate.unwrap(),
  /** What this run merged; null while it has merged nothing. */
  merge: mergeRecordSchema.nullable(),
  /** By step: the verdict with head, base, settings and checks; grades; the tester's report; the approval with its subject. */
  steps: z.array(
    stepViewSchema.pick({
      number: true,
      kind: true,
      state: true,
      verdict: true,
      ratings: true,
      report: true,
      approved: true,
      output: true,
      model: true,
    }),
  ),
});
/** What a run's merge stands on, or would stand on now. */
export type RunEvidence = z.infer<typeof runEvidenceSchema>;
