/** Usage of one call of an agent. */
export interface UsageRow {
  /** The effect that spent it; recording it twice counts once. */
  readonly key: string;
  readonly workspaceId: string;
  readonly runId: string;
  readonly kind: string;
  readonly model: string;
  readonly inputTokens: number;
  readonly outputTokens: number;
  /** In millionths of the price list's currency; null when the model has no known price. */
  readonly costMicros: number | null;
  readonly at: number;
}

/** Changes of recorded usage. */
export interface UsageChanges {
  /**
   * Adds the cost to the settled total of every scope of `scopes` (default none), once for its key. A null cost counts as the amount the
   * run has reserved. Fails with `not_found` when the run is missing.
   */
  "record-usage": { readonly usage: UsageRow; readonly scopes?: readonly string[] };
}

/** Reads of recorded usage. */
export interface UsageReads {
  /** In the order it was spent. */
  ofRun(workspaceId: string, runId: string): Promise<readonly UsageRow[]>;
}
