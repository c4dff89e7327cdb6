/** Plan of a fleet with real jobs: good tasks, some of which leave a red check at first. All of them end merged. */
import type { PlannedTask } from "../plan.logic.js";
import { createRandom, pick } from "../random.logic.js";

/** Number of tasks of one repository, which land in line. */
const TASKS_PER_REPOSITORY = 6;
const PIPELINES = ["pl_minimal", "pl_minimal", "pl_reviewed"] as const;
/** Share of the kills before which the last task starts, so that the last kill still meets runs in flight. */
const STARTED_BY = 0.9;

/** A task, and the number of kills before which it does not start. */
export interface GoodTask extends PlannedTask {
  readonly startsAtKill: number;
}

export function planGoodTasks({
  runs,
  kills,
  seed,
}: {
  readonly runs: number;
  readonly kills: number;
  readonly seed: number;
}): readonly GoodTask[] {
  const random = createRandom(seed);
  return Array.from({ length: runs }, (_, index) => ({
    name: `t${index}`,
    repository: `repo-${Math.floor(index / TASKS_PER_REPOSITORY)}`,
    pipelineId: pick(random, PIPELINES),
    story: "plain",
    end: { is: "done" },
    runs: 1,
    coders: 1,
    merges: true,
    heldUntilKill: 0,
    startsAtKill: Math.floor((index / runs) * kills * STARTED_BY),
  }));
}
