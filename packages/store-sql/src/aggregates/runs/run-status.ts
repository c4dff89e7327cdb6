import { sql } from "kysely";

export const LIVE_STATUSES: readonly string[] = ["running", "waiting", "paused", "stopping"];

/** Written into the statement: a partial index answers only when the database sees its condition. */
export const LIVE = sql<boolean>`status in ('running', 'waiting', 'paused', 'stopping')`;
export const NOT_LIVE = sql<boolean>`status not in ('running', 'waiting', 'paused', 'stopping')`;
export const PAUSED = sql<boolean>`status = 'paused'`;
export const NOT_PAUSED = sql<boolean>`status <> 'paused'`;
