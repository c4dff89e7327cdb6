/** Parts that the samples of several step kinds share. */
import type { FaultSet, SampleBudget } from "./step-samples.js";

/** An approval by one person, and by two. */
export const ONE_APPROVER = { approvers: 1 } as const;
export const TWO_APPROVERS = { approvers: 2 } as const;

/** Nothing gets lost, and nobody else touches the pull request: for pipelines whose own states are many. */
export const QUIET: Partial<FaultSet> = { failures: false, outsiders: false };

/** Quiet, and the base stays where it is. */
export const FROZEN_BASE: Partial<FaultSet> = { ...QUIET, moves: false };

/** Bounds of the recovery of lost jobs: the loss that ends the run is counted too. */
export const RECOVERY_BUDGETS: readonly SampleBudget[] = [
  { name: "crash recoveries", counter: ["evictions", "crash"], max: 1, countsEnd: true },
  { name: "host recoveries", counter: ["evictions", "transient"], max: 5, countsEnd: true, isLong: true },
];
