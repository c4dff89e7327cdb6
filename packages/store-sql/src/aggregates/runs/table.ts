import type { Generated } from "kysely";

export interface RunTables {
  runs: RunRow & {
    /** JSON of the event that ended the run without its document. */
    ended: Generated<string | null>;
    /** Bits of the parts that were removed. */
    trimmed: Generated<number>;
    /** 1: nothing of it is removed. */
    held: Generated<number>;
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
