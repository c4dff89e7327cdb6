import type { StepContext } from "../../run/model/step-kind.js";

/** How long a step has waited since `since` (epoch ms), in ms, without the time in which nothing looked (F:C2). */
export function waitedSince({ at, lookedMs }: Pick<StepContext, "at" | "lookedMs">, since: number): number {
  return Math.max(0, Math.min(at - since, lookedMs ?? Infinity));
}

/** How long the effect in flight has been waited for, in the same way. */
export function waitedForEffect(context: StepContext): number {
  const { activity } = context.step;
  return waitedSince(context, activity.is === "effect" ? activity.effect.requestedAt : context.at);
}
