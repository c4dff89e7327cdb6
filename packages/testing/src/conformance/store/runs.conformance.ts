import type { RunEvent } from "@millrace/contracts";
import type { Change, RunLimit, RunRecord, Store } from "@millrace/kernel";
import { expect } from "vitest";
import { SERVICE, TASK, WS, aBlock, aPreset, aRecord, aRun, aService, boardOf, expectRefusal, merged, seedRun } from "./fixtures.js";
import type { StoreCase } from "./store-case.js";

/** The event of an engine that could not go on with a run. */
function ended(runId: string): RunEvent {
  const failure = {
    kind: "processing",
    code: "decision_failed",
    message: `${runId} broke`,
    detail: null,
    hint: "look",
    step: 0,
    at: 70,
  } as const;
  return { version: 1, at: 70, actor: { type: "system", id: "millrace" }, event: { type: "run-failed", failure } };
}

const stateCases: readonly StoreCase[] = [
  {
    name: "a run is read back whole, and its summary has the same columns",
    async run({ store }) {
      const record = aRecord("run_a", { serviceId: "svc_a", taskType: "bug" });
      await store.commit([...boardOf(WS), { change: "insert-run", record }]);
      const { document: _document, shapeVersion: _version, serviceId: _service, taskType: _type, ...summary } = record;
      expect(await store.runs.get(WS, "run_a")).toEqual(record);
      expect(await store.runs.liveOfBlock(WS, TASK)).toEqual(summary);
      expect(await store.runs.list(WS, {}, { limit: 5 })).toEqual([summary]);
      expect(await store.runs.get(WS, "run_x")).toBeNull();
      expect(await store.runs.liveOfBlock(WS, "tsk_x")).toBeNull();
    },
  },
  {
    name: "updating a run writes its state and keeps what it was created with",
    async run({ store }) {
      await store.commit([...boardOf(WS), { change: "insert-block", block: aBlock({ id: "tsk_b" }) }]);
      await store.commit([{ change: "insert-run", record: aRecord("run_a") }]);
      const record = aRecord("run_a", {
        status: "waiting",
        revision: 4,
        updatedAt: 99,
        createdAt: 98,
        blockId: "tsk_b",
        serviceId: "svc_a",
        taskType: "bug",
        document: aRun("run_a", 4),
      });
      await store.commit([{ change: "update-run", record, expected: 1 }]);
      expect(await store.runs.get(WS, "run_a")).toEqual({ ...record, createdAt: 10, blockId: TASK, serviceId: null, taskType: null });
    },
  },
  {
    name: "a run is ended without its document: the event is kept beside it, the block is free, and it stays ended",
    async run({ store }) {
      await seedRun(store);
      const [record, event] = [aRecord("run_a"), ended("run_a")];
      await expectRefusal(store.commit([{ change: "end-run", workspaceId: WS, id: "run_a", expected: 2, ended: event }]), "stale_revision");
      await expectRefusal(store.commit([{ change: "end-run", workspaceId: WS, id: "run_x", expected: 1, ended: event }]), "stale_revision");
      await expectRefusal(
        store.commit([{ change: "end-run", workspaceId: "ws_x", id: "run_a", expected: 1, ended: event }]),
        "stale_revision",
      );
      expect(await store.runs.get(WS, "run_a")).toEqual(record);
      await store.commit([{ change: "end-run", workspaceId: WS, id: "run_a", expected: 1, ended: event }]);
      expect(await store.runs.get(WS, "run_a")).toEqual({ ...record, status: "failed", revision: 2, updatedAt: event.at, ended: event });
      expect(await store.runs.summary(WS, "run_a")).toMatchObject({ status: "failed", revision: 2, blockId: TASK });
      expect(await store.runs.liveOfBlock(WS, TASK)).toBeNull();
      await expectRefusal(
        store.commit([{ change: "update-run", record: aRecord("run_a", { revision: 2 }), expected: 1 }]),
        "stale_revision",
      );
      await store.commit([{ change: "insert-run", record: aRecord("run_b") }]);
      expect(await store.runs.liveOfBlock(WS, TASK)).toMatchObject({ id: "run_b" });
    },
  },
  {
    name: "the summary of a run has the columns of a list, and is null for a run that is missing or of another workspace",
    async run({ store }) {
      await seedRun(store);
      expect(await store.runs.summary(WS, "run_a")).toEqual((await store.runs.list(WS, {}, { limit: 1 }))[0]);
      expect(await store.runs.summary(WS, "run_x")).toBeNull();
      expect(await store.runs.summary("ws_x", "run_a")).toBeNull();
    },
  },
  {
    name: "a stale revision is refused, lower and higher",
    async run({ store }) {
      await seedRun(store);
      await store.commit([{ change: "update-run", record: aRecord("run_a", { revision: 3 }), expected: 1 }]);
      for (const expected of [1, 2, 4]) {
        const record = aRecord("run_a", { revision: expected + 1, status: "failed" });
        await expectRefusal(store.commit([{ change: "update-run", record, expected }]), "stale_revision");
      }
      expect(await store.runs.get(WS, "run_a")).toMatchObject({ revision: 3, status: "running" });
    },
  },
  {
    name: "the revision of a run is read as it was last committed, and null where there is none",
    async run({ store }) {
      await seedRun(store);
      expect(await store.runs.revision(WS, "run_a")).toBe(1);
      await store.commit([{ change: "update-run", record: aRecord("run_a", { revision: 4 }), expected: 1 }]);
      expect(await store.runs.revision(WS, "run_a")).toBe(4);
      await expectRefusal(
        store.commit([{ change: "update-run", record: aRecord("run_a", { revision: 9 }), expected: 1 }]),
        "stale_revision",
      );
      expect(await store.runs.revision(WS, "run_a")).toBe(4);
      expect(await store.runs.revision(WS, "run_x")).toBeNull();
    },
  },
  {
    name: "an update that would land on the revision it misses is stale all the same",
    async run({ store }) {
      await seedRun(store);
      await store.commit([{ change: "update-run", record: aRecord("run_a", { revision: 2 }), expected: 1 }]);
      const record = aRecord("run_a", { revision: 2, status: "cancelled" });
      await expectRefusal(store.commit([{ change: "update-run", record, expected: 1 }]), "stale_revision");
      expect((await store.runs.get(WS, "run_a"))?.status).toBe("running");
    },
  },
  {
    name: "updating never inserts a run",
    async run({ store }) {
      await store.commit(boardOf(WS));
      for (const expected of [0, 1]) {
        await expectRefusal(store.commit([{ change: "update-run", record: aRecord("run_a"), expected }]), "stale_revision");
      }
      expect(await store.runs.get(WS, "run_a")).toBeNull();
    },
  },
  {
    name: "a block has at most one live run, whichever live status it has",
    async run({ store }) {
      await seedRun(store);
      const second = { change: "insert-run", record: aRecord("run_b") } as const;
      for (const [index, status] of (["running", "waiting", "paused", "stopping"] as const).entries()) {
        await store.commit([{ change: "update-run", record: aRecord("run_a", { status, revision: index + 2 }), expected: index + 1 }]);
        await expectRefusal(store.commit([second]), "run_in_progress");
      }
      await store.commit([{ change: "update-run", record: aRecord("run_a", { status: "cancelled", revision: 6 }), expected: 5 }]);
      await store.commit([second]);
      expect((await store.runs.liveOfBlock(WS, TASK))?.id).toBe("run_b");
      const revived = aRecord("run_a", { status: "running", revision: 7 });
      await expectRefusal(store.commit([{ change: "update-run", record: revived, expected: 6 }]), "run_in_progress");
    },
  },
  {
    name: "no live run begins on a block that is merged, not even in the commit that says so",
    async run({ store }) {
      await store.commit(boardOf(WS));
      const merge: Change = { change: "patch-block", workspaceId: WS, id: TASK, patch: { status: "done", merged } };
      await expectRefusal(store.commit([merge, { change: "insert-run", record: aRecord("run_a") }]), "conflict");
      await store.commit([merge, { change: "insert-run", record: aRecord("run_a", { status: "done" }) }]);
      await expectRefusal(store.commit([{ change: "insert-run", record: aRecord("run_b") }]), "conflict");
      expect(await store.runs.get(WS, "run_b")).toBeNull();
    },
  },
  {
    name: "a run that takes up what is behind the merge begins on a merged block, and no other beside it",
    async run({ store }) {
      await store.commit(boardOf(WS));
      const merge: Change = { change: "patch-block", workspaceId: WS, id: TASK, patch: { status: "done", merged } };
      await store.commit([merge, { change: "insert-run", record: aRecord("run_a"), isBehindMerge: true }]);
      expect((await store.runs.liveOfBlock(WS, TASK))?.id).toBe("run_a");
      const second: Change = { change: "insert-run", record: aRecord("run_b"), isBehindMerge: true };
      await expectRefusal(store.commit([second]), "run_in_progress");
    },
  },
  {
    name: "one commit may end a run and start the next of its block",
    async run({ store }) {
      await seedRun(store);
      const ended = { change: "update-run", record: aRecord("run_a", { status: "failed", revision: 2 }), expected: 1 } as const;
      const next = { change: "insert-run", record: aRecord("run_b", { createdAt: 11 }) } as const;
      await expectRefusal(store.commit([next, ended]), "run_in_progress");
      await store.commit([ended, next]);
      expect((await store.runs.liveOfBlock(WS, TASK))?.id).toBe("run_b");
      expect((await store.runs.get(WS, "run_a"))?.status).toBe("failed");
    },
  },
  {
    name: "a run's id is used once, and its block exists",
    async run({ store }) {
      await seedRun(store);
      await store.commit([{ change: "update-run", record: aRecord("run_a", { status: "done", revision: 2 }), expected: 1 }]);
      await expectRefusal(store.commit([{ change: "insert-run", record: aRecord("run_a") }]), "conflict");
      await expectRefusal(store.commit([{ change: "insert-run", record: aRecord("run_b", { blockId: "tsk_x" }) }]), "not_found");
      expect((await store.runs.get(WS, "run_a"))?.revision).toBe(2);
    },
  },
  {
    name: "runs are listed newest first, by block and by being live",
    async run({ store }) {
      const ended = (id: string, createdAt: number, blockId: string) =>
        ({ change: "insert-run", record: aRecord(id, { createdAt, blockId, status: "done" }) }) as const;
      await store.commit([...boardOf(WS), { change: "insert-block", block: aBlock({ id: "tsk_b" }) }]);
      await store.commit([ended("run_1", 10, TASK), ended("run_3", 20, "tsk_b"), ended("run_2", 20, TASK)]);
      await store.commit([{ change: "insert-run", record: aRecord("run_4", { createdAt: 5, blockId: TASK }) }]);
      const ids = async (...args: Parameters<typeof store.runs.list>): Promise<string[]> =>
        (await store.runs.list(...args)).map(({ id }) => id);
      expect(await ids(WS, {}, { limit: 10 })).toEqual(["run_3", "run_2", "run_1", "run_4"]);
      expect(await ids(WS, {}, { limit: 2, after: "run_3" })).toEqual(["run_2", "run_1"]);
      expect(await ids(WS, { blockId: TASK }, { limit: 10 })).toEqual(["run_2", "run_1", "run_4"]);
      expect(await ids(WS, { live: true }, { limit: 10 })).toEqual(["run_4"]);
      expect(await ids(WS, { live: false }, { limit: 10, after: "run_3" })).toEqual(["run_2", "run_1"]);
      expect(await ids(WS, { blockId: "tsk_b", live: true }, { limit: 10 })).toEqual([]);
      expect(await ids(WS, { blockId: "tsk_b", live: false }, { limit: 10 })).toEqual(["run_3"]);
    },
  },
  {
    name: "paused runs are live, and are listed by being paused",
    async run({ store }) {
      const blocks = ["tsk_1", "tsk_2", "tsk_3"].map((id) => ({ change: "insert-block", block: aBlock({ id }) }) as const);
      await store.commit([...boardOf(WS), ...blocks]);
      for (const [index, status] of (["paused", "running", "paused"] as const).entries()) {
        const record = aRecord(`run_${index + 1}`, { blockId: `tsk_${index + 1}`, createdAt: 10 + index, status });
        await store.commit([{ change: "insert-run", record }]);
      }
      const ids = async (...args: Parameters<typeof store.runs.list>): Promise<string[]> =>
        (await store.runs.list(...args)).map(({ id }) => id);
      expect((await store.runs.liveOfBlock(WS, "tsk_1"))?.status).toBe("paused");
      expect(await ids(WS, { paused: true }, { limit: 9 })).toEqual(["run_3", "run_1"]);
      expect(await ids(WS, { paused: true }, { limit: 9, after: "run_3" })).toEqual(["run_1"]);
      expect(await ids(WS, { paused: false }, { limit: 9 })).toEqual(["run_2"]);
      expect(await ids(WS, { paused: true, live: true }, { limit: 9 })).toEqual(["run_3", "run_1"]);
      expect(await ids(WS, { paused: false, live: true }, { limit: 9 })).toEqual(["run_2"]);
      expect(await ids(WS, { paused: true, live: false }, { limit: 9 })).toEqual([]);
      expect(await ids(WS, { paused: true, blockId: "tsk_1" }, { limit: 9 })).toEqual(["run_1"]);
      await store.commit([
        { change: "update-run", record: aRecord("run_1", { blockId: "tsk_1", status: "running", revision: 2 }), expected: 1 },
      ]);
      expect(await ids(WS, { paused: true }, { limit: 9 })).toEqual(["run_3"]);
    },
  },
];

