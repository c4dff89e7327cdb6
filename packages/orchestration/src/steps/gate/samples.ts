import { FROZEN_BASE, ONE_APPROVER, QUIET, RECOVERY_BUDGETS } from "../shared/sample-parts.js";
import type { StepSamples } from "../shared/step-samples.js";

/** Samples of the gates. */
export const gateSamples: StepSamples = {
  stepKind: "gate",
  pipelines: [
    { name: "change and gate under a budget", steps: [{ kind: "coder" }, { kind: "ci" }], faults: { ...FROZEN_BASE, budget: true } },
    { name: "CI gate, approved, last", steps: [{ kind: "coder" }, { kind: "ci", approval: ONE_APPROVER }], faults: { failures: false } },
    { name: "conflicts gate", steps: [{ kind: "coder" }, { kind: "conflicts" }], faults: QUIET },
    { name: "conflicts gate, all faults", steps: [{ kind: "coder" }, { kind: "conflicts" }], isLarge: true },
    { name: "CI gate, approved, all faults", steps: [{ kind: "coder" }, { kind: "ci", approval: ONE_APPROVER }], isLarge: true },
  ],
  budgets: [
    { name: "updates", counter: ["updates"], max: 10, isLong: true },
    { name: "helpers", counter: ["attempts"], max: { state: ["budget"] } },
    { name: "budget of helpers", counter: ["budget"], max: { preset: "ciMaxAttempts" }, where: { gate: "ci" } },
    { name: "budget of helpers", counter: ["budget"], max: 3, where: { gate: "conflicts" } },
    ...RECOVERY_BUDGETS,
  ],
};
