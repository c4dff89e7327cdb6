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
  answers: {
    "*": [
      { label: "small", value: { complexity: 0.1, risk: 0.1, impact: 0.1, rationale: "it is small" } },
      { label: "large", value: { complexity: 0.9, risk: 0.9, impact: 0.9, rationale: "" } },
    ],
  },
};
