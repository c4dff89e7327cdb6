export interface PipelineTables {
  pipelines: PipelineRow;
}

/** A type, not an interface: a statement's arguments need an index signature. */
export type PipelineRow = {
  workspace_id: string;
  id: string;
  document: string;
  revision: number;
};
