import type { Generated } from "kysely";

export interface PlatformEventTables {
  platform_events: PlatformEventRow;
}

/** `account_id` of the events of the host. */
export const OF_HOST = "";

/** An event of an account, or of the host. */
export interface PlatformEventRow {
  cursor: Generated<number>;
  /** Empty: of the host. */
  account_id: string;
  entry: string;
}
