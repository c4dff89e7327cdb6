import type { Clock, IdSource } from "@millrace/kernel";

/** A clock that moves only when told to. */
export interface VirtualClock extends Clock {
  /** Moves forward by `ms` (not backwards). */
  advance(ms: number): void;
  /** Moves forward to `at`; earlier times change nothing. */
  advanceTo(at: number): void;
}

/** Starts at `now`, default 1,000,000 ms. */
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
  };
}

/** Ids that count: `run_1`, `run_2`, `blk_1`. The same calls give the same ids. */
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
