import { Client } from "pg";

/** How long the others are waited for, in ms: they make a schema, once in its life. */
const PATIENCE_MS = 60_000;

/**
 * Does `work` while no other process of the database does work of that name. On a connection of its own, so that it needs no place in a pool.
 * @throws the driver's own errors.
 */
export async function oneAtATime<T>(url: string, name: string, work: () => Promise<T>): Promise<T> {
  const client = new Client({ connectionString: url, application_name: "millrace-opening", lock_timeout: PATIENCE_MS });
  // What breaks it also ends the lock; `work` has errors of its own then.
  client.on("error", () => undefined);
  await client.connect();
  try {
    await client.query("select pg_advisory_lock(hashtextextended($1, 0))", [name]);
    return await work();
  } finally {
    // Ends the lock too.
    await client.end().catch(() => undefined);
  }
}
