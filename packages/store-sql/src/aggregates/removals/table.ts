export interface RemovalTables {
  removals: RemovalRow;
}

/** A type, not an interface: a statement's arguments need an index signature. */
export type RemovalRow = {
  workspace_id: string;
  root_id: string;
  title: string;
  level: string;
  /** JSON. */
  actor: string;
  on_behalf_of: string | null;
  due_at: number;
};
