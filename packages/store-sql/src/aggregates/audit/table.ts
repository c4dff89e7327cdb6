import type { Generated } from "kysely";

export interface AuditTables {
  audit: AuditRow & { cursor: Generated<number> };
}

/** A type, not an interface: a statement's arguments need an index signature. */
export type AuditRow = {
  workspace_id: string;
  at: number;
  /** Id of the actor. */
  actor: string;
  type: string;
  block_id: string | null;
  entry: string;
};
