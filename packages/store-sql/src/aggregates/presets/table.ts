export interface PresetTables {
  presets: PresetRow;
}

/** A type, not an interface: a statement's arguments need an index signature. */
export type PresetRow = {
  workspace_id: string;
  id: string;
  /** Also in the document. */
  name: string;
  created_at: number;
  revision: number;
  /** The preset as the engine reads it. */
  document: string;
};
