import type { Clock } from "@millrace/kernel";
import { MillraceError } from "@millrace/kernel";
import { Pool, types } from "pg";
import { z } from "zod";
import type { SqlStore } from "./open-sqlite-store.js";
import { postgresCompiler } from "./postgres/compiler.js";
import { preparePostgres } from "./postgres/open-postgres.js";
import { PostgresConnection } from "./postgres/postgres-connection.js";
import { createSqlPullRequests } from "./aggregates/pull-requests/ledger.js";
import { wakeUpRows, type PostgresQuery, type WakeUpRows } from "./postgres/wakeup-rows.js";
import { createSqlStore, type StoreWithMore } from "./sql-store.js";
import { createSqlWakeUps } from "./aggregates/wakeups/wake-ups.js";

/** Where the database is, and the limits of its connections. Only `url` is required. */
export interface PostgresStoreOptions {
  /** `postgres://user:password@host:port/database`. PostgreSQL 14 or later. */
  readonly url: string;
  /** The schema that holds the store's tables, created when it is not there. Default `millrace`. */
  readonly schema?: string | undefined;
  /** Connections at most. A commit uses one for one round trip. Default 10. */
  readonly poolSize?: number | undefined;
  /** Time one statement may run, in ms, before `database_busy`. Default 30,000. */
  readonly statementTimeoutMs?: number | undefined;
  /** Time a statement waits for another transaction, in ms, before `database_busy`. Default 10,000. */
  readonly lockTimeoutMs?: number | undefined;
  /** Time the server keeps the transaction of a silent client, in ms. Until then readers of the log see nothing newer. Default 10,000. */
  readonly idleInTransactionTimeoutMs?: number | undefined;
  /** Time to make one connection, in ms. Default 5,000. */
  readonly connectTimeoutMs?: number | undefined;
  /** Time reads, and commits not yet sent, look for a server that is away, in ms, before `unavailable`. Default 5,000. */
  readonly reconnectMs?: number | undefined;
  readonly clock: Clock;
}

/** A store, with access for a queue in the same database. */
export interface PostgresStore extends SqlStore {
  readonly store: StoreWithMore;
  /** Host, port and database, for messages. Never a password. */
  readonly name: string;
  /** Runs one statement of another owner of the database, or a script without values. Rejects with the driver's own errors. */
  readonly query: PostgresQuery;
  /**
   * Runs the rows of wake-ups and the statements of a queue in one transaction. `work` may run more than once.
   * @throws MillraceError as a commit does.
   */
  handOver<T>(work: (rows: WakeUpRows, query: PostgresQuery) => Promise<T>): Promise<T>;
}

const milliseconds = z.number().int().min(1).max(600_000);
const optionsSchema = z.object({
  url: z.url({ protocol: /^postgres(ql)?$/ }),
  schema: z
    .string()
    .regex(/^[a-z_][a-z0-9_]{0,62}$/)
    .default("millrace"),
  poolSize: z.number().int().min(1).max(1000).default(10),
  statementTimeoutMs: milliseconds.default(30_000),
  lockTimeoutMs: milliseconds.default(10_000),
  idleInTransactionTimeoutMs: milliseconds.default(10_000),
  connectTimeoutMs: milliseconds.default(5000),
  reconnectMs: z.number().int().min(0).max(600_000).default(5000),
});
type Options = z.output<typeof optionsSchema>;

/** Added to the server's statement timeout, in ms: a later answer is not on its way any more. */
const SILENCE_MS = 5000;
/** Time an unused connection is kept, in ms. */
const IDLE_MS = 60_000;
const NEVER_ALL = ["seqscan", "hashjoin", "mergejoin", "bitmapscan", "material"].map((plan) => `enable_${plan}=off`);
const INT8 = 20;

/**
 * Opens a PostgreSQL store and brings its schema up to date. Any number of processes may open the same database.
 *
 * @throws MillraceError `config_invalid` (options, an encoding other than UTF8), `unavailable`, `database_unwritable`, `database_newer`, `database_corrupt`,
 * `database_busy`; the database is then as it was.
 */
export async function openPostgresStore(options: PostgresStoreOptions): Promise<PostgresStore> {
  const parsed = optionsSchema.safeParse(options);
  if (!parsed.success) {
    const [issue] = parsed.error.issues;
    // Never the value: a URL holds a password.
    throw new MillraceError("config_invalid", `the store's option '${issue?.path.join(".") ?? ""}' is not valid: ${issue?.message ?? ""}`, {
      fix: "Pass a postgres:// URL; a schema in lower case; times in ms.",
    });
  }
  const connection = await connect(parsed.data);
  const close = (): Promise<void> => connection.close();
  return {
    store: createSqlStore(connection, options.clock),
    wakeups: createSqlWakeUps(connection, options.clock),
    pullRequests: createSqlPullRequests(connection),
    name: connection.name,
    query: (text, values) => connection.query(text, values),
    handOver: (work) => connection.transaction((query) => work(wakeUpRows(query), query)),
    close,
    [Symbol.asyncDispose]: close,
  };
}

async function connect(options: Options): Promise<PostgresConnection> {
  const pool = createPool(options);
  const { host, pathname } = new URL(options.url);
  const name = `${host}${pathname}`;
  const db = postgresCompiler();
  try {
    const primaryKeys = await preparePostgres({ pool, schema: options.schema, name }, db);
    return new PostgresConnection({ pool, db, name, primaryKeys, reconnectMs: options.reconnectMs });
  } catch (error) {
    await pool.end();
    throw error;
  }
}

function createPool(options: Options): Pool {
  const pool = new Pool({
    connectionString: options.url,
    max: options.poolSize,
    // A connection is expensive: a process of the server, with every statement planned anew.
    idleTimeoutMillis: IDLE_MS,
    pipeline: true,
    // Every statement finds its rows by keys, whatever their values: one generic plan each, made once per connection. A table that is
    // small at that time may be large a minute later, so plans that read a whole table, or a whole range before they sort it, are disabled.
    options: [`search_path=${options.schema}`, "plan_cache_mode=force_generic_plan", ...NEVER_ALL].map((one) => `-c ${one}`).join(" "),
    statement_timeout: options.statementTimeoutMs,
    lock_timeout: options.lockTimeoutMs,
    idle_in_transaction_session_timeout: options.idleInTransactionTimeoutMs,
    connectionTimeoutMillis: options.connectTimeoutMs,
    query_timeout: options.statementTimeoutMs + SILENCE_MS,
    keepAlive: true,
    application_name: "millrace",
    // Every stored number is a safe integer in JavaScript; the driver would return 8-byte ones as text.
    types: { getTypeParser: (oid, format) => (oid === INT8 ? Number : types.getTypeParser(oid, format)) },
  });
  // A broken connection rejects its pending queries; without a listener it would also end the process.
  const ignore = (): void => undefined;
  pool.on("error", ignore);
  pool.on("connect", (client) => void client.on("error", ignore));
  return pool;
}
