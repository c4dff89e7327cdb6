/**
 * Reserve before, settle after (promise P6). A run holds one reservation: it has at most one call in flight. It is taken in the
 * commit that asks for the call and given back in the commit that has its result.
 */
import type { Hold } from "@millrace/contracts";
import { nextMonth, type Change, type MillraceError } from "@millrace/kernel";
import type { TransitionResult } from "../model/transition-result.js";
import type { DecisionInput } from "../model/decision-input.js";
import { meteredCall, monthScope, rateOf, reservation, spendCaps, type MeteredCall } from "./budget.logic.js";

/**
 * The change of the run's reservation that a transition means, or none. A call that follows another call keeps the reservation;
 * the caps are checked all the same, because the first may have cost more than was reserved. `writes`: what is committed with it; a
 * try of a call that is settled by them has used its reservation up, and the next try of the same call is another one.
 */
export function reservationChange(
  { before, after, at }: TransitionResult,
  input: DecisionInput,
  writes: readonly Change[],
): readonly Change[] {
  const previous = before === null ? null : meteredCall(before);
  const next = meteredCall(after);
  // A job is not made again by asking for it again.
  const isMadeAgain = next?.request === "ask-agent" && writes.some(({ change }) => change === "record-usage");
  if (previous?.key === next?.key && !isMadeAgain) return [];
  const micros = amountFor(next, input);
  if (previous === null && micros === 0) return [];
  const caps = spendCaps(after, input.settings.budget, at).filter((cap) => cap.maxMicros !== null);
  const assumedUnchanged = micros === amountFor(previous, input);
  return [{ change: "reserve-spend", workspaceId: after.workspaceId, runId: after.id, micros, caps, assumedUnchanged }];
}

/** In millionths of the currency; 0 for no call, and for a call that a flat rate pays. */
function amountFor(call: MeteredCall | null, input: DecisionInput): number {
  return call === null || rateOf(call, input) === "flat" ? 0 : reservation(call, input);
}

/** The pause that a refused reservation means. A month passes by itself; the cap of a task or a run is only lifted by people. */
export function budgetHold(refusal: MillraceError, at: number): Hold {
  const isMonthly = refusal.details["scope"] === monthScope(at);
  return {
    because: "budget",
    since: at,
    until: isMonthly ? nextMonth(at) : null,
    message: `${refusal.message}. ${refusal.fix ?? ""}`.trim().slice(0, 2000),
  };
}
