export interface NotificationTables {
  notifications: NotificationRow;
}

export interface NotificationRow {
  workspace_id: string;
  id: string;
  block_id: string;
  run_id: string;
  type: string;
  severity: string;
  status: string;
  title: string;
  body: string;
  created_at: number;
  urgent_at: number;
  resolved_at: number | null;
}
