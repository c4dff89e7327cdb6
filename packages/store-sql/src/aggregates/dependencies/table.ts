export interface DependencyTables {
  dependencies: DependencyRow;
}

/** A type, not an interface: a statement's arguments need an index signature. */
export type DependencyRow = {
  workspace_id: string;
  block_id: string;
  on_id: string;
  created_at: number;
};
