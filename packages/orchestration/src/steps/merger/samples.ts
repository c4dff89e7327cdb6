import { FROZEN_BASE, ONE_APPROVER, QUIET, RECOVERY_BUDGETS, TWO_APPROVERS } from "../shared/sample-parts.js";
import type { StepSamples } from "../shared/step-samples.js";

const CHANGE_AND_CI = [{ kind: "coder" }, { kind: "ci" }];
const BOTH_GATES = [{ kind: "coder" }, { kind: "conflicts" }, { kind: "ci" }];

/** Samples of the step that merges. */
export const mergerSamples: StepSamples = {
  stepKind: "merger",
  pipelines: [
    { name: "merger", steps: [...CHANGE_AND_CI, { kind: "merger" }], faults: FROZEN_BASE },
    { name: "merger, outsiders", steps: [...CHANGE_AND_CI, { kind: "merger" }], faults: { failures: false, moves: false } },
    { name: "merger, lossy", steps: [...CHANGE_AND_CI, { kind: "merger" }], faults: { moves: false } },
    { name: "merger, settings that change", steps: [...CHANGE_AND_CI, { kind: "merger" }], faults: { ...FROZEN_BASE, settings: true } },
    { name: "merger, contention", steps: [...CHANGE_AND_CI, { kind: "merger" }], faults: { ...FROZEN_BASE, contention: true } },
    { name: "merger, faults of the host", steps: [...CHANGE_AND_CI, { kind: "merger" }], faults: { ...FROZEN_BASE, hostFaults: true } },
    {
      name: "merger, outsiders and moves",
      steps: [...CHANGE_AND_CI, { kind: "merger" }],
      faults: { failures: false, settings: true },
      isLarge: true,
    },
    {
      name: "merger with two approvers, then inline",
      steps: [...CHANGE_AND_CI, { kind: "merger", approval: TWO_APPROVERS }, { kind: "documenter" }],
      faults: FROZEN_BASE,
    },
    {
      name: "merger beside a late merge",
      steps: [...CHANGE_AND_CI, { kind: "merger" }],
      faults: { failures: false, moves: false, lateMerges: true },
    },
    { name: "both gates and merger", steps: [...BOTH_GATES, { kind: "merger" }], faults: FROZEN_BASE },
    { name: "review between gate and merger", steps: [...CHANGE_AND_CI, { kind: "reviewer" }, { kind: "merger" }], faults: FROZEN_BASE },
    { name: "merger, all faults", steps: [...CHANGE_AND_CI, { kind: "merger" }], isLarge: true },
    { name: "approved merger, all faults", steps: [...CHANGE_AND_CI, { kind: "merger", approval: ONE_APPROVER }], isLarge: true },
    {
      name: "review between gate and merger, moving",
      steps: [...CHANGE_AND_CI, { kind: "reviewer" }, { kind: "merger" }],
      faults: QUIET,
      isLarge: true,
    },
    { name: "both gates and merger, moving", steps: [...BOTH_GATES, { kind: "merger" }], faults: QUIET, isLarge: true },
    { name: "both gates and merger, outsiders", steps: [...BOTH_GATES, { kind: "merger" }], faults: { failures: false }, isLarge: true },
    {
      name: "reviewed change through both gates",
      steps: [{ kind: "coder" }, { kind: "reviewer" }, { kind: "conflicts" }, { kind: "ci" }, { kind: "merger", approval: ONE_APPROVER }],
      faults: QUIET,
      isLarge: true,
    },
  ],
  budgets: [
    { name: "revisits", counter: ["revisits"], max: 10, isLong: true },
    { name: "base moves", counter: ["baseMoves"], max: 100, isLong: true },
    ...RECOVERY_BUDGETS,
  ],
};
