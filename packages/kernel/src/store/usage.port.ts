import type { TokenCounts } from "../ports/agent.port.js";

/** Usage of one call of an agent. */
export interface UsageRow {
  /** The call that spent it; recording it twice counts once. */
  readonly key: string;
  readonly workspaceId: string;
  readonly runId: string;
  readonly kind: string;
  readonly model: string;
  /** Null when no counts were reported. */
  readonly tokens: TokenCounts | null;
  /** In millionths of the price list's currency; null when neither a cost nor a price is known. */
  readonly costMicros: number | null;
  readonly at: number;
}

/** Usage as it was settled. */
export interface SettledUsage extends UsageRow {
  /** What was added to the totals: the cost, and an estimate when that is null. 0 for usage without scopes. */
  readonly settledMicros: number;
}

/** Changes of recorded usage. */
export interface UsageChanges {
  /**
   * Adds the cost to the settled total of every scope of `scopes` (default none), once for its key. A null cost is estimated as the amount
   * the run has reserved. Fails with `not_found` when the run is missing.
   */
  "record-usage": { readonly usage: UsageRow; readonly scopes?: readonly string[] };
}

/** Reads of recorded usage. */
export interface UsageReads {
  /** In the order it was spent. */
  ofRun(workspaceId: string, runId: string): Promise<readonly SettledUsage[]>;
}
