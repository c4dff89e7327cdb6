/**
 * Reserve before, settle after (promise P6). A run holds one reservation: it has at most one call in flight. It is taken in the
 * commit that asks for the call and given back in the commit that has its result.
 */
import type { Budget, Hold } from "@millrace/contracts";
import { nextMonth, type AgentExecutor, type Change, type MillraceError } from "@millrace/kernel";
import type { TransitionResult } from "../decide/consequences.logic.js";
import { meteredCall, monthScope, reservation, spendCaps, type MeteredCall } from "../rules/budget.logic.js";

/**
 * The change of the run's reservation that a transition means, or none. A call that follows another call keeps the reservation;
 * the caps are looked at all the same, because the first may have cost more than was reserved.
 */
export async function reserveFor(
  { before, after, at }: TransitionResult,
  budget: Budget,
  agents: AgentExecutor,
): Promise<readonly Change[]> {
  const was = before === null ? null : meteredCall(before);
  const is = meteredCall(after);
  if (was?.key === is?.key) return [];
  const [micros, held] = await Promise.all([priceOf(is, budget, agents), priceOf(was, budget, agents)]);
  if (was === null && micros === 0) return [];
  const caps = spendCaps(after, budget, at).filter((cap) => cap.maxMicros !== null);
  return [{ change: "reserve-spend", workspaceId: after.workspaceId, runId: after.id, micros, caps, isKept: micros === held }];
}

/** Of the reservation for a call, in millionths. */
async function priceOf(call: MeteredCall | null, budget: Budget, agents: AgentExecutor): Promise<number> {
  return call === null || (await isFlatRate(agents, call)) ? 0 : reservation(call, budget);
}

/** A kind whose flat rate cannot be told is metered. */
async function isFlatRate(agents: AgentExecutor, { kind, by }: MeteredCall): Promise<boolean> {
  return agents.isQuotaBased(kind, by === "inline" ? "ask-agent" : "start-job").catch(() => false);
}

/** A month passes; a task's or a run's own cap is only lifted by people. */
export function budgetHold(refusal: MillraceError, at: number): Hold {
  const monthly = refusal.details["scope"] === monthScope(at);
  return { because: "budget", until: monthly ? nextMonth(at) : null, message: refusal.message.slice(0, 2000) };
}
