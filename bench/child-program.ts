/**
 * What the children run: `idle FOLDER SECONDS`, or `work FOLDER RUNS HOLD_AT`: the real local runtime and its driver, on a database
 * that stands in the folder already; or `serve FOLDER URL CONCURRENCY`: the real node runtime on PostgreSQL. It says lines on its
 * standard output; the parent reads the clock.
 */
import { once } from "node:events";
import { writeSync } from "node:fs";
import { StatementSync } from "node:sqlite";
import { setTimeout as delay } from "node:timers/promises";
import { MillraceError, type AgentExecutor, type Log } from "@millrace/kernel";
import type { Host } from "@millrace/runtime-host";
import { openLocalRuntime } from "@millrace/runtime-local";
import { openNodeRuntime } from "@millrace/runtime-node";

const WATCH_MS = 10;
/** The driver's start and its first looks are not idling. */
const SETTLE_MS = 1000;
const log: Log = { info: () => undefined, warn: (event, fields) => console.error(event, fields) };
const say = (text: string): void => void writeSync(1, `${text}\n`);

const [task = "", folder = "", ...others] = process.argv.slice(2);
if (task === "idle") await idle(Number(others[0]));
else if (task === "work") await work(Number(others[0]), Number(others[1]));
else await serve(others[0] ?? "", Number(others[1]));

/** Says of every call of an agent when it came, in epoch ms; until it is killed. */
async function serve(url: string, concurrency: number): Promise<void> {
  const inline = agent(async (runId) => say(`called ${runId} ${performance.timeOrigin + performance.now()}`));
  await using runtime = await openNodeRuntime({ url, folder, inline, launchFor: () => null, repositories: async () => null, log });
  await runtime.startDriver({ concurrency });
  say("serving");
  await new Promise(() => undefined);
}

/** Nothing is due: what does it cost to be there? */
async function idle(seconds: number): Promise<void> {
  const statements = countStatements();
  await using runtime = await open(async () => undefined);
  await runtime.startDriver();
  await delay(SETTLE_MS);
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

async function anyLive({ store }: Host): Promise<boolean> {
  for (const { id } of await store.workspaces.list({ limit: 10 }))
    if ((await store.runs.list(id, { live: true }, { limit: 1 })).length > 0) return true;
  return false;
}

function open(answering: (runId: string, step: number) => Promise<void>): Promise<Host> {
  return openLocalRuntime({ folder, inline: agent(answering), launchFor: () => null, repositories: async () => null, log });
}

function agent(answering: (runId: string, step: number) => Promise<void>): AgentExecutor {
  const noJobs = (): never => {
    throw new MillraceError("unavailable", "the benchmark has inline steps only");
  };
  return {
    resolveModel: async () => "bench:no-op",
    isQuotaBased: async () => false,
    async run({ runId, step }) {
      await answering(runId, step);
      return { text: "done", product: null, question: null, model: "bench:no-op", usage: null };
    },
    startJob: async () => noJobs(),
    pollJob: async () => noJobs(),
    stopJob: async () => undefined,
    forget: async () => undefined,
  };
}

/** Every statement of this process, whoever sends it: counted where the connection hands it to SQLite. */
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
