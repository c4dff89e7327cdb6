/** Machines with job folders of their own on one PostgreSQL database (F:C16). */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Run } from "@millrace/contracts";
import type { SampleScript } from "@millrace/executors";
import type { Host } from "@millrace/runtime-host";
import { openNodeRuntime } from "@millrace/runtime-node";
import { startPostgres, type PostgresServer } from "@millrace/testing/postgres";
import { afterAll, beforeAll, expect, it, onTestFinished } from "vitest";
import { boardSettings, makeSample } from "./local-board.fixture.js";
import { eventsOf, expectMergedOnce, restOf, startAll } from "./runtime-cases.fixture.js";

let server: PostgresServer;
beforeAll(async () => {
  server = await startPostgres();
});
afterAll(() => server.stop());

const LEASE_MS = 3000;
const SCORE = JSON.stringify({ complexity: 0.1, risk: 0.1, impact: 0.1, rationale: "one file" });

/** A coder that takes a while: `first` is a shell command that only the first one runs. */
function slowly(folder: string, first: string): SampleScript {
  const flag = join(folder, "flag");
  const work = `mkdir '${flag}' 2>/dev/null && { ${first}; }; sleep 1; echo "$MILLRACE_JOB_KEY" > "$(basename "$(mktemp -u)")"`;
  return {
    turns: [
      { kind: "coder", plan: [], actions: [{ run: { argv: ["sh", "-c", work] } }], say: "done" },
      { kind: "merger", plan: [], actions: [], say: SCORE },
    ],
  };
}

/** A folder with a repository, and machines on one database that keep their jobs each in a folder of its own. */
async function place(first: string): Promise<{ readonly folder: string; readonly open: (machine: string) => Promise<Host> }> {
  const folder = await mkdtemp(join(tmpdir(), "millrace-machines-"));
  onTestFinished(() => rm(folder, { recursive: true, force: true, maxRetries: 5 }));
  const url = await server.createDatabase();
  await makeSample(folder, slowly(folder, first), { "answer.txt": "42\n" });
  return {
    folder,
    // Agents of both machines share a flag outside of their work, which a sandbox would not show them.
    open: (machine) =>
      openNodeRuntime({ ...boardSettings(folder), sandbox: "none", folder: join(folder, machine), url, leaseMs: LEASE_MS }),
  };
}

/** Keys of the coder's jobs that were started. */
async function coders(runtime: Host, run: Run): Promise<readonly string[]> {
  const events = await eventsOf(runtime, run);
  return events.flatMap(({ event }) => (event.type === "job-started" && event.job.kind === "coder" ? [event.job.key] : []));
}

it("F:C16 machines on one board leave each other's jobs alone, and read their outcomes", async () => {
  const { folder, open } = await place("sleep 5");
  await using one = await open("one");
  await using two = await open("two");
  const runs = await startAll(one, ["a", "b", "c", "d"]);
  await one.startDriver({ concurrency: 2 });
  await two.startDriver({ concurrency: 2 });
  const ended = await Promise.all(runs.map(async (run) => restOf(one, run)));
  await expectMergedOnce(one, folder, ended);
  for (const run of ended) expect(await coders(one, run)).toHaveLength(1);
}, 120_000);

it("F:C16 the job of a machine that is gone is lost after a lease, and ended when that machine comes back", async () => {
  const { folder, open } = await place("sleep 600");
  const one = await open("one");
  const [run] = await startAll(one, ["a"]);
  if (run === undefined) throw new Error("no run");
  await one.startDriver();
  await expect.poll(async () => coders(one, run), { timeout: 20_000 }).toHaveLength(1);
  const [key = ""] = await coders(one, run);
  await one.close();

  await using two = await open("two");
  await two.startDriver();
  const ended = await restOf(two, run);
  await expectMergedOnce(two, folder, [ended]);
  expect(await coders(two, run)).toHaveLength(2);
  expect(await two.store.machineJobs.get(key)).toMatchObject({ state: "forgetting" });

  await using back = await open("one");
  await back.startDriver();
  await expect.poll(async () => (await two.store.machineJobs.get(key))?.state, { timeout: 20_000 }).toBe("forgotten");
  expect(await back.agents.pollJob({ key, ref: "", model: null })).toMatchObject({ is: "ended" });
}, 120_000);
