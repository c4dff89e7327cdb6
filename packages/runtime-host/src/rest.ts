import { setTimeout as delay } from "node:timers/promises";
import type { Run } from "@millrace/contracts";
import type { Clock } from "@millrace/kernel";
import { isAtRest, type Orchestration, type RunAddress } from "@millrace/orchestration";

/** Longest delay that Node's timers take, in ms (24 days): a longer one would end at once. */
const MAX_DELAY_MS = 2 ** 31 - 1;

/** Resolves after `ms`, 24 days at most, or at once when the signal aborts. Never rejects. */
export async function sleep(ms: number, signal: AbortSignal): Promise<void> {
  await delay(Math.min(ms, MAX_DELAY_MS), undefined, { signal }).catch(() => undefined);
}

/** Looks until the run rests or the signal aborts; `changed` says when a look is worth it. */
export async function untilRest(
  { execution }: Orchestration,
  clock: Clock,
  changed: (workspaceId: string, signal: AbortSignal) => Promise<void>,
  address: RunAddress,
  signal: AbortSignal = new AbortController().signal,
): Promise<Run> {
  const done = new AbortController();
  try {
    for (;;) {
      // Asked before the look: what is committed after it is not missed.
      const next = changed(address.workspaceId, AbortSignal.any([signal, done.signal]));
      const run = await execution.get(address);
      if (isAtRest(run, clock.now()) || signal.aborted) return run;
      await next;
    }
  } finally {
    done.abort();
  }
}
