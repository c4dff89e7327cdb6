import { MIN_RESERVATION_MICROS, type Budget, type Run } from "@millrace/contracts";
import { monthOf, type AgentRequest, type RequestRate, type SpendCap } from "@millrace/kernel";
import type { DecisionInput } from "../model/decision-input.js";
import { currentStep } from "../model/due.logic.js";

/** The request that costs money while the run is as it is: the one to be performed next, or the one in flight. */
export interface MeteredCall {
  readonly key: string;
  readonly kind: string;
  readonly request: AgentRequest;
}

/** Null when no metered call is requested: gates, waits, pauses and finished runs are free. */
export function meteredCall(run: Run): MeteredCall | null {
  if (run.phase.is !== "live" && run.phase.is !== "stopping") return null;
  const { activity } = currentStep(run);
  if (activity.is === "job") return { key: activity.job.key, kind: activity.job.kind, request: "start-job" };
  if (activity.is !== "effect" || activity.effect.hold !== null) return null;
  const { key, request } = activity.effect;
  return request.do === "ask-agent" || request.do === "start-job" ? { key, kind: request.kind, request: request.do } : null;
}

/** A request that the executor never told the rate of is reserved as the dearest. */
export function rateOf({ kind, request }: Pick<MeteredCall, "kind" | "request">, { models }: Pick<DecisionInput, "models">): RequestRate {
  return models.get(kind)?.[request]?.rate ?? "job";
}

/** By who answers: one call of a model, or an agent. At least `MIN_RESERVATION_MICROS`: caps are checked where something is reserved. */
export function reservation(
  call: Pick<MeteredCall, "kind" | "request">,
  input: Pick<DecisionInput, "models"> & { readonly settings: { readonly budget: Budget } },
): number {
  const { reserveInlineMicros, reserveJobMicros } = input.settings.budget;
  return Math.max(MIN_RESERVATION_MICROS, rateOf(call, input) === "call" ? reserveInlineMicros : reserveJobMicros);
}

/** The scopes a run's spending counts in, capped or not. */
export function spendScopes(run: Pick<Run, "id" | "blockId">, at: number): readonly string[] {
  return [monthScope(at), `task/${run.blockId}`, `run/${run.id}`];
}

/** The same scopes with their caps. */
export function spendCaps(run: Pick<Run, "id" | "blockId">, budget: Budget, at: number): readonly SpendCap[] {
  const caps = [budget.monthlyMicros, budget.taskMicros, budget.runMicros];
  return spendScopes(run, at).map((scope, index) => ({ scope, maxMicros: caps[index] ?? null }));
}

/** Calendar months, UTC. */
export function monthScope(at: number): string {
  return `month/${monthOf(at)}`;
}
