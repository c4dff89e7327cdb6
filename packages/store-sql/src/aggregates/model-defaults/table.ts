export interface ModelDefaultTables {
  model_defaults: ModelDefaultRow;
}

/** A type, not an interface: a statement's arguments need an index signature. */
export type ModelDefaultRow = {
  workspace_id: string;
  kind: string;
  model: string;
  revision: number;
};
