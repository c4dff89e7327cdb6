import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { RunEvent } from "@millrace/contracts";
import type { SampleScript } from "@millrace/executors";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { glance } from "./index.js";
import { addTasks, bareOf, git, makeSample, openBoard, PERSON, startSecondHost } from "./local-board.fixture.js";

const say = (value: object): string => JSON.stringify(value);
const merger = { kind: "merger", plan: [], actions: [], say: say({ complexity: 0.1, risk: 0.1, impact: 0.1, rationale: "one file" }) };
const story: SampleScript = {
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

let folder: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "millrace-e2e-"));
});
afterEach(async () => {
  await rm(folder, { recursive: true, force: true });
});

describe("the local runtime", () => {
  it("takes a task from the board to a merged commit in a real repository, with real agent processes and real checks", async () => {
    await makeSample(folder, story, { "readme.md": "sample\n" });
    await using runtime = await openBoard(folder);
    const [task] = await addTasks(runtime, ["answer"]);
    if (task === undefined) throw new Error("no task");
    const started = await runtime.execution.start({
      workspaceId: task.workspaceId,
      blockId: task.id,
      pipelineId: "pl_reviewed",
      actor: PERSON,
    });
    await runtime.startDriver();
    const run = await runtime.untilRest({ workspaceId: task.workspaceId, runId: started.id }, AbortSignal.timeout(60_000));

    expect(run.phase).toMatchObject({ is: "done" });
    expect(glance(run)).toBe("coder:done conflicts:done ci:done reviewer:done conflicts:done ci:done merger:done");
    expect(await git(bareOf(folder), "rev-parse", "main")).toBe(run.merged);
    expect(await git(bareOf(folder), "show", "main:answer.txt")).toBe("42");
    expect(await git(bareOf(folder), "show", "main:why.txt")).toBe("because");
    expect(await runtime.store.blocks.get(task.workspaceId, task.id)).toMatchObject({ status: "done", merged: { commit: run.merged } });
  }, 90_000);

  it("two processes share one board: three tasks of one repository are merged once each, each on top of the others", async () => {
    // Every task writes a file of its own, so that the second and third find a base that moved.
    await makeSample(
      folder,
      {
        turns: [
          {
            kind: "coder",
            plan: [],
            actions: [{ run: { argv: ["sh", "-c", 'echo "$MILLRACE_JOB_KEY" > "$(basename "$(mktemp -u)")"'] } }],
            say: "done",
          },
          merger,
        ],
      },
      { "answer.txt": "42\n" },
    );
    await using runtime = await openBoard(folder);
    const tasks = await addTasks(runtime, ["one", "two", "three"]);
    const second = await startSecondHost(folder);
    const runs = await Promise.all(
      tasks.map((task) =>
        runtime.execution.start({ workspaceId: task.workspaceId, blockId: task.id, pipelineId: "pl_minimal", actor: PERSON }),
      ),
    );
    await runtime.startDriver({ concurrency: 1 });
    const ended = await Promise.all(
      runs.map((run) => runtime.untilRest({ workspaceId: run.workspaceId, runId: run.id }, AbortSignal.timeout(80_000))),
    );
    second.stdin?.end();
    await once(second, "exit");

    expect(ended.map((run) => run.phase.is)).toEqual(["done", "done", "done"]);
    expect(await git(bareOf(folder), "rev-list", "--count", "--first-parent", "main")).toBe("4");
    expect((await git(bareOf(folder), "ls-tree", "--name-only", "main")).split("\n")).toHaveLength(4);
    for (const run of ended) {
      const events = (await runtime.store.events.ofRun(run.workspaceId, run.id, 0, 1000)).map((logged) => (logged.entry as RunEvent).event);
      const keys = events.flatMap((event) => (event.type === "job-started" ? [event.job.key] : []));
      expect(new Set(keys).size).toBe(keys.length);
      expect(events.filter((event) => event.type === "merged")).toHaveLength(1);
    }
  }, 120_000);
});
