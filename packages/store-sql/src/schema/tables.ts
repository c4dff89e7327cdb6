import type { Generated } from "kysely";

/** Columns as they are stored. Booleans are 0 or 1, times epoch ms, documents JSON text: the same in every dialect. */
export interface Tables {
  millrace_migrations: { version: number; name: string; applied_at: number };
  commit_guards: { passed: number };
  workspaces: { id: string; name: string; settings: string; created_at: number };
  blocks: BlockRow;
  pipelines: { workspace_id: string; id: string; document: string };
  presets: { workspace_id: string; id: string; is_default: number; document: string };
  runs: RunRow;
  events: { cursor: Generated<number>; workspace_id: string; run_id: string | null; sequence: number | null; entry: string };
  outputs: { workspace_id: string; key: string; run_id: string; content: string };
  notifications: NotificationRow;
  usage: UsageTableRow;
  spend_totals: { workspace_id: string; scope: string; settled_micros: number; reserved_micros: number };
  spend_reservations: { workspace_id: string; run_id: string; scope: string; micros: number };
  reviews: ReviewRow;
  review_items: ReviewItemRow;
  activations: ActivationRow;
  wakeups: { workspace_id: string; run_id: string; due_at: number; owner: string | null; lease_until: number | null };
  pull_requests: PullRequestRow;
  checks: { repository: string; head: string; settings: string; name: string; document: string };
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
  created_at: number;
}

export interface RunRow {
  workspace_id: string;
  id: string;
  block_id: string;
  service_id: string | null;
  task_type: string | null;
  status: string;
  revision: number;
  created_at: number;
  updated_at: number;
  shape_version: number;
  document: string;
}

export interface NotificationRow {
  workspace_id: string;
  id: string;
  block_id: string;
  run_id: string;
  type: string;
  severity: string;
  status: string;
  title: string;
  body: string;
  created_at: number;
  urgent_at: number;
  resolved_at: number | null;
}

export interface UsageTableRow {
  workspace_id: string;
  key: string;
  run_id: string;
  kind: string;
  model: string;
  input_tokens: number;
  output_tokens: number;
  cost_micros: number | null;
  at: number;
  /** 1 once its cost is in the totals. */
  counted: number;
}

export interface ReviewRow {
  workspace_id: string;
  id: string;
  block_id: string;
  run_id: string;
  kind: string;
  iteration: number;
  status: string;
  document: string | null;
  description: string;
  model: string | null;
  created_at: number;
}

export interface ReviewItemRow {
  workspace_id: string;
  review_id: string;
  id: string;
  position: number;
  category: string;
  severity: string;
  title: string;
  detail: string;
  status: string;
  reply: string | null;
}

export interface ActivationRow {
  workspace_id: string;
  run_id: string;
  vendor: string;
  sealed: string;
  expires_at: number;
}

export interface PullRequestRow {
  repository: string;
  number: number;
  branch: string;
  base: string;
  title: string;
  body: string;
  state: string;
  merged_as: string | null;
  merged_head: string | null;
  merged_base: string | null;
  created_at: number;
}
