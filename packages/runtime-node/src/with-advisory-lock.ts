import { Client } from "pg";

/** Longest wait for the lock, in ms: its holder makes a schema, once in the life of a database. */
const LOCK_TIMEOUT_MS = 60_000;
/** Longest wait for the connection, in ms. */
const CONNECT_MS = 5000;

/**
 * Runs `work` while this process holds the advisory lock `name` of the database, on a connection of its own: the lock takes no place
 * in a pool, and ends with its connection.
 *
 * @throws the driver's own errors.
 */
export async function withAdvisoryLock<T>(url: string, name: string, work: () => Promise<T>): Promise<T> {
  const client = new Client({
    connectionString: url,
    application_name: "millrace-opening",
    lock_timeout: LOCK_TIMEOUT_MS,
    connectionTimeoutMillis: CONNECT_MS,
    query_timeout: LOCK_TIMEOUT_MS + CONNECT_MS,
  });
  // A connection that breaks releases the lock; `work` fails with its own error then.
  client.on("error", () => undefined);
  try {
    await client.connect();
    await client.query("select pg_advisory_lock(hashtextextended($1, 0))", [name]);
    return await work();
  } finally {
    // Closing the connection releases the lock.
    await client.end().catch(() => undefined);
  }
}
