import { chmod, open } from "node:fs/promises";
import { join } from "node:path";
import type { HostDatabase } from "@millrace/runtime-host";
import { openSqliteStore, type SqliteStoreOptions } from "@millrace/store-sql";
import { systemClock } from "./clock.js";

/**
 * Opens `millrace.db` in `folder`, which exists. The file is made when missing, and is for its user alone.
 *
 * @throws MillraceError `database_*`.
 */
export async function openLocalDatabase(folder: string, durability: SqliteStoreOptions["durability"]): Promise<HostDatabase> {
  const path = join(folder, "millrace.db");
  await closeToOthers(path);
  const sql = await openSqliteStore({ path, clock: systemClock, durability });
  return { ...sql, name: path };
}

/** The mode of a user's own file. SQLite gives a new log and a new index the mode of the database. */
const OWN = 0o600;
const BESIDE = ["-wal", "-shm"];

/**
 * Makes the file, or closes the one that is there, with what SQLite left beside it. One that cannot be changed is explained by opening it
 * as a database.
 */
async function closeToOthers(path: string): Promise<void> {
  try {
    const file = await open(path, "ax", OWN);
    await file.close();
  } catch {
    for (const file of [path, ...BESIDE.map((end) => `${path}${end}`)]) await chmod(file, OWN).catch(() => undefined);
  }
}
