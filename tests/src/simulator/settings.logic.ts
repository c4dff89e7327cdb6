/** What a workspace lets its runs spend and how many it lets live: drawn for each life, and only ever loosened in it. */
import type { Budget, TaskLimit, WorkspaceSettings } from "@millrace/contracts";
import type { Random } from "./random.logic.js";

/** Reserved before every call, inline or job, in millionths. What a call may cost is stated in terms of it. */
export const RESERVED = 100;
/** What a call costs at most, with its repair: twice what was reserved for it. */
export const COSTS_AT_MOST = 2 * RESERVED;

export interface DrawnSettings {
  readonly budget: Budget;
  readonly taskLimit: TaskLimit;
}

/** About half of all lives have a monthly cap that they reach, some have caps of tasks and runs, some a limit of live tasks. */
export function drawSettings(random: Random): DrawnSettings {
  const cap = (chance: number, more: number): number | null => (random.chance(chance) ? (3 + random.below(more)) * RESERVED : null);
  const budget = {
    monthlyMicros: cap(0.5, 20),
    taskMicros: cap(0.15, 20),
    runMicros: cap(0.15, 15),
    reserveInlineMicros: RESERVED,
    reserveJobMicros: RESERVED,
  };
  return { budget, taskLimit: drawLimit(random) };
}

function drawLimit(random: Random): TaskLimit {
  switch (random.weighted({ off: 6, shared: 3, "per-type": 1 })) {
    case "off":
      return { mode: "off" };
    case "shared":
      return { mode: "shared", max: 1 + random.below(2) };
    case "per-type":
      return { mode: "per-type", max: { feature: 1 } };
  }
}

/** The same with every cap twice as high. */
export function raised({ budget, taskLimit }: DrawnSettings): DrawnSettings {
  const twice = (cap: number | null): number | null => (cap === null ? null : 2 * cap);
  return {
    budget: {
      ...budget,
      monthlyMicros: twice(budget.monthlyMicros),
      taskMicros: twice(budget.taskMicros),
      runMicros: twice(budget.runMicros),
    },
    taskLimit,
  };
}

/** The cap on a scope. Infinity: none. */
export function capOf(scope: string, { budget }: Pick<WorkspaceSettings, "budget">): number {
  const cap = scope.startsWith("month/") ? budget.monthlyMicros : scope.startsWith("task/") ? budget.taskMicros : budget.runMicros;
  return cap ?? Number.POSITIVE_INFINITY;
}

/** Live runs of one type a service may have. Infinity: any number. */
export function limitOf(taskType: string | null, limit: TaskLimit): { readonly ofType: boolean; readonly max: number } {
  switch (limit.mode) {
    case "off":
      return { ofType: false, max: Number.POSITIVE_INFINITY };
    case "shared":
      return { ofType: false, max: limit.max };
    case "per-type": {
      const max = Object.entries(limit.max).find(([type]) => type === taskType)?.[1];
      return { ofType: true, max: max ?? Number.POSITIVE_INFINITY };
    }
  }
}
