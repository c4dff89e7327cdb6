/** What finished runs leave goes after the days that their workspace keeps it (F:C15). */
import { LOG_START } from "@millrace/kernel";
import { openSqliteStore } from "@millrace/store-sql";
import { completedCheck, createTestHost, type TestHost, type TestHostOptions } from "@millrace/testing";
import { describe, expect, it } from "vitest";

const DAY = 24 * 60 * 60_000;
const running = new AbortController().signal;

const backends: readonly (readonly [string, TestHostOptions["database"]])[] = [
  ["memory", undefined],
  ["SQLite", (clock) => openSqliteStore({ path: ":memory:", clock })],
];

const options: TestHostOptions = {
  pipeline: { steps: [{ kind: "researcher" }, { kind: "coder" }, { kind: "ci" }, { kind: "merger" }] },
  script: {
    researcher: { say: "options", usage: { model: "m", tokens: null, costMicros: 7 } },
    coder: { change: { a: "1" } },
    merger: { answer: { complexity: 0, risk: 0, impact: 0, rationale: "none" } },
  },
};

/** Details of runs are kept for these days, all alike. */
function keptFor(days: number | null): NonNullable<TestHostOptions["settings"]> {
  return { retention: { events: days, outputs: days, notifications: days, usage: days, audit: null } };
}

/** What is stored of a run beside its record. */
async function detailsOf({ store, workspace }: TestHost, runId: string) {
  const run = await store.runs.get(workspace.id, runId);
  const keys = (await store.events.ofRun(workspace.id, runId, 0, 1000)).map(({ cursor }) => cursor);
  return {
    events: keys.length,
    output: await store.outputs.get(workspace.id, `${runId}/0/1/work.1`),
    usage: (await store.usage.ofRun(workspace.id, runId)).length,
    isThere: run !== null,
  };
}

describe.each(backends)("retention on %s", (_name, database) => {
  const hostWith = async (settings: TestHostOptions["settings"] = {}): Promise<TestHost> => {
    const host = await createTestHost({ ...options, settings, ...(database === undefined ? {} : { database }) });
    host.forge.judgeWith(() => [completedCheck("test", "success")]);
    return host;
  };

  it("F:C15 removes events, outputs and usage of finished runs after their days, and keeps the run, its merge and the totals", async () => {
    const host = await hostWith(keptFor(10));
    const { id } = await host.start();
    await host.drive();
    const before = await detailsOf(host, id);
    expect(before).toMatchObject({ output: "options", usage: 1, isThere: true });
    expect(before.events).toBeGreaterThan(9);
    const ended = await host.run(id);
    const spent = await host.store.spend.total(host.workspace.id, `run/${id}`);

    expect(await host.retention.trim(host.clock.now() + 9 * DAY, 200, running)).toBe(0);
    expect(await detailsOf(host, id)).toEqual(before);
    expect(await host.retention.trim(host.clock.now() + 11 * DAY, 200, running)).toBe(4);
    expect(await detailsOf(host, id)).toEqual({ events: 0, output: null, usage: 0, isThere: true });
    expect(await host.retention.trim(host.clock.now() + 12 * DAY, 200, running)).toBe(0);

    expect(await host.run(id)).toEqual(ended);
    expect((await host.block()).merged).toMatchObject({ runId: id });
    expect(await host.store.spend.total(host.workspace.id, `run/${id}`)).toEqual(spent);
    const log = await host.store.events.read(host.workspace.id, LOG_START, 200);
    expect(log.every(({ runId }) => runId === null)).toBe(true);
    expect(log.length).toBeGreaterThan(0);
  });

  it("F:C15 goes on with the log behind what was removed, and leaves live runs and workspaces that keep everything alone", async () => {
    const host = await hostWith(keptFor(null));
    const { id } = await host.start();
    await host.drive();
    expect(await host.retention.trim(host.clock.now() + 10_000 * DAY, 200, running)).toBe(0);
    await host.settings.put({ workspaceId: host.workspace.id, input: keptFor(1), actor: host.user });
    const { workspaceId, parentId } = host.task;
    const task = await host.board.addTask({ workspaceId, parentId: parentId ?? "", input: { title: "another" }, actor: host.user });
    const live = await host.execution.start({ workspaceId, blockId: task.id, pipelineId: host.pipeline.id, actor: host.user });
    const end = (await host.store.events.read(workspaceId, LOG_START, 1000)).at(-1)?.cursor ?? LOG_START;
    expect(await host.retention.trim(host.clock.now() + 2 * DAY, 200, running)).toBe(4);
    expect((await detailsOf(host, id)).events).toBe(0);
    expect((await detailsOf(host, live.id)).events).toBeGreaterThan(0);
    await expect(host.store.commit([{ change: "trim-run", workspaceId, id: live.id, part: "events" }])).rejects.toMatchObject({
      code: "run_in_progress",
    });
    await host.drive();
    expect((await host.run(live.id)).phase.is).not.toBe("live");
    expect((await host.store.events.read(workspaceId, end, 1000)).length).toBeGreaterThan(5);
  });

  it("F:C15 is bounded: a pass takes as many runs as it may", async () => {
    const host = await hostWith(keptFor(1));
    for (const title of ["a", "b", "c"]) {
      const { workspaceId, parentId } = host.task;
      const task = await host.board.addTask({ workspaceId, parentId: parentId ?? "", input: { title }, actor: host.user });
      await host.execution.start({ workspaceId, blockId: task.id, pipelineId: host.pipeline.id, actor: host.user });
      await host.drive();
    }
    const later = host.clock.now() + 2 * DAY;
    const withEvents = async () => {
      const runs = await host.store.runs.list(host.workspace.id, {}, { limit: 9 });
      const events = await Promise.all(runs.map(async ({ id }) => (await detailsOf(host, id)).events));
      return events.filter((count) => count > 0).length;
    };
    const left = [];
    for (let pass = 0; pass < 2; pass += 1) {
      await host.retention.trim(later, 2, running);
      left.push(await withEvents());
    }
    expect(left).toEqual([1, 0]);
    expect(host.sweeps.map(({ name }) => name)).toContain("retention.trim");
  });
});
