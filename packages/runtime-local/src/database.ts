import { join } from "node:path";
import type { HostDatabase } from "@millrace/runtime-host";
import { openSqliteStore, type SqliteStoreOptions } from "@millrace/store-sql";
import { systemClock } from "./clock.js";

/**
 * Opens `millrace.db` in `folder`, which exists. The file is made when missing.
 *
 * @throws MillraceError `database_*`.
 */
export async function openLocalDatabase(folder: string, durability: SqliteStoreOptions["durability"]): Promise<HostDatabase> {
  const path = join(folder, "millrace.db");
  const sql = await openSqliteStore({ path, clock: systemClock, durability });
  return { ...sql, name: path };
}
