import type { FailureKind } from "@millrace/contracts";

/** The same operational failure this often in a row, on one head, opens the breaker. */
const OPENS_AFTER = 2;

/** Endings of a turn that say something of the agent's surroundings, not of the work it was given. */
const TURN_ENDS: ReadonlySet<string> = new Set(["turn_died", "turn_refused", "turn_cut", "turn_cancelled", "not_observed"]);

/** An attempt of a helper, as far as the breaker looks at it. */
export interface BreakerAttempt {
  readonly head: string | null;
  readonly failure?: { readonly kind: FailureKind; readonly code: string } | undefined;
}

/**
 * The code of the failure that keeps a helper from working at all, null while there is none: a login that is missing, a host that
 * refuses. An attempt that worked and delivered nothing is not one; it is the budget's business, and stagnation's. Another head closes the breaker.
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
