export interface UsageTables {
  usage: UsageTableRow;
}

export interface UsageTableRow {
  workspace_id: string;
  key: string;
  run_id: string;
  kind: string;
  model: string;
  input_tokens: number;
  output_tokens: number;
  cost_micros: number | null;
  at: number;
  /** 1 once its cost is in the totals. */
  counted: number;
}
