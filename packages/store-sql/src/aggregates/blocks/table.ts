export interface BlockTables {
  blocks: BlockRow;
}

export interface BlockRow {
  workspace_id: string;
  id: string;
  revision: number;
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
  fields: string;
  module_name: string | null;
  model_id: string | null;
  test_environment: string;
  testing: string | null;
  estimate: string | null;
  confidence: number | null;
  document: string | null;
  source_references: string;
  type: string | null;
  position: string | null;
  position_revision: number;
  size: string | null;
  agent_config: string;
  fragment_ids: string;
  responsible_id: string | null;
  created_by: string | null;
  tracker_comment: string | null;
  tracker_resolve: string | null;
  cloud_provider: string | null;
  instance_size: string | null;
  blueprint_key: string | null;
  generated_text: string | null;
  is_stale: number;
  /** Counts the blocks of a workspace in the order of their inserts, from 1. */
  sequence: number;
  created_at: number;
  /** When the row was written last, on the store's clock. */
  updated_at: number;
  removed_at: number | null;
}
