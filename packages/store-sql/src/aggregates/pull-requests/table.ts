export interface PullRequestTables {
  pull_requests: PullRequestRow;
  checks: CheckRow;
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
  opened_head: string | null;
  opened_base: string | null;
  created_at: number;
}

export interface CheckRow {
  repository: string;
  head: string;
  settings: string;
  name: string;
  document: string;
}
