/**
 * A PostgreSQL database that any number of processes work on: its store, its queue, its clock and its signals, put together.
 *
 * 1. A process that dies gives nothing back: its leases run out, and any other process takes its runs up.
 * 2. A server that restarts is looked for again; nobody has to restart a worker.
 */
import { MillraceError, type Clock, type Log } from "@millrace/kernel";
import type { HostDatabase } from "@millrace/runtime-host";
import { openPostgresStore, postgresError, type PostgresStoreOptions } from "@millrace/store-sql/postgres";
import { createDatabaseClock } from "./clock.js";
import { oneAtATime } from "./with-advisory-lock.js";
import { queuedWakeUps } from "./wakeups.js";
import { openRunQueue } from "./run-queue.js";
import { openSignals } from "./signals.js";

export interface NodeDatabaseOptions extends Omit<PostgresStoreOptions, "clock"> {
  /** Default: the database's own clock, so that processes agree whatever their machines say. Tests bring another. */
  readonly clock?: Clock;
  /** How long `changed` waits when nobody tells it anything, in ms. Default 1,000. */
  readonly pollMs?: number;
  readonly log: Log;
}

export interface NodeDatabase extends HostDatabase, AsyncDisposable {
  readonly clock: Clock;
  /** Calls back when another process made a run due, until the signal aborts. */
  readonly onDue: (callback: () => void, signal: AbortSignal) => void;
  /** Resolves when the workspace has new events, after `pollMs` at the latest, or when the signal aborts. */
  readonly changed: (workspaceId: string, signal: AbortSignal) => Promise<void>;
}

const DEFAULT_SCHEMA = "millrace";
/** pg-boss takes 50, and ours ends with `_queue`. */
const MAX_SCHEMA_CHARS = 40;
const POLL_MS = 1000;

/**
 * Opens the database and brings its schemas up to date: `millrace` for the store, `millrace_queue` for pg-boss.
 * @throws MillraceError `config_invalid`, `unavailable`, `database_*`; the database is then as it was.
 */
export async function openNodeDatabase(options: NodeDatabaseOptions): Promise<NodeDatabase> {
  const { schema = DEFAULT_SCHEMA, pollMs = POLL_MS, log } = options;
  if (schema.length > MAX_SCHEMA_CHARS)
    throw new MillraceError("config_invalid", `the schema '${schema}' is longer than ${MAX_SCHEMA_CHARS} characters`, {
      fix: "Choose a shorter one: the queue's is called the same with '_queue' behind it.",
    });
  const closing = new AbortController();
  const databaseClock = createDatabaseClock();
  const clock = options.clock ?? databaseClock;
  const sql = await openPostgresStore({ ...options, schema, clock });
  const { query } = sql;
  try {
    await databaseClock.synchronise(query);
    databaseClock.keep(query, log, closing.signal);
    const queueSchema = `${schema}_queue`;
    // Of several processes that start at once, one makes the queue's schema.
    const queue = await oneAtATime(options.url, queueSchema, () => openRunQueue({ schema: queueSchema, query, log }));
    const signals = await openSignals({ url: options.url, schema, query, pollMs, log });
    const close = async (): Promise<void> => {
      closing.abort();
      await signals.close();
      await queue.stop();
      await sql.close();
    };
    return {
      ...queuedWakeUps({ sql, queue, signals, clock }),
      pullRequests: sql.pullRequests,
      clock,
      name: `${sql.name} (schema ${schema})`,
      onDue: signals.onDue,
      changed: signals.changed,
      close,
      [Symbol.asyncDispose]: close,
    };
  } catch (error) {
    closing.abort();
    await sql.close();
    // The queue and the clock hand on what the driver says.
    throw postgresError(error, sql.name);
  }
}
