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
import { SCHEMA_VERSION, migrations } from "../schema/migrations.js";
import type { Tables } from "../schema/tables.js";
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

/** @throws MillraceError `database_unwritable`, `database_newer`, `database_corrupt`, `database_busy`. */
export async function openDatabase(options: OpenDatabase, db: Kysely<Tables>): Promise<DatabaseSync> {
  explainPath(options.path);
  let database: DatabaseSync | null = null;
  try {
    database = new DatabaseSync(options.path, { timeout: options.busyTimeoutMs, enableForeignKeyConstraints: true });
    readVersion(database, options.path);
    await useWal(database, options);
    database.exec(`pragma synchronous = ${options.durability}`);
    migrate(database, options.path, db);
    return database;
  } catch (error) {
    if (database?.isOpen === true) database.close();
    throw sqliteError(error, options.path);
  }
}

/** SQLite has one code for everything that keeps it from opening a path; a person needs to know which it is. */
function explainPath(path: string): void {
  if (path === MEMORY) return;
  const folder = dirname(path);
  if (!existsSync(folder)) throw unwritable(path, `the folder '${folder}' does not exist`);
  if (!statSync(folder).isDirectory()) throw unwritable(path, `'${folder}' is not a folder`);
  if (existsSync(path) && statSync(path).isDirectory()) throw unwritable(path, "it is a folder");
}

/** Schema version of the file, 0 for a new one. @throws when the file is not ours, newer, or lacks tables it should have. */
function readVersion(database: DatabaseSync, path: string): number {
  const tables = new Set(
    database
      .prepare("select name from sqlite_schema where type = 'table'")
      .all()
      .map((row) => row["name"]),
  );
  const applicationId = database.prepare("pragma application_id").get()?.["application_id"];
  if (tables.size === 0 && applicationId === 0) return 0;
  if (applicationId !== APPLICATION_ID || !tables.has("millrace_migrations")) {
    throw corrupt(path, "it is a SQLite database of another program");
  }
  const version = Number(database.prepare("select max(version) as version from millrace_migrations").get()?.["version"] ?? 0);
  if (version > SCHEMA_VERSION) throw newer(path, version);
  const missing = tablesOf(version).filter((table) => !tables.has(table));
  if (missing.length > 0) throw corrupt(path, `it has no table ${missing.join(", ")}`, { path, missing });
  return version;
}

/** WAL keeps readers and the writer out of each other's way, across processes. Switching to it ignores the busy timeout, so it is retried here. */
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
    const version = readVersion(database, path);
    if (version === 0) {
      database.exec(`pragma application_id = ${APPLICATION_ID}`);
      database.exec("create table millrace_migrations (version integer primary key, name text not null, applied_at integer not null)");
    }
    const record = database.prepare("insert into millrace_migrations (version, name, applied_at) values (?, ?, unixepoch() * 1000)");
    for (const migration of migrations.slice(version)) {
      for (const statement of migration.statements(db, sqliteDialect)) database.exec(statement.compile().sql);
      record.run(migration.version, migration.name);
    }
    // SQLite opens a read-only file without a word; a write that changes nothing finds out now.
    database.exec("delete from commit_guards");
    database.exec("commit");
  } catch (error) {
    if (database.isTransaction) database.exec("rollback");
    throw error;
  }
}

function tablesOf(version: number): readonly string[] {
  return migrations.slice(0, version).flatMap((migration) => migration.tables);
}

function newer(path: string, version: number): MillraceError {
  return new MillraceError(
    "database_newer",
    `the database '${path}' has schema version ${version}; this build knows up to ${SCHEMA_VERSION}`,
    {
      fix: "Run the version of Millrace that wrote it, or a later one. Nothing was changed in it.",
      details: { path, version, known: SCHEMA_VERSION },
    },
  );
}