const contextCases: readonly StoreCase[] = [
  {
    name: "the context of a run is one read: its revision, the path up to the service, the workspace, the block's preset or the default",
    async run({ store }) {
      const fallback = aPreset({ id: "pre_default" });
      const own = aPreset({ id: "pre_own", name: "Own" });
      const inModule = aBlock({ id: "tsk_in", parentId: "mod_a", presetId: own.id });
      await store.commit([
        ...boardOf(WS),
        { change: "insert-block", block: aBlock({ id: "mod_a", level: "module", parentId: SERVICE }) },
        { change: "insert-block", block: inModule },
        { change: "insert-run", record: aRecord("run_a", { revision: 3 }) },
      ]);
      const workspace = await store.workspaces.get(WS);
      const [task, service] = [await store.blocks.get(WS, TASK), await store.blocks.get(WS, SERVICE)];
      expect(await store.runs.context({ workspaceId: WS, blockId: TASK, runId: "run_a" })).toEqual({
        revision: 3,
        path: [task, service],
        workspace,
        preset: null,
        models: {},
      });
      await store.commit([
        { change: "insert-preset", preset: fallback, createdAt: 1 },
        { change: "insert-preset", preset: own, createdAt: 2 },
        { change: "put-model-default", workspaceId: WS, kind: "coder", model: "acme:one", expected: null },
        { change: "put-model-default", workspaceId: WS, kind: "tester", model: 'a "quoted" one', expected: null },
      ]);
      const models = { coder: "acme:one", tester: 'a "quoted" one' };
      await store.commit([{ change: "patch-workspace", workspaceId: WS, patch: { defaultPresetId: fallback.id }, expected: 1 }]);
      const withDefault = await store.workspaces.get(WS);
      expect(await store.runs.context({ workspaceId: WS, blockId: TASK, runId: null })).toEqual({
        revision: null,
        path: [task, service],
        workspace: withDefault,
        preset: fallback,
        models,
      });
      const context = await store.runs.context({ workspaceId: WS, blockId: "tsk_in", runId: "run_x" });
      expect(context).toMatchObject({ revision: null, preset: own });
      expect(context.path.map(({ id }) => id)).toEqual(["tsk_in", "mod_a", SERVICE]);
      expect(await store.runs.context({ workspaceId: WS, blockId: "tsk_x", runId: null })).toEqual({
        revision: null,
        path: [],
        workspace: withDefault,
        preset: fallback,
        models,
      });
      expect(await store.runs.context({ workspaceId: "ws_x", blockId: TASK, runId: "run_a" })).toEqual({
        revision: null,
        path: [],
        workspace: null,
        preset: null,
        models: {},
      });
    },
  },
];

