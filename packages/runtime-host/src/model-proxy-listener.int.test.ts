import { once } from "node:events";
import { existsSync, mkdtempSync, rmSync, statSync } from "node:fs";
import { createServer, request as httpRequest, type IncomingMessage, type ServerResponse } from "node:http";
import { connect, type AddressInfo, type Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import type { ModelDoor, ModelDoorRecord, ModelGrant } from "@millrace/kernel";
import { afterEach, beforeEach, expect, it } from "vitest";
import { createModelProxy, type ModelProxySettings } from "./model-proxy-listener.js";

const ANSWER = {
  id: "c",
  choices: [{ index: 0, finish_reason: "stop", message: { role: "assistant", content: "ok" } }],
  usage: { prompt_tokens: 10, completion_tokens: 5 },
};
const BODY = JSON.stringify({ model: "any", max_completion_tokens: 100, messages: [{ role: "user", content: "Hello" }] });
const PATH = "/v1/chat/completions";

let folder: string;
let stack: AsyncDisposableStack;
let providerUrl: string;
let seen: string[];
/** How the provider answers. Default: with `ANSWER`. */
let parts: () => AsyncIterable<string> | Iterable<string>;

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), "mrp-"));
  stack = new AsyncDisposableStack();
  stack.defer(() => rmSync(folder, { recursive: true, force: true }));
  seen = [];
  parts = () => [JSON.stringify(ANSWER)];
  const answer = async (incoming: IncomingMessage, outgoing: ServerResponse): Promise<void> => {
    seen.push(await text(incoming));
    outgoing.writeHead(200, { "content-type": "application/json" });
    for await (const part of parts()) outgoing.write(part);
    outgoing.end();
  };
  const server = createServer((incoming, outgoing) => void answer(incoming, outgoing));
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  providerUrl = `http://127.0.0.1:${(server.address() as AddressInfo).port}/v1`;
  stack.defer(async () => {
    const closed = once(server, "close");
    server.close();
    server.closeAllConnections();
    await closed;
  });
});
afterEach(() => stack.disposeAsync());

const grant: ModelGrant = {
  workspaceId: "wsp_1",
  runId: "run_1",
  step: 0,
  key: "run_1/0/0/job.1",
  model: "openai:gpt-5",
  reservationMicros: 1_000_000,
  expiresAt: Number.MAX_SAFE_INTEGER,
};

const proxyWith = (settings: Partial<ModelProxySettings> = {}) =>
  createModelProxy({
    folder: join(folder, "doors"),
    providers: [
      { name: "openai", formats: ["openai-chat", "openai-responses"], baseUrl: providerUrl, key: async () => "sk-canary-of-the-host" },
    ],
    clock: { now: () => Date.now() },
    ...settings,
  });

async function openDoor(settings: Partial<ModelProxySettings> = {}, more: Partial<ModelGrant> = {}): Promise<ModelDoor> {
  return stack.use(await proxyWith(settings).open({ ...grant, ...more }));
}

interface Answer {
  readonly status: number;
  readonly body: string;
}

/** A request by a client that keeps to the rules. */
async function ask(door: Pick<ModelDoor, "socket" | "token">, { token = door.token, path = PATH, body = BODY } = {}): Promise<Answer> {
  const sent = httpRequest({
    socketPath: door.socket,
    path,
    method: "POST",
    headers: { authorization: `Bearer ${token}`, "content-type": "application/json" },
    agent: false,
  });
  sent.end(body);
  const [incoming] = (await once(sent, "response")) as [IncomingMessage];
  return { status: incoming.statusCode ?? 0, body: await text(incoming) };
}

function dial(door: Pick<ModelDoor, "socket">): Socket {
  const socket = connect(door.socket);
  socket.on("error", () => undefined);
  stack.defer(() => void socket.destroy());
  return socket;
}

/** Unlike `once`, it does not mind an error before. */
function ended(socket: Socket): Promise<void> {
  return new Promise((resolve) => socket.once("close", () => resolve()));
}

/** Sends bytes as they are, and returns all that comes back until the connection ends. */
async function raw(door: Pick<ModelDoor, "socket">, bytes: string): Promise<string> {
  const socket = dial(door);
  socket.write(bytes);
  let received = "";
  socket.on("data", (chunk) => (received += String(chunk)));
  await ended(socket);
  return received;
}

it("H:S13 a door is a socket for its user alone, and is gone when it is closed", async () => {
  const door = await openDoor();
  const modes = [door.socket, join(door.socket, ".."), join(folder, "doors")].map((path) => (statSync(path).mode & 0o777).toString(8));
  expect(modes).toEqual(["600", "700", "700"]);
  expect(await ask(door)).toEqual({ status: 200, body: JSON.stringify(ANSWER) });
  const spend = await door.close();
  expect(spend).toMatchObject({ calls: 1, usage: { tokens: { inputTokens: 10, outputTokens: 5 } } });
  expect(existsSync(join(door.socket, ".."))).toBe(false);
  expect(await door.close()).toBe(spend);
});

