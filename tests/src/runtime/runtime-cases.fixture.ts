import { once } from "node:events";
import type { Run, RunEvent } from "@millrace/contracts";
import type { SampleScript } from "@millrace/executors";
import type { Host } from "@millrace/runtime-host";
import { LOG_START, type Cursor, type LoggedEvent } from "@millrace/kernel";
import { expect } from "vitest";
import { summaryOf } from "@millrace/testing";
import { addTasks, bareOf, git, makeSample, USER } from "./local-board.fixture.js";
import type { RuntimeCase } from "./runtime-case.fixture.js";

const say = (value: object): string => JSON.stringify(value);
const merger = { kind: "merger", plan: [], actions: [], say: say({ complexity: 0.1, risk: 0.1, impact: 0.1, rationale: "one file" }) };

/** A red check, its repair, a review, a rework, a second review. */
const STORY: SampleScript = {
  turns: [
    { kind: "coder", attempt: 1, plan: ["write it"], actions: [{ write: { path: "answer.txt", text: "41\n" } }], say: "done" },
    { kind: "ci-fixer", plan: [], actions: [{ write: { path: "answer.txt", text: "42\n" } }], say: "repaired" },
    {
      kind: "reviewer",
      attempt: 1,
      plan: [],
      actions: [],
      say: say({ rating: 0.6, summary: "say why", comments: [{ body: "explain it" }] }),
    },
    { kind: "coder", attempt: 2, plan: [], actions: [{ write: { path: "why.txt", text: "because\n" } }], say: "explained" },
    { kind: "reviewer", attempt: 2, plan: [], actions: [], say: say({ rating: 0.9, summary: "good" }) },
    merger,
  ],
};

/** Every task writes its own file, so that later merges find a moved base. */
export const OWN_FILES: SampleScript = {
  turns: [
    {
      kind: "coder",
      plan: [],
      actions: [{ run: { argv: ["sh", "-c", 'echo "$MILLRACE_JOB_KEY" > "$(basename "$(mktemp -u)")"'] } }],
      say: "done",
    },
    merger,
  ],
};

/** Starts `pl_minimal` on a task of each title. */
export async function startAll(runtime: Host, titles: readonly string[]): Promise<readonly Run[]> {
  const tasks = await addTasks(runtime, titles);
  return Promise.all(
    tasks.map((task) =>
      runtime.execution.start({ workspaceId: task.workspaceId, blockId: task.id, pipelineId: "pl_minimal", actor: USER }),
    ),
  );
}

export const restOf = (runtime: Host, { workspaceId, id: runId }: Run): Promise<Run> =>
  runtime.untilRest({ workspaceId, runId }, AbortSignal.timeout(100_000));

export async function eventsOf({ store }: Host, { workspaceId, id }: Run): Promise<readonly RunEvent[]> {
  return (await store.events.ofRun(workspaceId, id, 0, 1000)).map((logged) => logged.entry as RunEvent);
}

/** Expects one merge for each run, and no job key that was started twice. */
export async function expectMergedOnce(runtime: Host, folder: string, runs: readonly Run[]): Promise<void> {
  expect(runs.map((run) => run.phase.is)).toEqual(runs.map(() => "done"));
  // The first commit, and one merge for each run.
  expect(await git(bareOf(folder), "rev-list", "--count", "--first-parent", "main")).toBe(String(runs.length + 1));
  for (const run of runs) {
    const events = (await eventsOf(runtime, run)).map(({ event }) => event);
    expect(events.filter((event) => event.type === "merged")).toHaveLength(1);
    const keys = events.flatMap((event) => (event.type === "job-started" ? [event.job.key] : []));
    expect(new Set(keys).size).toBe(keys.length);
  }
}

