/**
 * Opens a PostgreSQL database, or says in one typed error why not.
 *
 * 1. Nothing is written before the schema is known to be empty or ours, and not newer than this build.
 * 2. The check and the migrations are one transaction under an advisory lock: of several processes that start at once, one migrates.
 * 3. A failed open leaves no connection behind.
 */
import type { Kysely } from "kysely";
import { sql } from "kysely";
import type { Pool, PoolClient } from "pg";
import { MillraceError } from "@millrace/kernel";
import { migrations } from "../aggregates/index.js";
import type { Tables } from "../aggregates/tables.js";
import { schemaState, type Migration } from "../schema/migration.js";
import { keysLast } from "./keys-last.js";
import { postgresDialect } from "./postgres-dialect.js";
import { corrupt, postgresError } from "./postgres-errors.logic.js";

export interface OpenPostgres {
  readonly pool: Pool;
  readonly schema: string;
  readonly name: string;
}

/**
 * Brings the schema up to date; returns the names of its primary keys.
 * @throws MillraceError `config_invalid` for an encoding other than UTF8, `database_*`, `unavailable`.
 */
export async function preparePostgres(options: OpenPostgres, db: Kysely<Tables>): Promise<ReadonlySet<string>> {
  try {
    const client = await options.pool.connect();
    try {
      await requireUtf8(client, options.name);
      await client.query("begin");
      await client.query("select pg_advisory_xact_lock(hashtextextended($1, 0))", [`millrace/schema/${options.schema}`]);
      await migrate(client, options, db);
      await continueLog(client);
      const keys = await client.query<{ conname: string }>(
        "select conname from pg_constraint where contype = 'p' and connamespace = (select oid from pg_namespace where nspname = $1)",
        [options.schema],
      );
      await client.query("commit");
      client.release();
      return new Set(keys.rows.map(({ conname }) => conname));
    } catch (error) {
      // Ends the transaction too.
      client.release(true);
      throw error;
    }
  } catch (error) {
    throw postgresError(error, options.name);
  }
}

/**
 * Agents write any character; another encoding would refuse some of them with every commit that holds one.
 * @throws MillraceError `config_invalid`.
 */
async function requireUtf8(client: PoolClient, name: string): Promise<void> {
  const { rows } = await client.query<{ server_encoding: string }>("show server_encoding");
  const encoding = rows[0]?.server_encoding ?? "unknown";
  if (encoding === "UTF8") return;
  throw new MillraceError("config_invalid", `the database '${name}' has the encoding ${encoding}; Millrace needs UTF8`, {
    fix: "Create it anew: create database millrace encoding 'UTF8' template template0; move the data of an old one with pg_dump --encoding=UTF8.",
    details: { database: name, encoding },
  });
}

async function migrate(client: PoolClient, { schema, name }: OpenPostgres, db: Kysely<Tables>): Promise<void> {
  const namespace = await client.query("select 1 from pg_namespace where nspname = $1", [schema]);
  if (namespace.rows.length === 0) await client.query(sql`create schema ${sql.ref(schema)}`.compile(db).sql);
  const pending = await pendingMigrations(client, schema, name);
  // Sent together, in one round trip.
  await Promise.all(
    pending.flatMap(({ id, statements }) => [
      ...keysLast(statements(db, postgresDialect), db).map(({ sql: text }) => client.query(text)),
      client.query("insert into millrace_migrations values ($1, floor(extract(epoch from now()) * 1000))", [id]),
    ]),
  );
}

/**
 * Migrations the schema lacks. Creates their table in an empty one.
 * @throws MillraceError when the schema is not ours, newer, or lacks tables it should have.
 */
async function pendingMigrations(client: PoolClient, schema: string, name: string): Promise<readonly Migration[]> {
  const found = await client.query<{ tablename: string }>("select tablename from pg_tables where schemaname = $1", [schema]);
  const tables = new Set(found.rows.map(({ tablename }) => tablename));
  if (tables.size === 0) {
    await client.query("create table millrace_migrations (id text primary key, applied_at bigint not null)");
    return migrations;
  }
  if (!tables.has("millrace_migrations")) throw corrupt(name, `its schema '${schema}' holds tables of another program`);
  const stored = await client.query<{ id: string }>("select id from millrace_migrations order by id");
  const state = schemaState(
    stored.rows.map(({ id }) => id),
    migrations,
  );
  if (state.unknown.length > 0) throw newer(name, state.unknown);
  const missing = state.tables.filter((table) => !tables.has(table));
  if (missing.length > 0) throw corrupt(name, `it has no table ${missing.join(", ")}`);
  return state.pending;
}

/**
 * A database restored into another server counts its transactions from the start again. The log continues after its last
 * event, so that cursors stay valid and later events are not placed in the past (ADR 16).
 */
async function continueLog(client: PoolClient): Promise<void> {
  const found = await client.query<{ ahead: number; base: number }>(
    // One index lookup in the log per workspace.
    `select coalesce((select max(newest.tx) from workspaces cross join lateral (select tx from events where workspace_id = workspaces.id order by tx desc, cursor desc limit 1) as newest), 0) - pg_snapshot_xmax(pg_current_snapshot())::text::bigint - log_base() as ahead, log_base() as base`,
  );
  const { ahead = -1, base = 0 } = found.rows[0] ?? {};
  // The next transaction gets the snapshot's xmax at the earliest: every existing event lies before it.
  if (ahead >= 0)
    await client.query(`create or replace function log_base() returns bigint language sql immutable return ${base + ahead + 1}`);
}

function newer(name: string, unknown: readonly string[]): MillraceError {
  return new MillraceError("database_newer", `the database '${name}' has migrations this build does not know: ${unknown.join(", ")}`, {
    fix: "Run the version of Millrace that wrote it, or a later one. Nothing was changed in it.",
    details: { database: name, unknown: [...unknown] },
  });
}
