export interface RetentionTables {
  log_starts: LogStartRow;
}

/** Position in the log of a workspace of the last event that was removed. */
export interface LogStartRow {
  workspace_id: string;
  transaction_id: number;
  event_row: number;
}
