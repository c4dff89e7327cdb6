export interface PipelineLabelTables {
  pipeline_labels: PipelineLabelRow;
}

/** A type, not an interface: a statement's arguments need an index signature. */
export type PipelineLabelRow = {
  workspace_id: string;
  /** A pipeline of the workspace, or one that is served from the code. */
  pipeline_id: string;
  /** JSON of a list. */
  labels: string;
  archived: number;
  revision: number;
};
