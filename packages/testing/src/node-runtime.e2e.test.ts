/** The node runtime as a team has it: processes that disagree about the time, a server that restarts, real agents and repositories. */
import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { RunEvent } from "@millrace/contracts";
import type { Host } from "@millrace/runtime-host";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { addTasks, bareOf, git, makeSample, openBoard, PERSON, startSecondHost } from "./local-board.fixture.js";
import { connect, startPostgres, type PostgresServer } from "./postgres.fixture.js";

let server: PostgresServer;
beforeAll(async () => {
  server = await startPostgres();
});
afterAll(() => server.stop());

let folder: string;
let url: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "millrace-node-"));
  url = await server.createDatabase();
});
afterEach(async () => {
  await rm(folder, { recursive: true, force: true });
});

/** Every task writes a file of its own, so that those that merge later find a base that moved. */
const STORY = {
  turns: [
    {
      kind: "coder",
      plan: [],
      actions: [{ run: { argv: ["sh", "-c", 'echo "$MILLRACE_JOB_KEY" > "$(basename "$(mktemp -u)")"'] as [string, ...string[]] } }],
      say: "done",
    },
    {
      kind: "merger",
      plan: [],
      actions: [],
      say: JSON.stringify({ complexity: 0.1, risk: 0.1, impact: 0.1, rationale: "one file" }),
    },
  ],
};
/** Ten minutes ahead of everybody else, also in the processes it starts. */
const AHEAD_MS = 600_000;
const AHEAD = `data:text/javascript,${encodeURIComponent(`const now = Date.now.bind(Date); Date.now = () => now() + ${AHEAD_MS};`)}`;

const start = (runtime: Host, blocks: readonly { readonly id: string; readonly workspaceId: string }[]) =>
  Promise.all(
    blocks.map((block) =>
      runtime.execution.start({ workspaceId: block.workspaceId, blockId: block.id, pipelineId: "pl_minimal", actor: PERSON }),
    ),
  );

describe("the node runtime", () => {
  it("two processes with clocks ten minutes apart share one board while the server restarts: each task is merged once", async () => {
    await makeSample(folder, STORY, { "answer.txt": "42\n" });
    await using runtime = await openBoard(folder, url);
    const tasks = await addTasks(runtime, ["one", "two", "three"]);
    const second = await startSecondHost(folder, url, AHEAD);
    const runs = await start(runtime, tasks);
    await runtime.startDriver({ concurrency: 1 });
    const rest = runs.map(async (run) => runtime.untilRest({ workspaceId: run.workspaceId, runId: run.id }, AbortSignal.timeout(80_000)));
    await rest[0];
    await server.restart();
    const ended = await Promise.all(rest);
    second.stdin?.end();
    await once(second, "exit");

    expect(ended.map((run) => run.phase.is)).toEqual(["done", "done", "done"]);
    expect(await git(bareOf(folder), "rev-list", "--count", "--first-parent", "main")).toBe("4");
    const told = Date.now();
    for (const run of ended) {
      const events = (await runtime.store.events.ofRun(run.workspaceId, run.id, 0, 1000)).map((logged) => logged.entry as RunEvent);
      expect(events.filter(({ event }) => event.type === "merged")).toHaveLength(1);
      const keys = events.flatMap(({ event }) => (event.type === "job-started" ? [event.job.key] : []));
      expect(new Set(keys).size).toBe(keys.length);
      // Everybody tells the database's time: nobody's events lie ahead, and none goes back.
      expect(Math.max(...events.map(({ at }) => at))).toBeLessThan(told + AHEAD_MS / 2);
      expect(events.map(({ at }) => at)).toEqual(events.map(({ at }) => at).toSorted((a, b) => a - b));
    }
  }, 150_000);

  it("a worker that is told to stop gives its runs back: another one goes on at once, and no lease is left", async () => {
    await makeSample(folder, STORY, { "answer.txt": "42\n" });
    await using runtime = await openBoard(folder, url);
    const tasks = await addTasks(runtime, ["one"]);
    const first = await startSecondHost(folder, url);
    const [run] = await start(runtime, tasks);
    if (run === undefined) throw new Error("no run");
    const address = { workspaceId: run.workspaceId, runId: run.id };
    await expect.poll(async () => (await runtime.execution.get(address)).revision, { timeout: 30_000 }).toBeGreaterThan(2);
    first.stdin?.end();
    await once(first, "exit");
    await using other = await connect(url);
    expect((await other.client.query("select owner from millrace.wakeups where owner is not null")).rows).toEqual([]);
    await runtime.startDriver();
    expect((await runtime.untilRest(address, AbortSignal.timeout(60_000))).phase.is).toBe("done");
  }, 120_000);
});
