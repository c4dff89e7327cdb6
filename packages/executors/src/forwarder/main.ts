/**
 * Runs inside a sandbox, around an agent that wants an address to speak HTTP to: `forwarder SOCKET PORT PROGRAM [ARGUMENT...]`. Listens
 * on loopback, writes the files of `MILLRACE_FORWARDED_FILES` into the home, starts the program, and relays every connection to the Unix socket, bytes as they are. Ends as the program ends.
 */
import { spawn } from "node:child_process";
import { mkdirSync, writeFileSync } from "node:fs";
import { connect, createServer, type Socket } from "node:net";
import { constants, homedir } from "node:os";
import { dirname, join } from "node:path";
import { z } from "zod";
import { FORWARDED_FILES } from "./forwarder-argv.js";

const MAX_CONNECTIONS = 32;
const FORWARDED = ["SIGTERM", "SIGINT", "SIGHUP"] as const;
/** Exit status where the program was not started, as `env` and `timeout` have it. */
const CANNOT_START = 125;

const [socketPath = "", port = "", program = "", ...args] = process.argv.slice(2);

function relay(client: Socket): void {
  const door = connect(socketPath);
  const destroy = (): void => {
    client.destroy();
    door.destroy();
  };
  client.on("error", destroy);
  door.on("error", destroy);
  client.on("close", destroy);
  door.on("close", destroy);
  client.pipe(door).pipe(client);
}

function fail(message: string): never {
  process.stderr.write(`forwarder: ${message}\n`);
  process.exit(CANNOT_START);
}

function writeFiles(text: string): void {
  for (const [path, content] of Object.entries(z.record(z.string(), z.string()).parse(JSON.parse(text)))) {
    const file = join(homedir(), path);
    mkdirSync(dirname(file), { recursive: true, mode: 0o700 });
    writeFileSync(file, content, { mode: 0o600 });
  }
}

function start(): void {
  const { [FORWARDED_FILES]: files, ...env } = process.env;
  if (files !== undefined) writeFiles(files);
  const child = spawn(program, args, { stdio: "inherit", env });
  child.on("error", () => fail(`the program '${program}' cannot be started`));
  for (const signal of FORWARDED) process.on(signal, () => child.kill(signal));
  child.on("exit", (code, signal) => process.exit(signal === null ? (code ?? 1) : 128 + constants.signals[signal]));
}

const server = createServer({ allowHalfOpen: true }, relay);
server.maxConnections = MAX_CONNECTIONS;
server.on("error", () => fail(`port ${port} of the loopback cannot be listened on`));
server.listen({ host: "127.0.0.1", port: Number(port) }, start);
