import type { FailureKind } from "@millrace/contracts";

/** Number of equal operational failures in a row, on one head, that opens the breaker. */
const OPENS_AFTER = 2;

/** Codes of turns that ended because of the agent's environment, not because of its work. */
const TURN_ENDS: ReadonlySet<string> = new Set(["turn_died", "turn_refused", "turn_cut", "turn_cancelled", "not_observed"]);

/** The part of an attempt that the breaker reads. */
export interface BreakerAttempt {
  readonly head: string | null;
  readonly failure?: { readonly kind: FailureKind; readonly code: string } | undefined;
}

/**
 * Circuit breaker of a helper: the failure code if its last two attempts failed for the same operational reason on the same head, e.g. a
 * missing login; null while it is closed. An attempt that worked and delivered nothing does not count: the budget and stagnation bound
 * those. Another head closes the breaker.
 */
export function openBreaker(log: readonly BreakerAttempt[], head: string | null): string | null {
  const last = log.slice(-OPENS_AFTER);
  const code = last.at(-1)?.failure?.code;
  if (last.length < OPENS_AFTER || code === undefined) return null;
  return last.every(({ failure, head: at }) => at === head && failure?.code === code && isOperational(failure)) ? code : null;
}

function isOperational({ kind, code }: { readonly kind: FailureKind; readonly code: string }): boolean {
  return kind === "job_failed" || kind === "dispatch" || TURN_ENDS.has(code);
}
