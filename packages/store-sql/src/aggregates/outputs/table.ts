export interface OutputTables {
  outputs: OutputRow;
}

export interface OutputRow {
  workspace_id: string;
  key: string;
  run_id: string;
  content: string;
}