it("streams each part when it is there, and a client that leaves ends its call", async () => {
  const sent: string[] = [];
  const next = [Promise.withResolvers<void>(), Promise.withResolvers<void>()] as const;
  parts = async function* () {
    for (const [index, gate] of next.entries()) {
      yield `part ${index} `;
      sent.push(`part ${index} `);
      await gate.promise;
    }
  };
  const door = await openDoor();
  const request = httpRequest({ socketPath: door.socket, path: PATH, method: "POST", headers: { authorization: `Bearer ${door.token}` } });
  request.on("error", () => undefined);
  request.end(BODY);
  const [incoming] = (await once(request, "response")) as [IncomingMessage];
  incoming.on("error", () => undefined);
  expect(String((await once(incoming, "data"))[0])).toBe("part 0 ");
  next[0].resolve();
  expect(String((await once(incoming, "data"))[0])).toBe("part 1 ");
  request.destroy();
  const spend = await door.close();
  expect(spend).toMatchObject({ calls: 1, estimatedCalls: 1 });
  next[1].resolve();
});

it("H:S9 only the token of this door opens it", async () => {
  const proxy = proxyWith();
  const door = stack.use(await proxy.open(grant));
  const other = stack.use(await proxy.open({ ...grant, key: "run_2/0/0/job.1", runId: "run_2" }));
  expect((await ask(door, { token: other.token })).status).toBe(401);
  expect((await ask(door, { token: "mrt_x" })).status).toBe(401);
  expect((await ask({ ...other, token: door.token })).status).toBe(401);
  expect(seen).toEqual([]);
});

it.each([
  ["another host", "http://evil.invalid/v1/chat/completions"],
  ["another host by two slashes", "//evil.invalid/v1/chat/completions"],
  ["a doubled slash", "//v1/chat/completions"],
  ["dots", "/v1/../v1/chat/completions"],
  ["encoded dots", "/v1/%2e%2e/v1/chat/completions"],
  ["a backslash", "/v1\\chat/completions"],
  ["a fragment", "/v1/chat/completions#x"],
  ["an authority", "evil.invalid:443"],
  ["a star", "*"],
])("H:S9 a target that could be read as something else is refused: %s", async (_, target) => {
  const door = await openDoor();
  const received = await raw(
    door,
    `POST ${target} HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer ${door.token}\r\nConnection: close\r\nContent-Length: ${BODY.length}\r\n\r\n${BODY}`,
  );
  expect(received).toMatch(/^HTTP\/1.1 40[04] /);
  expect(seen).toEqual([]);
});

it.each([
  ["two lengths", "Content-Length: 5\r\nContent-Length: 6\r\n\r\n"],
  ["a length and chunks", `Content-Length: ${BODY.length}\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n`],
  ["an unknown encoding", "Transfer-Encoding: xchunked\r\n\r\n"],
  ["a folded line", `X-A: b\r\n Authorization: Bearer other\r\nContent-Length: 0\r\n\r\n`],
  ["a space before the colon", `Content-Length : ${BODY.length}\r\n\r\n`],
  ["a null byte", `X-A: \u0000\r\nContent-Length: 0\r\n\r\n`],
  ["a bare line feed", `X-A: b\nContent-Length: ${BODY.length}\r\n\r\n`],
  ["a tunnel", "\r\n\r\n"],
  ["headers that are too long", `X-A: ${"x".repeat(40_000)}\r\n\r\n`],
])("H:S9 a request that two readers could read differently is refused: %s", async (name, rest) => {
  const door = await openDoor();
  const line = name === "a tunnel" ? "CONNECT evil.invalid:443 HTTP/1.1" : `POST ${PATH} HTTP/1.1`;
  const received = await raw(door, `${line}\r\nHost: x\r\nConnection: close\r\nAuthorization: Bearer ${door.token}\r\n${rest}`);
  expect(received).toMatch(/^(?:HTTP\/1.1 4\d\d |$)/);
  expect(seen).toEqual([]);
});

it.each([
  ["TRACE", 400],
  ["HEAD", 404],
  ["PUT", 404],
  ["OPTIONS", 404],
])("H:S9 the method %s is none of an API's", async (method, status) => {
  const door = await openDoor();
  const received = await raw(
    door,
    `${method} ${PATH} HTTP/1.1\r\nHost: x\r\nConnection: close\r\nAuthorization: Bearer ${door.token}\r\n\r\n`,
  );
  expect(received.startsWith(`HTTP/1.1 ${status} `)).toBe(true);
});

it.each([
  ["nothing", { headersMs: 50 }, ""],
  ["a part of the headers", { headersMs: 50 }, "POST /v1/chat/completions HTTP/1.1\r\nHost: x\r\n"],
  [
    "a part of the body",
    { requestMs: 100 },
    `POST ${PATH} HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer TOKEN\r\nContent-Length: 500\r\n\r\n{`,
  ],
])("H:S14 a client that sends %s and stops is closed, and its slot is free", async (_, listenerLimits, bytes) => {
  const door = await openDoor({ listenerLimits, limits: { callsInFlight: 1 } });
  await raw(door, bytes.replace("TOKEN", door.token ?? ""));
  expect((await ask(door)).status).toBe(200);
});

