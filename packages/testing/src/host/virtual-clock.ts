import type { Clock, IdSource } from "@millrace/kernel";

/** A clock that only a test moves. */
export interface VirtualClock extends Clock {
  /** Moves forward by `ms`; negative values change nothing. */
  advance(ms: number): void;
  /** Moves forward to `at` (epoch ms); earlier times change nothing. */
  advanceTo(at: number): void;
  /** Moves back by `ms`, as the clock of a machine that was wrong. */
  setBack(ms: number): void;
}

/** A clock that starts at `now`, in epoch ms. Default: 1,000,000. */
export function createVirtualClock(now = 1_000_000): VirtualClock {
  let current = now;
  return {
    now: () => current,
    advance(ms) {
      current += Math.max(0, ms);
    },
    advanceTo(at) {
      current = Math.max(current, at);
    },
    setBack(ms) {
      current -= Math.max(0, ms);
    },
  };
}

/** The timer of a host whose time stands still: it resolves when its signal aborts. */
export function sleepUntilAborted(_ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) return resolve();
    signal.addEventListener("abort", () => resolve(), { once: true });
  });
}

/** An id source that counts by prefix: `run_1`, `run_2`, `blk_1`. Equal sequences of calls give equal ids. */
export function createCountingIds(): IdSource {
  const counters = new Map<string, number>();
  return {
    next(prefix) {
      const count = (counters.get(prefix) ?? 0) + 1;
      counters.set(prefix, count);
      return `${prefix}_${count}`;
    },
  };
}
