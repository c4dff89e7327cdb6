/** The budgets that the engine promises (I6), repeated on purpose: the explorer must not read them from the code it checks. */
import type { Run, Step } from "@millrace/contracts";
import { PRESET } from "./engine.logic.js";

const BUDGETS = {
  /** Branch updates by one gate, and returns to the gates by one merger. */
  updates: 10,
  revisits: 10,
  crash: 1,
  transient: 5,
  /** Failures of an effect, and unreadable polls of a job, after which the run fails. */
  tries: 5,
  unreadable: 20,
  /** Automatic reworks by a companion, before people grant more. */
  reworks: 3,
} as const;

const HELPERS: Readonly<Record<string, number>> = {
  ci: PRESET.ciMaxAttempts,
  conflicts: 3,
  tester: PRESET.ciMaxAttempts,
  "release-health": PRESET.releaseMaxAttempts,
};

/** Budgets that a run has exceeded, each with its count. */
export function overspent(run: Run): readonly string[] {
  const isLive = run.phase.is === "live";
  return run.steps.flatMap((step, index) => spent(step, isLive).map((what) => `step ${index + 1} (${step.definition.kind}): ${what}`));
}

function spent({ state, activity }: Step, isLive: boolean): readonly string[] {
  const over: string[] = [];
  const atMost = (name: string, used: unknown, budget: number): void => {
    if (typeof used === "number" && used > budget) over.push(`${name} ${used} of ${budget}`);
  };
  atMost("helpers", state["attempts"], HELPERS[typeof state["gate"] === "string" ? state["gate"] : state.kind] ?? 0);
  atMost("updates", state["updates"], BUDGETS.updates);
  atMost("revisits", state["revisits"], BUDGETS.revisits);
  atMost("reworks", state["reworks"], Number(state["maxReworks"]));
  // The loss that fails the run counts as well.
  atMost("crash recoveries", evictions(state)["crash"], BUDGETS.crash + (isLive ? 0 : 1));
  atMost("host recoveries", evictions(state)["transient"], BUDGETS.transient + (isLive ? 0 : 1));
  if (activity.is === "effect") atMost("tries", activity.effect.tries, BUDGETS.tries - (isLive ? 1 : 0));
  if (activity.is === "job") atMost("unreadable polls", activity.unreadable, BUDGETS.unreadable - (isLive ? 1 : 0));
  return over;
}

/** Rounds that companions gained in a transition. An answer of a person may grant one. */
export function roundsGranted(before: Run, after: Run): number {
  return after.steps.reduce((sum, step, index) => sum + grown(step, before.steps[index]), 0);
}

function grown(after: Step, before: Step | undefined): number {
  const from = Number(before?.state["maxReworks"] ?? BUDGETS.reworks);
  const to = Number(after.state["maxReworks"] ?? BUDGETS.reworks);
  return Math.max(0, to - from);
}

function evictions(state: Step["state"]): Readonly<Record<string, unknown>> {
  const { evictions: counted } = state;
  return typeof counted === "object" && counted !== null ? { ...counted } : {};
}

/**
 * Shortens long counters: after its first count, a counter jumps to one before its bound. The states in between differ in nothing but
 * that count, which is only compared with the bound; both ends are explored unchanged.
 */
export function jumped(run: Run): Run {
  if (run.phase.is !== "live") return run;
  return { ...run, steps: run.steps.map((step) => ({ ...step, state: jumpedState(step.state), activity: jumpedActivity(step.activity) })) };
}

function jumpedState(state: Step["state"]): Step["state"] {
  const counted = evictions(state);
  return {
    ...state,
    ...("updates" in state ? { updates: jump(state["updates"], BUDGETS.updates - 1) } : {}),
    ...("revisits" in state ? { revisits: jump(state["revisits"], BUDGETS.revisits - 1) } : {}),
    ...("evictions" in state ? { evictions: { ...counted, transient: jump(counted["transient"], BUDGETS.transient) } } : {}),
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
