export interface FragmentTables {
  fragments: FragmentRow;
  hidden_fragments: HiddenFragmentRow;
}

/** A type, not an interface: a statement's arguments need an index signature. */
export type FragmentRow = {
  /** Null: of an account. */
  workspace_id: string | null;
  /** Id of the account or workspace, after its kind. */
  owner: string;
  id: string;
  version: number;
  document: string;
};

export type HiddenFragmentRow = {
  workspace_id: string | null;
  owner: string;
  id: string;
};
