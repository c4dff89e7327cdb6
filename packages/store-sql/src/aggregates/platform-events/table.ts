import type { Generated } from "kysely";

export interface PlatformEventTables {
  platform_events: PlatformEventRow;
}

/** An event of an account, or of the host. */
export interface PlatformEventRow {
  cursor: Generated<number>;
  /** Null: of the host. */
  account_id: string | null;
  at: number;
  /** Id of the actor. */
  actor: string;
  type: string;
  entry: string;
}
