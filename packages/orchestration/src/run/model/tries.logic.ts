import type { Step } from "@millrace/contracts";

/** Passing failures of one effect after which the run fails, or is paused where they tell of an outage. */
export const MAX_TRIES = 5;

/** Whether an outage has paused the run in front of the effect in flight: its place in the landing queue is gone (ADR 24). */
export function wasPaused({ activity }: Pick<Step, "activity">): boolean {
  return activity.is === "effect" && activity.effect.tries >= MAX_TRIES;
}
