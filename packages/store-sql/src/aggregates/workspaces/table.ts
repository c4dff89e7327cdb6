export interface WorkspaceTables {
  workspaces: WorkspaceRow;
}

export interface WorkspaceRow {
  id: string;
  name: string;
  settings: string;
  created_at: number;
  account_id: string | null;
  /** When its deletion was asked for; null: it is not being deleted. */
  deleting_at: number | null;
}
