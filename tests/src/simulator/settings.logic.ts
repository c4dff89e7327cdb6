/** Random budgets and task limits of a workspace, and how people change them. */
import type { Budget, TaskLimit, WorkspaceSettings } from "@millrace/contracts";
import type { Random } from "./random.logic.js";

/** Reservation for every call, in millionths of the currency unit; in some simulations it is set to 0. */
export const RESERVED = 100;
/** Maximum cost of a call including its repair: twice its reservation. */
export const COSTS_AT_MOST = 2 * RESERVED;

export interface DrawnSettings {
  readonly budget: Budget;
  readonly taskLimit: TaskLimit;
}

/** Neither caps nor a limit of tasks. */
export const WITHOUT_LIMITS = { budget: { reserveInlineMicros: RESERVED, reserveJobMicros: RESERVED } } as const;

/** Draws settings: about half have a monthly cap that is reached, some have caps of tasks and runs, some a limit of live tasks. */
export function drawSettings(random: Random): DrawnSettings {
  const cap = (chance: number, more: number): number | null => (random.chance(chance) ? (3 + random.below(more)) * RESERVED : null);
  const budget = {
    monthlyMicros: cap(0.5, 20),
    taskMicros: cap(0.15, 20),
    runMicros: cap(0.15, 15),
    reserveInlineMicros: RESERVED,
    reserveJobMicros: RESERVED,
  };
  // Drawn from what is there, so that recorded seeds keep their other choices.
  const isZero = [budget.monthlyMicros, budget.taskMicros, budget.runMicros].some((drawn) => (drawn ?? 0) % (4 * RESERVED) === RESERVED);
  return { budget: isZero ? { ...budget, reserveInlineMicros: 0, reserveJobMicros: 0 } : budget, taskLimit: drawLimit(random) };
}

function drawLimit(random: Random): TaskLimit {
  switch (random.weighted({ off: 6, shared: 3, "per-type": 1 })) {
    case "off":
      return { mode: "off", shared: null, perType: {} };
    case "shared":
      return { mode: "shared", shared: 1 + random.below(2), perType: {} };
    case "per-type":
      return { mode: "per-type", shared: null, perType: { feature: 1 } };
  }
}

/** The settings with every cap doubled. */
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

/** The settings with every cap halved, or with a limit of one task less; where there is none, with one. */
export function lowered(settings: WorkspaceSettings, what: "budget" | "task limit"): WorkspaceSettings {
  const { budget, taskLimit } = settings;
  const half = (cap: number | null): number => Math.max(RESERVED, Math.floor((cap ?? 20 * RESERVED) / 2));
  if (what === "budget")
    return { ...settings, budget: { ...budget, monthlyMicros: half(budget.monthlyMicros), runMicros: half(budget.runMicros) } };
  const shared = taskLimit.mode === "shared" ? Math.max(1, (taskLimit.shared ?? 1) - 1) : 2;
  return { ...settings, taskLimit: { ...taskLimit, mode: "shared", shared } };
}

/** Cap of a scope in millionths; Infinity: none. */
export function capOf(scope: string, { budget }: Pick<WorkspaceSettings, "budget">): number {
  const cap = scope.startsWith("month/") ? budget.monthlyMicros : scope.startsWith("task/") ? budget.taskMicros : budget.runMicros;
  return cap ?? Number.POSITIVE_INFINITY;
}

/** Maximum number of live runs in a service, of all types or of one; Infinity: no limit. */
export function limitOf(taskType: string | null, limit: TaskLimit): { readonly ofType: boolean; readonly max: number } {
  switch (limit.mode) {
    case "off":
      return { ofType: false, max: Number.POSITIVE_INFINITY };
    case "shared":
      return { ofType: false, max: limit.shared ?? Number.POSITIVE_INFINITY };
    case "per-type": {
      const max = Object.entries(limit.perType).find(([type]) => type === taskType)?.[1];
      return { ofType: true, max: max ?? Number.POSITIVE_INFINITY };
    }
  }
}
