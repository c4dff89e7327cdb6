/**
 * A PostgreSQL database that any number of processes share: its store, its queue, its clock and its signals.
 *
 * Owns: the order in which they are opened and closed. Does not own: agents, forges, the driver (`@millrace/runtime-host`).
 * 1. The runs of a process that dies are claimed by another one when its leases end.
 * 2. An opening that fails closes what it had opened: a process that cannot work ends.
 * 3. Connections to a server that restarts are opened again; no process has to be restarted.
 */
import { MillraceError, type Clock, type Log } from "@millrace/kernel";
import { closeAll, type Close, type HostDatabase } from "@millrace/runtime-host";
import { openPostgresStore, postgresError, type PostgresStoreOptions } from "@millrace/store-sql/postgres";
import { createDatabaseClock } from "./clock.js";
import { openRunQueue } from "./run-queue.js";
import { openSignals } from "./signals.js";
import { createQueuedWakeUps } from "./wakeups.js";
import { withAdvisoryLock } from "./with-advisory-lock.js";

/** Settings of the database alone. */
export interface NodeDatabaseOptions extends Omit<PostgresStoreOptions, "clock"> {
  /** Default: the database's own clock, so that processes agree whatever the clocks of their machines say. */
  readonly clock?: Clock;
  /** Longest wait of `changed` without a signal, in ms. Default 1,000. */
  readonly pollMs?: number;
  readonly log: Log;
}

/** An open database, as `openHost` of `@millrace/runtime-host` takes it. */
export interface NodeDatabase extends HostDatabase, AsyncDisposable {
  /** The clock of the options, else the database's. */
  readonly clock: Clock;
  /** Calls back when a commit of any process made a run due, until the signal aborts. */
  readonly onDue: (callback: () => void, signal: AbortSignal) => void;
  /** Resolves when the workspace has new events, after `pollMs` at the latest, or when the signal aborts. Never rejects. */
  readonly changed: (workspaceId: string, signal: AbortSignal) => Promise<void>;
}

const DEFAULT_SCHEMA = "millrace";
/** pg-boss allows 50, and the name of its schema ends with `_queue`. */
const MAX_SCHEMA_CHARS = 40;
const POLL_MS = 1000;

/**
 * Opens the database and migrates its two schemas: `millrace` of the store, `millrace_queue` of pg-boss.
 *
 * @throws MillraceError `config_invalid`, `unavailable`, `database_*`; the database is then as it was.
 */
export async function openNodeDatabase(options: NodeDatabaseOptions): Promise<NodeDatabase> {
  const { schema = DEFAULT_SCHEMA, pollMs = POLL_MS, log } = options;
  if (schema.length > MAX_SCHEMA_CHARS)
    throw new MillraceError("config_invalid", `the schema '${schema}' is longer than ${MAX_SCHEMA_CHARS} characters`, {
      fix: "Choose a shorter name: the schema of the queue has the same name with '_queue' appended.",
    });
  const databaseClock = createDatabaseClock();
  const clock = options.clock ?? databaseClock;
  const sql = await openPostgresStore({ ...options, schema, clock });
  const { query } = sql;
  const opened: Close[] = [() => sql.close()];
  try {
    const closing = new AbortController();
    opened.push(async () => closing.abort());
    await databaseClock.synchronise(query);
    databaseClock.keepSynchronised(query, log, closing.signal);
    const queueSchema = `${schema}_queue`;
    // Of several processes that start together, one makes the schema of the queue.
    const queue = await withAdvisoryLock(options.url, queueSchema, () => openRunQueue({ schema: queueSchema, query, log }));
    opened.push(() => queue.stop());
    const signals = await openSignals({ url: options.url, schema, query, pollMs, log });
    opened.push(() => signals.close());
    const close = (): Promise<void> => closeAll(opened);
    return {
      ...createQueuedWakeUps({ sql, queue, signals, clock }),
      pullRequests: sql.pullRequests,
      clock,
      name: `${sql.name} (schema ${schema})`,
      onDue: signals.onDue,
      changed: signals.changed,
      close,
      [Symbol.asyncDispose]: close,
    };
  } catch (error) {
    await closeAll(opened).catch(() => undefined);
    // The queue and the clock reject with the driver's own errors.
    throw postgresError(error, sql.name);
  }
}
