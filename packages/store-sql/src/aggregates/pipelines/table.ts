export interface PipelineTables {
  pipelines: PipelineRow;
}

export interface PipelineRow {
  workspace_id: string;
  id: string;
  document: string;
}
