export interface WakeUpTables {
  wakeups: WakeUpRow;
}

export interface WakeUpRow {
  workspace_id: string;
  run_id: string;
  due_at: number;
  /** When `due_at` was set, by the clock of the process that set it. */
  set_at: number;
  /** The driver that has claimed the run; null while it is free. */
  owner: string | null;
  lease_until: number | null;
}