export const runtimeCases: readonly RuntimeCase[] = [
  {
    name: "a task becomes a merged commit in a real repository, with real agent processes and real checks",
    async run({ folder, open }) {
      await makeSample(folder, STORY, { "readme.md": "sample\n", "answer.txt": "42\n" });
      await using runtime = await open();
      const [task] = await addTasks(runtime, ["answer"]);
      if (task === undefined) throw new Error("no task");
      const { workspaceId, id: blockId } = task;
      const started = await runtime.execution.start({ workspaceId, blockId, pipelineId: "pl_reviewed", actor: USER });
      await runtime.startDriver();
      const run = await restOf(runtime, started);
      expect(run.phase).toMatchObject({ is: "done" });
      expect(summaryOf(run)).toBe("coder:done conflicts:done ci:done reviewer:done conflicts:done ci:done merger:done");
      expect(await git(bareOf(folder), "rev-parse", "main")).toBe(run.merged);
      expect(await git(bareOf(folder), "show", "main:answer.txt")).toBe("42");
      expect(await git(bareOf(folder), "show", "main:why.txt")).toBe("because");
      expect(await runtime.store.blocks.get(workspaceId, blockId)).toMatchObject({ status: "done", merged: { commit: run.merged } });
    },
  },
  {
    name: "a reader of the event stream sees what is there and then what comes, in order, once, and goes on where it stopped",
    async run({ folder, open }) {
      await makeSample(folder, OWN_FILES, { "answer.txt": "42\n" });
      await using runtime = await open();
      const [task] = await addTasks(runtime, ["one"]);
      if (task === undefined) throw new Error("no task");
      const { workspaceId, parentId } = task;
      const before = await runtime.store.events.read(workspaceId, LOG_START, 100);
      expect(before.length).toBeGreaterThan(1);
      const reading = read(runtime, workspaceId, LOG_START, before.length + 2);
      for (const title of ["two", "three", "four"])
        await runtime.board.addTask({ workspaceId, parentId: parentId ?? "", input: { title }, actor: USER });
      const first = await reading;
      const rest = await read(runtime, workspaceId, first.at(-1)?.cursor ?? LOG_START, 1);
      expect([...first, ...rest]).toEqual(await runtime.store.events.read(workspaceId, LOG_START, 100));
      const late = new AbortController();
      const next = runtime.events({ workspaceId, after: rest.at(-1)?.cursor ?? LOG_START, signal: late.signal }).next();
      late.abort();
      expect(await next).toMatchObject({ done: true });
    },
  },
  {
    name: "two processes share one board: three tasks of one repository are merged once each, each on top of the others",
    async run({ folder, open, second }) {
      await makeSample(folder, OWN_FILES, { "answer.txt": "42\n" });
      await using runtime = await open();
      const runs = await startAll(runtime, ["one", "two", "three"]);
      const other = await second();
      await runtime.startDriver({ concurrency: 1 });
      const ended = await Promise.all(runs.map(async (run) => restOf(runtime, run)));
      other.stdin?.end();
      await once(other, "exit");
      await expectMergedOnce(runtime, folder, ended);
      expect((await git(bareOf(folder), "ls-tree", "--name-only", "main")).split("\n")).toHaveLength(4);
    },
  },
  {
    name: "a process that is told to stop gives its runs back, and another one goes on with them",
    async run(scene) {
      await using runtime = await scene.open();
      const [run, first] = await begun(scene, runtime);
      first.stdin?.end();
      await once(first, "exit");
      expect(await runtime.wakeups.leaseOwners()).toEqual([]);
      await runtime.startDriver();
      await expectMergedOnce(runtime, scene.folder, [await restOf(runtime, run)]);
    },
  },
  {
    name: "a process that is killed takes nothing along: the next one of the machine goes on at once",
    async run(scene) {
      await using runtime = await scene.open();
      const [run, first] = await begun(scene, runtime);
      first.kill("SIGKILL");
      await once(first, "exit");
      await runtime.startDriver();
      await expectMergedOnce(runtime, scene.folder, [await restOf(runtime, run)]);
    },
  },
];

async function read(runtime: Host, workspaceId: string, after: Cursor, count: number): Promise<readonly LoggedEvent[]> {
  const events: LoggedEvent[] = [];
  for await (const event of runtime.events({ workspaceId, after, signal: AbortSignal.timeout(60_000) })) {
    events.push(event);
    if (events.length === count) break;
  }
  return events;
}

/** A run that a second process is driving. */
async function begun({ folder, second }: Parameters<RuntimeCase["run"]>[0], runtime: Host) {
  await makeSample(folder, OWN_FILES, { "answer.txt": "42\n" });
  const first = await second();
  const [run] = await startAll(runtime, ["one"]);
  if (run === undefined) throw new Error("no run");
  const revision = async (): Promise<number> => (await runtime.execution.get({ workspaceId: run.workspaceId, runId: run.id })).revision;
  await expect.poll(revision, { timeout: 60_000 }).toBeGreaterThan(2);
  return [run, first] as const;
}
