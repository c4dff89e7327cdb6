import type { Generated } from "kysely";

export interface EventTables {
  events: EventRow;
}

export interface EventRow {
  cursor: Generated<number>;
  workspace_id: string;
  /** Null for events of the board. */
  run_id: string | null;
  sequence: number | null;
  entry: string;
}
