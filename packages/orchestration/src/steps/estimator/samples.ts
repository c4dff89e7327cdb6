import type { StepSamples } from "../shared/step-samples.js";

/** Samples of the step that estimates the task. */
export const estimatorSamples: StepSamples = {
  stepKind: "estimator",
  pipelines: [
    {
      name: "estimate, companion left out or not",
      steps: [{ kind: "task-estimator" }, { kind: "architect" }, { kind: "architect-companion", gating: { minRisk: 0.5 } }],
    },
  ],
};
