import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { createServer, type Server } from "node:http";
import { createServer as createTcpServer, type AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { afterEach, beforeEach, expect, it } from "vitest";
import { forwarderArgv } from "./forwarder-argv.js";

let stack: AsyncDisposableStack;
let socket: string;
let door: Server;

beforeEach(async () => {
  stack = new AsyncDisposableStack();
  const folder = mkdtempSync(join(tmpdir(), "mrf-"));
  stack.defer(() => rmSync(folder, { recursive: true, force: true }));
  socket = join(folder, "model.sock");
  door = createServer((incoming, outgoing) => {
    void text(incoming).then((body) => outgoing.end(`${incoming.method} ${incoming.url} ${body}`));
  });
  door.listen(socket);
  await once(door, "listening");
  stack.defer(async () => {
    const closed = once(door, "close");
    door.close();
    door.closeAllConnections();
    await closed;
  });
});
afterEach(() => stack.disposeAsync());

/** A port that was free a moment ago. */
async function freePort(): Promise<number> {
  const server = createTcpServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  const closed = once(server, "close");
  server.close();
  await closed;
  return port;
}

async function run(port: number, argv: readonly [string, ...string[]]) {
  const [program, ...args] = forwarderArgv({ socket, port }, argv);
  const child = spawn(program, args, { stdio: ["ignore", "pipe", "pipe"] });
  const [output, errors, [code]] = await Promise.all([text(child.stdout), text(child.stderr), once(child, "exit")]);
  return { output, errors, code: code as number | null };
}

const script = (source: string): readonly [string, ...string[]] => [process.execPath, "--input-type=module", "-e", source];

it("leads what a program sends to its loopback to the socket, many connections at once", async () => {
  const port = await freePort();
  const calls = `Array.from({ length: 8 }, (_, i) => fetch("http://127.0.0.1:${port}/v1/x", { method: "POST", body: "b".repeat(200_000) + i }).then((r) => r.text()))`;
  const ran = await run(port, script(`console.log((await Promise.all(${calls})).map((t) => t.length + t.slice(0, 12) + t.at(-1)).join())`));
  const expected = Array.from({ length: 8 }, (_, index) => `200012POST /v1/x b${index}`).join();
  expect(ran).toEqual({ output: `${expected}\n`, errors: "", code: 0 });
});

it("ends as its program ends", async () => {
  expect((await run(await freePort(), script("process.exit(7)"))).code).toBe(7);
  expect((await run(await freePort(), script("process.kill(process.pid, 'SIGKILL'); setInterval(() => {}, 1000)"))).code).toBe(137);
});

it("passes a signal on to its program", async () => {
  const [program, ...args] = forwarderArgv(
    { socket, port: await freePort() },
    script("process.on('SIGTERM', () => process.exit(3)); setInterval(() => {}, 1000); console.log('ready')"),
  );
  const child = spawn(program, args, { stdio: ["ignore", "pipe", "inherit"] });
  await once(child.stdout, "data");
  child.kill("SIGTERM");
  expect(await once(child, "exit")).toEqual([3, null]);
});

it("starts no program without its port, and says what it could not start", async () => {
  const taken = createTcpServer().listen(0, "127.0.0.1");
  await once(taken, "listening");
  const ran = await run((taken.address() as AddressInfo).port, script("console.log('started')"));
  taken.close();
  expect(ran).toEqual({ output: "", errors: expect.stringContaining("cannot be listened on"), code: 125 });
  expect(await run(await freePort(), ["/no/such/program"])).toMatchObject({
    errors: expect.stringContaining("/no/such/program"),
    code: 125,
  });
});

it("a door that is closed ends the connection, and its program goes on", async () => {
  const port = await freePort();
  rmSync(socket);
  const ran = await run(port, script(`console.log(await fetch("http://127.0.0.1:${port}/").then(() => "answered", () => "refused"))`));
  expect(ran).toEqual({ output: "refused\n", errors: "", code: 0 });
});
