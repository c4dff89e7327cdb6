import type { Clock, PullRequestLedger, Store, WakeUps } from "@millrace/kernel";
import { MillraceError } from "@millrace/kernel";
import { z } from "zod";
import { createSqlPullRequests } from "./aggregates/pull-requests/ledger.js";
import { createSqlStore } from "./sql-store.js";
import { createSqlWakeUps } from "./aggregates/wakeups/wake-ups.js";
import { sqliteCompiler } from "./sqlite/compiler.js";
import { openDatabase } from "./sqlite/open-database.js";
import { SqliteConnection } from "./sqlite/sqlite-connection.js";

/** Where the database file is, how durable a commit is, how long a lock is waited for. Only `path` is required. */
export interface SqliteStoreOptions {
  /** The database file; its folder must exist. `:memory:` keeps the data in this process, until `close`. */
  readonly path: string;
  /**
   * `full`: an acknowledged commit survives a power cut. `normal`: it survives a crash or kill of the
   * process; a power cut may lose the last commits, and never tears one. Several times faster. Default `full`.
   */
  readonly durability?: "full" | "normal" | undefined;
  /** Time a write waits for another process, in ms, before `database_busy`. Default 5,000. It blocks the event loop meanwhile. */
  readonly busyTimeoutMs?: number | undefined;
  readonly clock: Clock;
}

/** Everything Millrace stores, in one database. */
export interface SqlStore extends AsyncDisposable {
  readonly store: Store;
  readonly wakeups: WakeUps;
  readonly pullRequests: PullRequestLedger;
  /** Later calls reject with `unavailable`. Closing twice is harmless. */
  close(): Promise<void>;
}

const optionsSchema = z.object({
  path: z.string().min(1),
  durability: z.enum(["full", "normal"]).default("full"),
  busyTimeoutMs: z.number().int().min(0).max(600_000).default(5000),
});

/**
 * Opens a SQLite store and brings its schema up to date. Several processes may open the same file.
 * Write-ahead log, foreign keys on.
 *
 * @throws MillraceError `config_invalid` (options), `database_unwritable`, `database_newer`, `database_corrupt`, `database_busy`;
 * the file is then as it was.
 */
export async function openSqliteStore(options: SqliteStoreOptions): Promise<SqlStore> {
  const { connection } = await openSqliteConnection(options);
  const close = async (): Promise<void> => connection.close();
  return {
    store: createSqlStore(connection, options.clock),
    wakeups: createSqlWakeUps(connection, options.clock),
    pullRequests: createSqlPullRequests(connection),
    close,
    [Symbol.asyncDispose]: close,
  };
}

/** The connection under `openSqliteStore`, for tests that inspect it. */
export async function openSqliteConnection(options: Omit<SqliteStoreOptions, "clock">): Promise<{ readonly connection: SqliteConnection }> {
  const parsed = optionsSchema.safeParse(options);
  if (!parsed.success) {
    const [issue] = parsed.error.issues;
    throw new MillraceError("config_invalid", `the store's option '${issue?.path.join(".") ?? ""}' is not valid: ${issue?.message ?? ""}`, {
      fix: "Pass a path, and durability 'full' or 'normal', and busyTimeoutMs from 0 to 600000 if any.",
    });
  }
  const db = sqliteCompiler();
  const database = await openDatabase(parsed.data, db);
  return { connection: new SqliteConnection(database, db, parsed.data.path) };
}
