export interface FragmentDefaultTables {
  fragment_defaults: FragmentDefaultRow;
}

/** A type, not an interface: a statement's arguments need an index signature. */
export type FragmentDefaultRow = {
  workspace_id: string;
  /** JSON of a list. */
  ids: string;
  revision: number;
};
