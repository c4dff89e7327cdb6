import type { Run } from "@millrace/contracts";
import { LONGEST_TIMER_MS, type Clock } from "@millrace/kernel";
import { isAtRest, type Orchestration, type RunAddress } from "@millrace/orchestration";

/** Resolves after `ms`, or at once when the signal aborts. Never rejects. */
export async function sleep(ms: number, signal: AbortSignal): Promise<void> {
  let left = ms;
  do {
    await oneTimer(Math.min(left, LONGEST_TIMER_MS), signal);
    left -= LONGEST_TIMER_MS;
  } while (left > 0 && !signal.aborted);
}

function oneTimer(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const done = (): void => {
      clearTimeout(timer);
      signal.removeEventListener("abort", done);
      resolve();
    };
    const timer = setTimeout(done, ms);
    signal.addEventListener("abort", done, { once: true });
    if (signal.aborted) done();
  });
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
