import { startPostgres } from "@millrace/testing/postgres";
import { Client } from "pg";

/** A PostgreSQL server of its own, on loopback, with the settings it comes with: what was committed is on the disk. */
export interface BenchServer {
  /** "PostgreSQL 18.4", and the settings that decide what a commit costs. */
  readonly about: string;
  /** A new, empty database; its URL. */
  createDatabase(): Promise<string>;
}

/** Settings that tests override. */
const AS_IT_COMES = ["autovacuum=on", "deadlock_timeout=1s"];

/** Stopped, and its files gone, when the stack is disposed. */
export async function startBenchServer(resources: AsyncDisposableStack): Promise<BenchServer> {
  const server = resources.use(await startPostgres({ durable: true, settings: AS_IT_COMES }));
  const client = new Client({ connectionString: await server.createDatabase() });
  await client.connect();
  const { rows } = await client.query<string[]>({
    text: "select current_setting('server_version'), current_setting('fsync'), current_setting('synchronous_commit')",
    rowMode: "array",
  });
  await client.end();
  const [version, fsync, synchronous] = rows.flat();
  return {
    about: `PostgreSQL ${String(version)}, fsync ${String(fsync)}, synchronous_commit ${String(synchronous)}`,
    createDatabase: () => server.createDatabase(),
  };
}
