export interface WorkspaceTables {
  workspaces: WorkspaceRow;
}

export interface WorkspaceRow {
  id: string;
  name: string;
  settings: string;
  created_at: number;
}
