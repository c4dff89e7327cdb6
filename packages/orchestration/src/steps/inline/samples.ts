import { ONE_APPROVER, TWO_APPROVERS } from "../shared/sample-parts.js";
import type { StepSamples } from "../shared/step-samples.js";

/** Samples of the steps that ask their agent in one call. */
export const inlineSamples: StepSamples = {
  stepKind: "inline",
  pipelines: [
    { name: "inline", steps: [{ kind: "researcher" }] },
    {
      name: "inline, approvals first and last, two in a row, two approvers",
      steps: [
        { kind: "researcher", approval: ONE_APPROVER },
        { kind: "documenter", approval: TWO_APPROVERS },
      ],
    },
    {
      name: "inline under a budget",
      steps: [{ kind: "researcher" }, { kind: "documenter", approval: ONE_APPROVER }],
      faults: { budget: true },
    },
  ],
};
