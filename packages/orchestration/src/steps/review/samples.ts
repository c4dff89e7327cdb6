import { ONE_APPROVER } from "../shared/sample-parts.js";
import type { StepSamples } from "../shared/step-samples.js";

/** Samples of the step that reviews what is asked for. */
export const reviewSamples: StepSamples = {
  stepKind: "review",
  pipelines: [
    {
      name: "requirements review, its approval ignored, then inline",
      steps: [{ kind: "requirements-review", approval: ONE_APPROVER }, { kind: "researcher" }],
    },
  ],
};
