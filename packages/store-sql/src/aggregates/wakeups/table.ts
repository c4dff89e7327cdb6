export interface WakeUpTables {
  wakeups: WakeUpRow;
}

export interface WakeUpRow {
  workspace_id: string;
  run_id: string;
  due_at: number;
  /** The driver that has claimed the run; null while it is free. */
  owner: string | null;
  lease_until: number | null;
}
