import type { Run } from "@millrace/contracts";
import type { StepKinds } from "../model/step-kind.js";

type Steps = Pick<Run, "steps">;

/** Index of the last step that lands the change: what stands up to it works towards the merge. -1: the run merges nothing itself. */
export function mergeIndex({ steps }: Steps, stepKinds: StepKinds): number {
  return steps.findLastIndex(({ state }) => stepKinds.of(state).landsChange);
}

/** True if a run whose change has landed has a step to do at `from` (0-based) or behind it. */
export function hasWorkBehindMerge(run: Steps, from: number, stepKinds: StepKinds): boolean {
  const merge = mergeIndex(run, stepKinds);
  const first = Math.max(from, merge + 1);
  return merge >= 0 && run.steps.slice(first).some(({ activity }) => activity.is !== "done" && activity.is !== "skipped");
}
