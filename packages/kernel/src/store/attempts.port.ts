/** Attempts that were made under one key, within a window of time. */
export interface AttemptLimit {
  /** What is counted together: `sign-in <digest of an address> <source>`. 1 to 500 characters. */
  readonly counterKey: string;
  /** Attempts within a window at most. */
  readonly max: number;
  readonly windowMs: number;
}

/** Changes of counters of attempts. They belong to the host. */
export interface AttemptChanges {
  /**
   * Counts one attempt at `at` (epoch ms). Fails with `rate_limited` when the window has `max` already. A window begins with the first
   * attempt after the last one ended.
   */
  "count-attempt": AttemptLimit & { readonly at: number };
  /** Takes one attempt back: it was none after all. */
  "release-attempt": { readonly counterKey: string };
}

/** Reads of counters of attempts. */
export interface AttemptReads {
  /** Deletes counters whose window began before `before` (epoch ms), at most `limit` (1..200); returns how many. */
  deleteOld(before: number, limit: number): Promise<number>;
}
