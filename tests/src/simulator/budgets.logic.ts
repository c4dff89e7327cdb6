/** The budgets that the engine promises (I6), repeated on purpose: the simulator must not read them from the code it checks. */
import type { Run, Step } from "@millrace/contracts";

/** Maximum of each counter in a step's state, whichever step kind has it. */
const COUNTERS: Readonly<Record<string, number>> = { updates: 10, revisits: 10 };
const CRASH_RECOVERIES = 1;
const HOST_RECOVERIES = 5;
const TRIES = 5;
const UNREADABLE = 20;

/** Budgets that a run has exceeded. The failure that ends a run counts as well. */
export function overspent(run: Run): readonly string[] {
  const last = run.phase.is === "live" ? 0 : 1;
  return run.steps.flatMap((step, index) => spent(step, last).map((what) => `step ${index + 1} (${step.definition.kind}): ${what}`));
}

function spent({ state, activity }: Step, last: number): readonly string[] {
  const over: string[] = [];
  const atMost = (name: string, used: unknown, budget: unknown): void => {
    if (typeof used === "number" && typeof budget === "number" && used > budget) over.push(`${name} ${used} of ${budget}`);
  };
  for (const [name, budget] of Object.entries(COUNTERS)) atMost(name, state[name], budget);
  atMost("helpers", state["attempts"], state["budget"]);
  atMost("reworks", state["reworks"], state["maxReworks"]);
  const evictions = state["evictions"];
  if (typeof evictions === "object" && evictions !== null) {
    const counted: Readonly<Record<string, unknown>> = { ...evictions };
    atMost("crash recoveries", counted["crash"], CRASH_RECOVERIES + last);
    atMost("host recoveries", counted["transient"], HOST_RECOVERIES + last);
  }
  if (activity.is === "effect") atMost("tries", activity.effect.tries, TRIES - 1 + last);
  if (activity.is === "job") atMost("unreadable polls", activity.unreadable, UNREADABLE - 1 + last);
  return over;
}

/** Rounds that companions gained beyond the `given` ones that people granted. */
export function roundsNotGranted(before: Run, after: Run, given: number): number {
  const grown = after.steps.reduce((sum, step, index) => {
    const [was, is] = [before.steps[index]?.state["maxReworks"], step.state["maxReworks"]];
    return sum + (typeof was === "number" && typeof is === "number" ? Math.max(0, is - was) : 0);
  }, 0);
  return Math.max(0, grown - given);
}
