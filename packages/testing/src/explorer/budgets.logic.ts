/** The budgets the engine promises (I6), stated a second time on purpose: the explorer does not take them from the code it checks. */
import type { Run, Step } from "@millrace/contracts";
import { PRESET } from "./engine.logic.js";

const BUDGETS = {
  /** Updates of a branch by one gate, and visits to the gates by one merger. */
  updates: 10,
  revisits: 10,
  crash: 1,
  transient: 5,
  /** Failures after which an effect, or a job that cannot be read, fails the run. */
  tries: 5,
  unreadable: 20,
  /** Automatic reworks of a companion, before people grant more. */
  reworks: 3,
} as const;

const HELPERS: Readonly<Record<string, number>> = {
  ci: PRESET.ciMaxAttempts,
  conflicts: 3,
  tester: PRESET.ciMaxAttempts,
  "release-health": PRESET.releaseMaxAttempts,
};

/** What a run has used beyond its budgets. */
export function overspent(run: Run): readonly string[] {
  const isLive = run.phase.is === "live";
  return run.steps.flatMap((step, index) => spent(step, isLive).map((what) => `step ${index + 1} (${step.definition.kind}): ${what}`));
}

function spent({ role, activity }: Step, isLive: boolean): readonly string[] {
  const over: string[] = [];
  const atMost = (name: string, used: unknown, budget: number): void => {
    if (typeof used === "number" && used > budget) over.push(`${name} ${used} of ${budget}`);
  };
  atMost("helpers", role["attempts"], HELPERS[typeof role["gate"] === "string" ? role["gate"] : role.role] ?? 0);
  atMost("updates", role["updates"], BUDGETS.updates);
  atMost("revisits", role["revisits"], BUDGETS.revisits);
  atMost("reworks", role["reworks"], Number(role["maxReworks"]));
  // The loss that fails the run is counted too.
  atMost("crash recoveries", evictions(role)["crash"], BUDGETS.crash + (isLive ? 0 : 1));
  atMost("host recoveries", evictions(role)["transient"], BUDGETS.transient + (isLive ? 0 : 1));
  if (activity.is === "effect") atMost("tries", activity.effect.tries, BUDGETS.tries - (isLive ? 1 : 0));
  if (activity.is === "job") atMost("unreadable polls", activity.unreadable, BUDGETS.unreadable - (isLive ? 1 : 0));
  return over;
}

/** Whether a companion was granted rounds that no person gave: more than one per answer. */
export function roundsGranted(before: Run, after: Run): number {
  return after.steps.reduce((sum, step, index) => sum + grown(step, before.steps[index]), 0);
}

function grown(after: Step, before: Step | undefined): number {
  const from = Number(before?.role["maxReworks"] ?? BUDGETS.reworks);
  const to = Number(after.role["maxReworks"] ?? BUDGETS.reworks);
  return Math.max(0, to - from);
}

function evictions(role: Step["role"]): Readonly<Record<string, unknown>> {
  const { evictions: counted } = role;
  return typeof counted === "object" && counted !== null ? { ...counted } : {};
}

/**
 * Long counters jump from their first count to one before their last. Between the two they are only ever compared with
 * the bound, so the states between differ in nothing; both ends are explored as they are.
 */
export function jumped(run: Run): Run {
  if (run.phase.is !== "live") return run;
  return { ...run, steps: run.steps.map((step) => ({ ...step, role: jumpedRole(step.role), activity: jumpedActivity(step.activity) })) };
}

function jumpedRole(role: Step["role"]): Step["role"] {
  const counted = evictions(role);
  return {
    ...role,
    ...("updates" in role ? { updates: jump(role["updates"], BUDGETS.updates - 1) } : {}),
    ...("revisits" in role ? { revisits: jump(role["revisits"], BUDGETS.revisits - 1) } : {}),
    ...("evictions" in role ? { evictions: { ...counted, transient: jump(counted["transient"], BUDGETS.transient) } } : {}),
  };
}

function jumpedActivity(activity: Step["activity"]): Step["activity"] {
  if (activity.is === "effect")
    return { ...activity, effect: { ...activity.effect, tries: jump(activity.effect.tries, BUDGETS.tries - 1) } };
  return activity.is === "job" ? { ...activity, unreadable: jump(activity.unreadable, BUDGETS.unreadable - 1) } : activity;
}

function jump(count: unknown, to: number): number {
  const now = Number(count);
  return now === 0 ? 0 : Math.max(now, to);
}
