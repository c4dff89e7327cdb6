import { blockStatusSchema, type BlockStatus } from "@millrace/contracts";
import { sql } from "kysely";

/** Columns of tasks that are not done. A board has 5,000 such tasks at most. */
export const OPEN_STATUSES: readonly BlockStatus[] = blockStatusSchema.options.filter((status) => status !== "done");

/** Written into the statement: a partial index answers only when the database sees its condition. */
export const IS_TASK = sql<boolean>`level = 'task' and removed_at is null`;
export const IS_HOLDER = sql<boolean>`level <> 'task' and removed_at is null`;
/** As a list of values, each of which is a range of the index. */
export const OPEN = sql<boolean>`status in (${sql.join(OPEN_STATUSES.map((status) => sql.lit(status)))})`;