const OTHER_SERVICE = "svc_b";
const shared = (max: number): RunLimit => ({ serviceId: SERVICE, taskType: null, max });
const ofBugs = (max: number): RunLimit => ({ serviceId: SERVICE, taskType: "bug", max });

/** Two services with tasks `tsk_0` to `tsk_11`. */
async function services(store: Store): Promise<void> {
  const tasks = Array.from({ length: 12 }, (_, index): Change => ({ change: "insert-block", block: aBlock({ id: `tsk_${index}` }) }));
  await store.commit([...boardOf(WS), { change: "insert-block", block: aService({ id: OTHER_SERVICE }) }, ...tasks]);
}

/** Starts the run of task `index`. */
function start(index: number, limit: RunLimit | null, over: Partial<RunRecord> = {}): Change {
  const record = aRecord(`run_${index}`, { blockId: `tsk_${index}`, serviceId: SERVICE, taskType: "feature", ...over });
  return { change: "insert-run", record, limit };
}

function end(index: number): Change {
  const record = aRecord(`run_${index}`, { blockId: `tsk_${index}`, status: "done", revision: 2 });
  return { change: "update-run", record, expected: 1 };
}

const limitCases: readonly StoreCase[] = [
  {
    name: "a run starts while fewer than the limit are live, whichever live status they have",
    async run({ store }) {
      await services(store);
      for (const [index, status] of (["running", "waiting", "paused", "stopping"] as const).entries()) {
        await expectRefusal(store.commit([start(index, shared(index), { status })]), "task_limit");
        expect(await store.runs.get(WS, `run_${index}`)).toBeNull();
        await store.commit([start(index, shared(index + 1), { status })]);
      }
      await expect(store.commit([start(4, shared(4))])).rejects.toMatchObject({ details: { serviceId: SERVICE, max: 4 } });
    },
  },
  {
    name: "runs that ended, of other services, of none and of other types do not count",
    async run({ store }) {
      await services(store);
      const others = [
        start(0, null, { status: "done" }),
        start(1, null, { status: "failed" }),
        start(2, null, { serviceId: OTHER_SERVICE }),
        start(3, null, { serviceId: null, taskType: null }),
      ];
      await store.commit([...others, start(4, shared(1))]);
      await store.commit([start(5, ofBugs(1), { taskType: "bug" })]);
      await expectRefusal(store.commit([start(6, ofBugs(1), { taskType: "bug" })]), "task_limit");
      await expectRefusal(store.commit([start(6, shared(2))]), "task_limit");
      await store.commit([start(6, ofBugs(2), { taskType: "bug" }), start(7, null)]);
    },
  },
  {
    name: "a run without a limit always starts",
    async run({ store }) {
      await services(store);
      await store.commit([start(0, null), start(1, null), { change: "insert-run", record: aRecord("run_2", { blockId: "tsk_2" }) }]);
      expect(await store.runs.list(WS, { live: true }, { limit: 9 })).toHaveLength(3);
    },
  },
  {
    name: "a place is free as soon as a run ends, in the same commit too",
    async run({ store }) {
      await services(store);
      await store.commit([start(0, shared(1))]);
      await expectRefusal(store.commit([start(1, shared(1)), end(0)]), "task_limit");
      await store.commit([end(0), start(1, shared(1))]);
      expect((await store.runs.list(WS, { live: true }, { limit: 9 })).map(({ id }) => id)).toEqual(["run_1"]);
    },
  },
  {
    name: "the runs of one commit count too, and a block with a live run is told so first",
    async run({ store }) {
      await services(store);
      await expectRefusal(store.commit([start(0, shared(1)), start(1, shared(1))]), "task_limit");
      expect(await store.runs.list(WS, {}, { limit: 9 })).toEqual([]);
      await store.commit([start(0, shared(1))]);
      const again = aRecord("run_9", { blockId: "tsk_0", serviceId: SERVICE });
      await expectRefusal(store.commit([{ change: "insert-run", record: again, limit: shared(1) }]), "run_in_progress");
    },
  },
  {
    name: "a limit counts the runs of its own workspace",
    async run({ store }) {
      await services(store);
      await store.commit([start(0, shared(1))]);
      const record = aRecord("run_0", { workspaceId: "ws_b", serviceId: SERVICE, taskType: "feature" });
      await store.commit([...boardOf("ws_b"), { change: "insert-run", record, limit: shared(1) }]);
      await expectRefusal(store.commit([start(1, shared(1))]), "task_limit");
    },
  },
  {
    name: "of many that start at once over two connections, as many start as the limit allows",
    async run({ store, connect }) {
      await services(store);
      const stores = [store, await connect()];
      const attempts = Array.from({ length: 12 }, (_, index) => (stores[index % 2] ?? store).commit([start(index, shared(5))]));
      const outcomes = await Promise.allSettled(attempts);
      expect(outcomes.filter(({ status }) => status === "fulfilled")).toHaveLength(5);
      for (const outcome of outcomes) if (outcome.status === "rejected") expect(outcome.reason).toMatchObject({ code: "task_limit" });
      expect(await store.runs.list(WS, {}, { limit: 20 })).toHaveLength(5);
    },
  },
];

