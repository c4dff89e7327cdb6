export interface WorkspaceTables {
  workspaces: WorkspaceRow;
}

export interface WorkspaceRow {
  id: string;
  name: string;
  description: string | null;
  /** Number of changes, from 1. NOT NULL guards them: see changes.ts. */
  revision: number;
  settings: string;
  /** Number of changes of the settings, from 1. NOT NULL guards them: see changes.ts. */
  settings_revision: number;
  default_preset_id: string | null;
  created_at: number;
  account_id: string | null;
  /** When its deletion was asked for; null: it is not being deleted. */
  deleting_at: number | null;
  /** JSON of the actor who asked for it. */
  deleting_by: string | null;
}
