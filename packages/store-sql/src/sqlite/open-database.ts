/**
 * Opens a SQLite file, or says in one typed error why not.
 *
 * 1. Nothing is written before the file is known to be empty or ours, and not newer than this build.
 * 2. Pending migrations run in one transaction: all of them are in the file, or none.
 * 3. A failed open leaves no handle behind.
 */
import { existsSync, statSync } from "node:fs";
import { dirname } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { setTimeout as wait } from "node:timers/promises";
import { MillraceError } from "@millrace/kernel";
import type { Kysely } from "kysely";
import { migrations } from "../aggregates/index.js";
import type { Tables } from "../aggregates/tables.js";
import { schemaState, type Migration } from "../schema/migration.js";
import { sqliteDialect } from "./sqlite-dialect.js";
import { corrupt, isBusy, sqliteError, unwritable } from "./sqlite-errors.logic.js";

export interface OpenDatabase {
  readonly path: string;
  readonly durability: "full" | "normal";
  readonly busyTimeoutMs: number;
}

const MEMORY = ":memory:";
/** Marks a file as ours in its header ("Mill"), so that another program's database is told apart. */
const APPLICATION_ID = 0x4d69_6c6c;
const RETRY_MS = 20;

/**
 * Opens the file and brings its schema up to date.
 * @throws MillraceError `database_unwritable`, `database_newer`, `database_corrupt`, `database_busy`.
 */
export async function openDatabase(options: OpenDatabase, db: Kysely<Tables>): Promise<DatabaseSync> {
  explainPath(options.path);
  let database: DatabaseSync | null = null;
  try {
    database = new DatabaseSync(options.path, { timeout: options.busyTimeoutMs, enableForeignKeyConstraints: true });
    pendingMigrations(database, options.path);
    await useWal(database, options);
    database.exec(`pragma synchronous = ${options.durability}`);
    migrate(database, options.path, db);
    return database;
  } catch (error) {
    if (database?.isOpen === true) database.close();
    throw sqliteError(error, options.path);
  }
}

/** SQLite has one error code for every path it cannot open; people need to know the reason. */
function explainPath(path: string): void {
  if (path === MEMORY) return;
  const folder = dirname(path);
  if (!existsSync(folder)) throw unwritable(path, `the folder '${folder}' does not exist`);
  if (!statSync(folder).isDirectory()) throw unwritable(path, `'${folder}' is not a folder`);
  if (existsSync(path) && statSync(path).isDirectory()) throw unwritable(path, "it is a folder");
}

/**
 * Migrations the file lacks.
 * @throws MillraceError when the file is not ours, newer, or lacks tables it should have.
 */
function pendingMigrations(database: DatabaseSync, path: string): readonly Migration[] {
  const tables = new Set(
    database
      .prepare("select name from sqlite_schema where type = 'table'")
      .all()
      .map((row) => row["name"]),
  );
  const applicationId = database.prepare("pragma application_id").get()?.["application_id"];
  if (tables.size === 0 && applicationId === 0) return migrations;
  if (applicationId !== APPLICATION_ID || !tables.has("millrace_migrations")) {
    throw corrupt(path, "it is a SQLite database of another program");
  }
  const stored = database.prepare("select id from millrace_migrations order by id").all();
  const state = schemaState(
    stored.map((row) => String(row["id"])),
    migrations,
  );
  if (state.unknown.length > 0) throw newer(path, state.unknown);
  const missing = state.tables.filter((table) => !tables.has(table));
  if (missing.length > 0) throw corrupt(path, `it has no table ${missing.join(", ")}`, { path, missing });
  return state.pending;
}

/** With the write-ahead log, readers and the writer do not block each other, across processes. Switching to it ignores the busy timeout, so it is retried here. */
async function useWal(database: DatabaseSync, { path, busyTimeoutMs }: OpenDatabase): Promise<void> {
  const started = performance.now();
  for (;;) {
    try {
      const mode = database.prepare("pragma journal_mode = wal").get()?.["journal_mode"];
      if (mode === "wal" || path === MEMORY) return;
      throw unwritable(path, `its file system has no write-ahead log (journal mode ${String(mode)})`);
    } catch (error) {
      if (!isBusy(error) || performance.now() - started >= busyTimeoutMs) throw error;
      await wait(RETRY_MS);
    }
  }
}

function migrate(database: DatabaseSync, path: string, db: Kysely<Tables>): void {
  database.exec("begin immediate");
  try {
    // Read again: another process may have migrated while this one waited for the lock.
    const pending = pendingMigrations(database, path);
    if (pending.length === migrations.length) {
      database.exec(`pragma application_id = ${APPLICATION_ID}`);
      database.exec("create table if not exists millrace_migrations (id text primary key, applied_at integer not null)");
    }
    const record = database.prepare("insert into millrace_migrations (id, applied_at) values (?, unixepoch() * 1000)");
    for (const { id, statements } of pending) {
      for (const statement of statements(db, sqliteDialect)) database.exec(statement.compile().sql);
      record.run(id);
    }
    // SQLite opens a read-only file silently; a write that changes nothing finds out now.
    database.exec("delete from commit_guards");
    database.exec("commit");
  } catch (error) {
    if (database.isTransaction) database.exec("rollback");
    throw error;
  }
}

function newer(path: string, unknown: readonly string[]): MillraceError {
  return new MillraceError("database_newer", `the database '${path}' has migrations this build does not know: ${unknown.join(", ")}`, {
    fix: "Run the version of Millrace that wrote it, or a later one. Nothing was changed in it.",
    details: { path, unknown: [...unknown] },
  });
}
