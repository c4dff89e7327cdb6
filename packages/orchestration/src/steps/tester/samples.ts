import { ONE_APPROVER, RECOVERY_BUDGETS } from "../shared/sample-parts.js";
import type { StepSamples } from "../shared/step-samples.js";

/** Samples of the step that tests the change. */
export const testerSamples: StepSamples = {
  stepKind: "tester",
  pipelines: [
    { name: "tester and fixer", steps: [{ kind: "coder" }, { kind: "tester" }], faults: { outsiders: false } },
    { name: "tester with approval and nothing to repair", steps: [{ kind: "tester", approval: ONE_APPROVER }] },
  ],
  budgets: [
    { name: "helpers", counter: ["attempts"], max: { state: ["budget"] } },
    { name: "budget of helpers", counter: ["budget"], max: { preset: "ciMaxAttempts" } },
    ...RECOVERY_BUDGETS,
  ],
};
