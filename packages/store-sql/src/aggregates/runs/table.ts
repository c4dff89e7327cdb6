import type { Generated } from "kysely";

export interface RunTables {
  runs: RunRow & {
    /** JSON of the event that ended the run without its document. */
    ended: Generated<string | null>;
    /** 1 once its details were removed. */
    trimmed: Generated<number>;
  };
}

export interface RunRow {
  workspace_id: string;
  id: string;
  block_id: string;
  service_id: string | null;
  task_type: string | null;
  pipeline_id: string;
  pipeline_digest: string;
  status: string;
  revision: number;
  created_at: number;
  updated_at: number;
  shape_version: number;
  document: string;
}
