export interface UsageTables {
  usage: UsageTableRow;
}

export interface UsageTableRow {
  workspace_id: string;
  key: string;
  run_id: string;
  kind: string;
  model: string;
  /** Null in all four classes when no counts were reported. */
  input_tokens: number | null;
  output_tokens: number | null;
  cache_read_tokens: number | null;
  cache_write_tokens: number | null;
  cost_micros: number | null;
  at: number;
  /** What is in the totals of it; null until it is. */
  settled_micros: number | null;
}
