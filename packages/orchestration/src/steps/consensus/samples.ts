import { ONE_APPROVER, QUIET } from "../shared/sample-parts.js";
import type { StepSamples } from "../shared/step-samples.js";

const PARTICIPANTS = [
  { id: "a", role: "careful" },
  { id: "b", role: "bold" },
];

/** Samples of the panel in front of other kinds. */
export const consensusSamples: StepSamples = {
  stepKind: "consensus",
  pipelines: [
    {
      name: "panel under a budget",
      steps: [{ kind: "researcher", consensus: { strategy: "panel", participants: PARTICIPANTS } }],
      faults: { budget: true },
    },
    {
      name: "a panel",
      steps: [{ kind: "researcher", approval: ONE_APPROVER, consensus: { strategy: "panel", participants: PARTICIPANTS } }],
    },
    {
      name: "a debate of graders",
      steps: [{ kind: "architect" }, { kind: "architect-companion", consensus: { strategy: "debate", participants: PARTICIPANTS } }],
      faults: QUIET,
    },
    { name: "a vote", steps: [{ kind: "researcher", consensus: { strategy: "voting", participants: PARTICIPANTS } }] },
  ],
};
