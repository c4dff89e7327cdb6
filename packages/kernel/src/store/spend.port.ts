/** One cap on spending. `scope` names what it adds up: `month/2026-11`, `task/<block>`, `run/<run>`. */
export interface SpendCap {
  readonly scope: string;
  /** In millionths of the price list's currency. Null: nothing is refused, but the spending in the scope is added up. */
  readonly maxMicros: number | null;
}

/** Spending of a scope so far, in millionths of the price list's currency. */
export interface SpendTotal {
  readonly settledMicros: number;
  readonly reservedMicros: number;
}

/** Changes of reservations under a cap. Usage settles them: see `UsageChanges`. */
export interface SpendChanges {
  /**
   * Sets the run's reservation to `micros` (0 gives it back) in every scope of `caps`, and removes it from every other scope. Fails with
   * `budget_exhausted` and `details.scope` when that takes a scope above its cap, or a reservation is kept in a scope that is above it;
   * with `not_found` when `micros` is more than 0 and the run is missing.
   */
  "reserve-spend": {
    readonly workspaceId: string;
    readonly runId: string;
    readonly micros: number;
    readonly caps: readonly SpendCap[];
    /** Hint that the reservation already has this value. A wrong hint is safe but slower. Default false. */
    readonly assumedUnchanged?: boolean;
  };
}

/** Reads of spending. */
export interface SpendReads {
  /** Zero in a scope without spending. */
  total(workspaceId: string, scope: string): Promise<SpendTotal>;
  /** Of several scopes, at most 200; one without spending is left out. */
  totals(workspaceId: string, scopes: readonly string[]): Promise<ReadonlyMap<string, SpendTotal>>;
}
