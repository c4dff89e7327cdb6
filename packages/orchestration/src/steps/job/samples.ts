import { ONE_APPROVER, RECOVERY_BUDGETS } from "../shared/sample-parts.js";
import type { StepSamples } from "../shared/step-samples.js";

/** Samples of the steps whose agent works in a checkout. */
export const jobSamples: StepSamples = {
  stepKind: "job",
  pipelines: [
    { name: "job with approval, then inline", steps: [{ kind: "architect", approval: ONE_APPROVER }, { kind: "documenter" }] },
    { name: "specification and its companion", steps: [{ kind: "spec-writer" }, { kind: "spec-companion" }], faults: { moves: false } },
  ],
  budgets: RECOVERY_BUDGETS,
};
