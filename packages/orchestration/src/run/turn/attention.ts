/**
 * How long something has been waited for, counted in the time in which this process looked. Patience counts this time: a host that was
 * off, a laptop that slept and a service that could not be asked take nothing of it (F:C2).
 */
import { Lru } from "../../platform/lru.js";

/** More than a driver waits for at a time. A key that is forgotten begins anew, which is more patient, never less. */
const MAX_KEYS = 1000;
/** Polls that may be late before the time between two looks counts as absence. */
const MAX_LATE_POLLS = 3;

interface Watch {
  readonly lastLookAt: number;
  readonly lookedMs: number;
}

export class Attention {
  readonly #watches = new Lru<string, Watch>(MAX_KEYS);

  /** Notes a look at `now` (epoch ms) at what is polled every `pollMs`. Returns the time looked at so far, in ms; 0 at the first look. */
  record(key: string, now: number, pollMs: number): number {
    const before = this.#watches.get(key);
    const gap = before === undefined ? 0 : Math.max(0, now - before.lastLookAt);
    const lookedMs = (before?.lookedMs ?? 0) + Math.min(gap, MAX_LATE_POLLS * pollMs);
    this.#watches.set(key, { lastLookAt: now, lookedMs });
    return lookedMs;
  }
}
