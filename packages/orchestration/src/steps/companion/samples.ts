import { ONE_APPROVER, TWO_APPROVERS } from "../shared/sample-parts.js";
import type { StepSamples } from "../shared/step-samples.js";

/** Samples of the steps that grade the step before them. */
export const companionSamples: StepSamples = {
  stepKind: "companion",
  pipelines: [
    { name: "job and companion with approval", steps: [{ kind: "architect" }, { kind: "architect-companion", approval: ONE_APPROVER }] },
    {
      name: "change and review, both approved",
      steps: [
        { kind: "coder", approval: ONE_APPROVER },
        { kind: "reviewer", approval: TWO_APPROVERS },
      ],
    },
  ],
  budgets: [{ name: "reworks", counter: ["reworks"], max: { state: ["maxReworks"] } }],
};
