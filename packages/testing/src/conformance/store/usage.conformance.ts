import { expect } from "vitest";
import { MONTH, WS, aSpend, reserve, seedRun } from "./fixtures.js";
import { TASK_SCOPE, reserveIn, seedRuns, spent, total } from "./spend-fixtures.js";
import type { StoreCase } from "./store-case.js";

export const usageCases: readonly StoreCase[] = [
  {
    name: "usage counts once per key, and is listed in the order it was spent",
    async run({ store }) {
      await seedRun(store);
      const record = (...rows: readonly ReturnType<typeof aSpend>[]) =>
        store.commit(rows.map((usage) => ({ change: "record-usage", usage }) as const));
      await record(aSpend("use_2", { at: 50, costMicros: null }), aSpend("use_1"));
      await record(aSpend("use_1", { model: "scripted:two" }), aSpend("use_3", { at: 60, tokens: null }));
      const rows = [aSpend("use_1"), aSpend("use_2", { at: 50, costMicros: null }), aSpend("use_3", { at: 60, tokens: null })];
      expect(await store.usage.ofRun(WS, "run_a")).toEqual(rows.map((row) => ({ ...row, settledMicros: 0 })));
      expect(await store.usage.ofRun(WS, "run_x")).toEqual([]);
    },
  },
  {
    name: "what usage cost is added to every scope it names, once for its key",
    async run({ store }) {
      await seedRun(store);
      await store.commit([spent("use_1", 7, [MONTH, TASK_SCOPE]), spent("use_2", 3), spent("use_3", 0), spent("use_1", 7, [MONTH])]);
      await store.commit([spent("use_1", 900, [MONTH, TASK_SCOPE, "run/run_a"])]);
      expect([await total(store), await total(store, TASK_SCOPE), await total(store, "run/run_a")]).toEqual([
        [10, 0],
        [7, 0],
        [0, 0],
      ]);
      expect((await store.usage.ofRun(WS, "run_a")).map(({ costMicros }) => costMicros)).toEqual([7, 3, 0]);
    },
  },
  {
    name: "usage without scopes is recorded and counts nowhere, also when it is recorded again with some",
    async run({ store }) {
      await seedRun(store);
      await store.commit([{ change: "record-usage", usage: aSpend("use_1") }, spent("use_2", 5, [])]);
      await store.commit([spent("use_1", 1500), spent("use_2", 5)]);
      expect(await total(store)).toEqual([0, 0]);
      expect(await store.usage.ofRun(WS, "run_a")).toHaveLength(2);
    },
  },
  {
    name: "usage without a price counts as what its run has reserved then, and as nothing when that is nothing",
    async run({ store }) {
      await seedRuns(store, 1);
      await store.commit([reserve("run_1", 500), spent("use_1", null)]);
      expect(await total(store)).toEqual([0, 500]);
      await store.commit([reserveIn(40, [MONTH, 1000]), spent("use_2", null, [MONTH, TASK_SCOPE]), reserveIn(0)]);
      expect([await total(store), await total(store, TASK_SCOPE)]).toEqual([
        [40, 500],
        [40, 0],
      ]);
      await store.commit([reserveIn(60), spent("use_3", null, [TASK_SCOPE]), spent("use_3", null, [TASK_SCOPE])]);
      expect(await total(store, TASK_SCOPE)).toEqual([100, 0]);
      const rows = await store.usage.ofRun(WS, "run_a");
      expect(rows.map(({ costMicros, settledMicros }) => [costMicros, settledMicros])).toEqual([
        [null, 0],
        [null, 40],
        [null, 60],
      ]);
    },
  },
  {
    name: "of many commits that record one key over two connections, one counts",
    async run({ store, connect }) {
      await seedRun(store);
      const stores = [store, await connect()];
      await Promise.all(Array.from({ length: 8 }, (_, index) => (stores[index % 2] ?? store).commit([spent("use_1", 10 + index)])));
      const [usage] = await store.usage.ofRun(WS, "run_a");
      expect(await total(store)).toEqual([usage?.costMicros, 0]);
    },
  },
];
