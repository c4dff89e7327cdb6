/** Wall clock in epoch ms. Injected everywhere; nothing in the core reads the time by itself. */
export interface Clock {
  now(): number;
}

/** Source of fresh ids: `next("run")` → `run_x1y2…`. */
export interface IdSource {
  next(prefix: string): string;
}
