/** Wall clock in epoch ms. Injected everywhere; nothing in the core reads the time by itself. */
export interface Clock {
  now(): number;
}

/** Timer of a host: resolves after `ms`, or at once when the signal aborts. Never rejects. */
export type Sleep = (ms: number, signal: AbortSignal) => Promise<void>;

/** Source of fresh ids: `next("run")` → `run_x1y2…`. */
export interface IdSource {
  next(prefix: string): string;
}
