export interface BlockTables {
  blocks: BlockRow;
}

export interface BlockRow {
  workspace_id: string;
  id: string;
  level: string;
  parent_id: string | null;
  title: string;
  description: string;
  status: string;
  progress: number;
  run_id: string | null;
  pull_request: string | null;
  merged: string | null;
  repository: string | null;
  checks: string | null;
  preset_id: string | null;
  pipeline_id: string | null;
  task_type: string;
  module_name: string | null;
  model_id: string | null;
  test_environment: string;
  testing: string | null;
  estimate: string | null;
  confidence: number | null;
  document: string | null;
  source_references: string | null;
  created_at: number;
  removed_at: number | null;
}
