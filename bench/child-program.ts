/**
 * Program of the benchmark's child processes: `idle FOLDER SECONDS`, or `work FOLDER RUNS HOLD_AT`: the real local runtime and its driver, on a database that
 * stands in the folder already; `wake FOLDER URL DRIVERS`: node runtimes that wait for work; `listen - URL`: a plain listener;
 * `away - URL MS`: a way to a database that is that much longer.
 * Protocol: lines on standard output; the parent measures the time.
 */
import { once } from "node:events";
import { writeSync } from "node:fs";
import { connect, createServer } from "node:net";
import { StatementSync } from "node:sqlite";
import { setTimeout as delay } from "node:timers/promises";
import { MillraceError, type AgentExecutor, modelProxyOff } from "@millrace/kernel";
import { trustEveryPerson } from "@millrace/orchestration";
import type { Host, HostSettings } from "@millrace/runtime-host";
import { openLocalRuntime } from "@millrace/runtime-local";
import { openNodeRuntime } from "@millrace/runtime-node";
import { Client } from "pg";

const WATCH_MS = 10;
/** The driver's start and its first looks are not idling. */
const QUIESCE_MS = 1000;
const say = (text: string): void => void writeSync(1, `${text}\n`);
/** By a clock that all processes of a machine share, in ns. */
const ran = (): void => say(`ran ${process.hrtime.bigint()}`);

const [task = "", folder = "", ...numbers] = process.argv.slice(2);
if (task === "idle") await idle(Number(numbers[0]));
else if (task === "wake") await wake(numbers[0] ?? "", Number(numbers[1]));
else if (task === "listen") await listen(numbers[0] ?? "");
else if (task === "away") await away(numbers[0] ?? "", Number(numbers[1]));
else await work(Number(numbers[0]), Number(numbers[1]));

/** Idle cost: no run is due. */
async function idle(seconds: number): Promise<void> {
  const statements = countStatements();
  await using runtime = await open(async () => undefined);
  await runtime.startDriver();
  await delay(QUIESCE_MS);
  const before = { cpu: process.cpuUsage(), statements: statements(), at: performance.now() };
  await delay(seconds * 1000);
  const elapsed = (performance.now() - before.at) / 1000;
  const { user, system } = process.cpuUsage(before.cpu);
  const perSecond = (statements() - before.statements) / elapsed;
  globalThis.gc?.();
  say(`idled ${(user + system) / 1000 / elapsed} ${perSecond} ${process.memoryUsage.rss()}`);
}

/** Drives all runs at once. Every call of step `holdAt` (0-based; -1 for none) is kept open until all runs are there and the parent says go. */
async function work(runs: number, holdAt: number): Promise<void> {
  const met = new Set<string>();
  const held = new Set<string>();
  const gate = Promise.withResolvers<void>();
  await using runtime = await open(async (runId, step) => {
    if (!met.has(runId) && met.add(runId).size === runs) say("taken-up");
    if (step !== holdAt) return;
    if (held.add(runId).size === runs) say("held");
    await gate.promise;
  });
  if (holdAt >= 0) void once(process.stdin, "data").then(() => gate.resolve());
  await runtime.startDriver({ concurrency: runs });
  while (await anyLive(runtime)) await delay(WATCH_MS);
  say("finished");
}

/** Drivers with connections of their own, until the parent ends it. */
async function wake(url: string, drivers: number): Promise<void> {
  await using runtimes = new AsyncDisposableStack();
  for (let index = 0; index < drivers; index += 1) {
    const runtime = runtimes.use(await openNodeRuntime({ ...settings(async () => ran()), url, poolSize: 2 }));
    await runtime.startDriver();
  }
  say("ready");
  await once(process.stdin.resume(), "end");
}

async function listen(url: string): Promise<void> {
  const client = new Client({ connectionString: url });
  await client.connect();
  client.on("notification", ran);
  await client.query("listen bench");
  say("ready");
  await once(process.stdin.resume(), "end");
}

/** Passes bytes on, those of answers `ms` later, until the parent ends it. */
async function away(url: string, ms: number): Promise<void> {
  const { hostname, port } = new URL(url);
  const proxy = createServer({ noDelay: true }, (client) => {
    const server = connect({ host: hostname, port: Number(port), noDelay: true });
    client.pipe(server);
    server.on("data", (bytes) => void setTimeout(() => client.write(bytes), ms));
    server.on("close", () => void setTimeout(() => client.destroy(), ms));
    client.on("close", () => server.destroy());
    for (const socket of [client, server]) socket.on("error", () => socket.destroy());
  });
  await once(proxy.listen(0, "127.0.0.1"), "listening");
  const address = proxy.address();
  if (address === null || typeof address === "string") throw new TypeError("a listening port has an address");
  say(`listening ${address.port}`);
  await once(process.stdin.resume(), "end");
}

async function anyLive({ store }: Host): Promise<boolean> {
  for (const { id } of await store.workspaces.list({ limit: 10 }))
    if ((await store.runs.list(id, { live: true }, { limit: 1 })).length > 0) return true;
  return false;
}

function open(answering: (runId: string, step: number) => Promise<void>): Promise<Host> {
  return openLocalRuntime(settings(answering));
}

function settings(answering: (runId: string, step: number) => Promise<void>): HostSettings {
  const noJobs = (): never => {
    throw new MillraceError("unavailable", "the benchmark has inline steps only");
  };
  const inline: AgentExecutor = {
    resolveModel: async () => "bench:no-op",
    rateOf: async () => "job",
    async run({ runId, step }) {
      await answering(runId, step);
      return { text: "done", product: null, question: null, model: "bench:no-op", usage: null };
    },
    startJob: async () => noJobs(),
    pollJob: async () => noJobs(),
    stopJob: async () => null,
    forget: async () => undefined,
  };
  return {
    folder,
    inline,
    launchFor: () => null,
    sandbox: "none",
    modelProxy: modelProxyOff,
    repositories: async () => null,
    persons: trustEveryPerson,
    log: { info: () => undefined, warn: (event, fields) => console.error(event, fields) },
  };
}

/** Every statement of this process, from any module: counted where the connection hands it to SQLite. */
function countStatements(): () => number {
  let count = 0;
  for (const name of ["all", "get", "run"] as const) {
    const original = StatementSync.prototype[name];
    Object.defineProperty(StatementSync.prototype, name, {
      value(this: StatementSync, ...values: Parameters<typeof original>) {
        count += 1;
        return Reflect.apply(original, this, values);
      },
    });
  }
  return () => count;
}
