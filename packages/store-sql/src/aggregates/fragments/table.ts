export interface FragmentTables {
  fragments: FragmentRow;
  hidden_fragments: HiddenFragmentRow;
}

/** A type, not an interface: a statement's arguments need an index signature. */
export type FragmentRow = {
  /** Id of the account or workspace, after its kind. */
  owner: string;
  id: string;
  version: number;
  document: string;
};

export type HiddenFragmentRow = {
  owner: string;
  id: string;
};
