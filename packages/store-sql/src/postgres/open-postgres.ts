/**
 * Opens a PostgreSQL database, or says in one typed error why not.
 *
 * 1. Nothing is written before the schema is known to be empty or ours, and not newer than this build.
 * 2. Looking and migrating are one transaction under a lock: of several processes that start at once, one migrates.
 * 3. A failed open leaves no connection behind.
 */
import type { Kysely } from "kysely";
import { sql } from "kysely";
import type { Pool, PoolClient } from "pg";
import { MillraceError } from "@millrace/kernel";
import { SCHEMA_VERSION, migrations } from "../schema/migrations.js";
import type { Tables } from "../schema/tables.js";
import { keysLast } from "./keys-last.js";
import { postgresDialect } from "./postgres-dialect.js";
import { corrupt, postgresError } from "./postgres-errors.logic.js";

export interface OpenPostgres {
  readonly pool: Pool;
  readonly schema: string;
  readonly name: string;
}

/** Brings the schema up to date; returns the names of its primary keys. @throws MillraceError `database_*`, `unavailable`. */
export async function preparePostgres(options: OpenPostgres, db: Kysely<Tables>): Promise<ReadonlySet<string>> {
  try {
    const client = await options.pool.connect();
    try {
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

async function migrate(client: PoolClient, { schema, name }: OpenPostgres, db: Kysely<Tables>): Promise<void> {
  const namespace = await client.query("select 1 from pg_namespace where nspname = $1", [schema]);
  if (namespace.rows.length === 0) await client.query(sql`create schema ${sql.ref(schema)}`.compile(db).sql);
  const version = await readVersion(client, schema, name);
  if (version === SCHEMA_VERSION) return;
  if (version === 0)
    await client.query("create table millrace_migrations (version integer primary key, name text not null, applied_at bigint not null)");
  for (const migration of migrations.slice(version)) {
    // Sent together: one round trip a migration.
    await Promise.all(keysLast(migration.statements(db, postgresDialect), db).map(({ sql: text }) => client.query(text)));
    await client.query("insert into millrace_migrations values ($1, $2, floor(extract(epoch from now()) * 1000))", [
      migration.version,
      migration.name,
    ]);
  }
}

/** Schema version, 0 for an empty one. @throws when it is not ours, newer, or lacks tables it should have. */
async function readVersion(client: PoolClient, schema: string, name: string): Promise<number> {
  const found = await client.query<{ tablename: string }>("select tablename from pg_tables where schemaname = $1", [schema]);
  const tables = new Set(found.rows.map(({ tablename }) => tablename));
  if (tables.size === 0) return 0;
  if (!tables.has("millrace_migrations")) throw corrupt(name, `its schema '${schema}' holds tables of another program`);
  const stored = await client.query<{ version: number | null }>("select max(version) as version from millrace_migrations");
  const version = stored.rows[0]?.version ?? 0;
  if (version > SCHEMA_VERSION) throw newer(name, version);
  const missing = migrations
    .slice(0, version)
    .flatMap((migration) => migration.tables)
    .filter((table) => !tables.has(table));
  if (missing.length > 0) throw corrupt(name, `it has no table ${missing.join(", ")}`);
  return version;
}

/**
 * A database that was restored into another server counts its transactions from the start again. The log goes on behind its last
 * event, so that cursors stay valid and what is written next is not placed in the past (ADR 16).
 */
async function continueLog(client: PoolClient): Promise<void> {
  const found = await client.query<{ ahead: number; base: number }>(
    // One look at the log's index for each workspace.
    `select coalesce((select max(newest.tx) from workspaces cross join lateral (select tx from events where workspace_id = workspaces.id order by tx desc, cursor desc limit 1) as newest), 0) - pg_snapshot_xmax(pg_current_snapshot())::text::bigint - log_base() as ahead, log_base() as base`,
  );
  const { ahead = -1, base = 0 } = found.rows[0] ?? {};
  // The next transaction gets the snapshot's xmax at the earliest: an event that is there already lies before it.
  if (ahead >= 0)
    await client.query(`create or replace function log_base() returns bigint language sql immutable return ${base + ahead + 1}`);
}

function newer(name: string, version: number): MillraceError {
  return new MillraceError(
    "database_newer",
    `the database '${name}' has schema version ${version}; this build knows up to ${SCHEMA_VERSION}`,
    {
      fix: "Run the version of Millrace that wrote it, or a later one. Nothing was changed in it.",
      details: { database: name, version, known: SCHEMA_VERSION },
    },
  );
}