const hostCases: readonly StoreCase[] = [
  {
    name: "ADM-03 ADM-07 live runs are counted by status over all workspaces, and those that nothing wakes are named",
    async run({ store }) {
      await seedRun(store);
      await store.commit([{ change: "wake", workspaceId: WS, runId: "run_a", at: 1 }]);
      await store.commit([...boardOf("ws_b"), { change: "insert-run", record: aRecord("run_b", { workspaceId: "ws_b", updatedAt: 7 }) }]);
      await store.commit([
        { change: "insert-block", block: aBlock({ id: "tsk_c" }) },
        { change: "insert-run", record: aRecord("run_c", { blockId: "tsk_c", status: "waiting" }) },
      ]);
      await store.commit([
        { change: "insert-block", block: aBlock({ id: "tsk_d" }) },
        { change: "insert-run", record: aRecord("run_d", { blockId: "tsk_d", status: "done" }) },
      ]);
      expect(await store.runs.liveCounts()).toEqual({ running: 2, waiting: 1, paused: 0, stopping: 0 });
      expect(await store.runs.stuck(10)).toEqual([{ workspaceId: "ws_b", runId: "run_b", status: "running", updatedAt: 7 }]);
    },
  },
];

export const runCases: readonly StoreCase[] = [...hostCases, ...stateCases, ...contextCases, ...limitCases];
