import { MIN_RESERVATION_MICROS, type Budget, type Run } from "@millrace/contracts";
import { monthOf, type AgentRequest, type SpendCap } from "@millrace/kernel";
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

/** At least `MIN_RESERVATION_MICROS`: caps are checked where something is reserved. */
export function reservation(call: MeteredCall, budget: Budget): number {
  return Math.max(MIN_RESERVATION_MICROS, call.request === "ask-agent" ? budget.reserveInlineMicros : budget.reserveJobMicros);
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
