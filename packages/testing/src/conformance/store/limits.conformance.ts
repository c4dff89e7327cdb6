import type { Change, RunLimit, RunRecord, Store } from "@millrace/kernel";
import { expect } from "vitest";
import { SERVICE, WS, aBlock, aService, aRecord, boardOf, expectRefusal } from "./fixtures.js";
import type { StoreCase } from "./store-case.js";

const OTHER_FRAME = "svc_b";
const shared = (max: number): RunLimit => ({ serviceId: SERVICE, taskType: null, max });
const ofBugs = (max: number): RunLimit => ({ serviceId: SERVICE, taskType: "bug", max });

/** Two services with tasks `tsk_0` to `tsk_11`. */
async function services(store: Store): Promise<void> {
  const tasks = Array.from({ length: 12 }, (_, index): Change => ({ change: "insert-block", block: aBlock({ id: `tsk_${index}` }) }));
  await store.commit([...boardOf(WS), { change: "insert-block", block: aService({ id: OTHER_FRAME }) }, ...tasks]);
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

export const limitCases: readonly StoreCase[] = [
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
        start(2, null, { serviceId: OTHER_FRAME }),
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