it("H:S14 connections beyond the limit are closed, and the door works again when one has ended", async () => {
  const door = await openDoor({ listenerLimits: { connections: 2 } });
  const idle = [dial(door), dial(door)];
  await Promise.all(idle.map((socket) => once(socket, "connect")));
  expect(await raw(door, "")).toBe("");
  for (const socket of idle) {
    socket.destroy();
    await ended(socket);
  }
  // Each end of a connection is seen a little later than the other.
  await expect
    .poll(() =>
      ask(door).then(
        ({ status }) => status,
        () => 0,
      ),
    )
    .toBe(200);
});

it("H:S14 a giant body is answered with 413 and not read to its end", async () => {
  const door = await openDoor({ limits: { requestBytes: 10_000 } });
  const socket = dial(door);
  let received = "";
  socket.on("data", (chunk) => (received += String(chunk)));
  socket.write(`POST ${PATH} HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer ${door.token}\r\nTransfer-Encoding: chunked\r\n\r\n`);
  const chunk = `2710\r\n${"x".repeat(10_000)}\r\n`;
  let written = 0;
  socket.on("drain", () => pump());
  const pump = (): void => {
    while (!socket.destroyed && (written += 10_000) < 1_000_000_000 && socket.write(chunk));
  };
  pump();
  await ended(socket);
  expect(received).toMatch(/^HTTP\/1.1 413 /);
  expect(written).toBeLessThan(50_000_000);
});

it("H:S9 closing a door ends its connections and what they called", async () => {
  const never = Promise.withResolvers<void>();
  parts = async function* () {
    yield "{";
    await never.promise;
  };
  const door = await openDoor();
  const socket = dial(door);
  const bytes = `POST ${PATH} HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer ${door.token}\r\nContent-Length: ${BODY.length}\r\n\r\n${BODY}`;
  socket.write(bytes);
  await once(socket, "data");
  const closed = ended(socket);
  const spend = await door.close();
  await closed;
  expect(spend).toMatchObject({ calls: 1, estimatedCalls: 1 });
  expect(spend.usage.costMicros).toBeGreaterThan(0);
  never.resolve();
});

it("a door that another process has left is resumed in its place, with its token and what it spent", async () => {
  const before = await openDoor();
  await ask(before);
  // The process ends without closing: its socket stays, and a sandbox that goes on sees the folder.
  const resumes = before.record();
  const folderBefore = statSync(join(before.socket, "..")).ino;
  const after = await openDoor({}, { resumes });
  expect([after.socket, after.token, statSync(join(after.socket, "..")).ino]).toEqual([before.socket, null, folderBefore]);
  expect((await ask(after, { token: before.token })).status).toBe(200);
  expect(after.record().spend).toMatchObject({ calls: 2 });
});

it("a door that is detached leaves its folder to the next one", async () => {
  const before = await openDoor();
  await ask(before);
  const folderBefore = statSync(join(before.socket, "..")).ino;
  expect(await before.detach()).toMatchObject({ calls: 1 });
  expect(existsSync(before.socket)).toBe(false);
  const after = await openDoor({}, { resumes: before.record() });
  expect(statSync(join(after.socket, "..")).ino).toBe(folderBefore);
  expect((await ask(after, { token: before.token })).status).toBe(200);
});

it("the state of a door is kept before a call is sent, with the call at its reservation, and when it is settled", async () => {
  const kept: ModelDoorRecord[] = [];
  const atProvider: number[] = [];
  parts = () => {
    atProvider.push(kept.length);
    return [JSON.stringify(ANSWER)];
  };
  const door = stack.use(await proxyWith().open(grant, async (record) => void kept.push(record)));
  await ask(door);
  await door.close();
  expect(atProvider).toEqual([1]);
  expect(kept.map(({ spend }) => [spend.calls, spend.estimatedCalls])).toEqual([
    [1, 1],
    [1, 0],
  ]);
  expect(kept[0]?.spend.usage.costMicros).toBeGreaterThan(kept[1]?.spend.usage.costMicros ?? 0);
});

it("a call whose reservation cannot be kept is not sent", async () => {
  const full = async (): Promise<void> => Promise.reject(new Error("the disk is full"));
  const door = stack.use(await proxyWith().open(grant, full));
  expect((await ask(door)).status).toBe(500);
  expect(seen).toEqual([]);
  expect(await door.close()).toMatchObject({ calls: 0, usage: { costMicros: 0 } });
});

it("one key has one door, and a door that could not be opened leaves none behind", async () => {
  const proxy = proxyWith();
  const door = await proxy.open(grant);
  await expect(proxy.open(grant)).rejects.toMatchObject({ code: "conflict" });
  await door.close();
  await (await proxy.open(grant)).close();
  await expect(proxy.open({ ...grant, model: "other:model" })).rejects.toMatchObject({ code: "model_missing" });
  await expect(openDoor({ folder: join(folder, "x".repeat(100)) })).rejects.toMatchObject({ code: "config_invalid" });
  await expect(openDoor({ folder: "/dev/null/doors" })).rejects.toMatchObject({ code: "folder_unwritable" });
});
