import type { Change, SpendCap, Store } from "@millrace/kernel";
import { expect } from "vitest";
import { MONTH, WS, aBlock, aRecord, aSpend, aWorkspace, boardOf, expectRefusal, reserve, seedRun } from "./fixtures.js";
import type { StoreCase } from "./store-case.js";

const TASK_SCOPE = "task/tsk_a";

async function total(store: Store, scope = MONTH, workspaceId = WS): Promise<readonly [settled: number, reserved: number]> {
  const { settledMicros, reservedMicros } = await store.spend.total(workspaceId, scope);
  return [settledMicros, reservedMicros];
}

function reserveIn(micros: number, ...caps: readonly (readonly [scope: string, max: number | null])[]): Change {
  const named = caps.map(([scope, maxMicros]): SpendCap => ({ scope, maxMicros }));
  return { change: "reserve-spend", workspaceId: WS, runId: "run_a", micros, caps: named };
}

function spent(key: string, costMicros: number | null, scopes: readonly string[] = [MONTH]): Change {
  return { change: "record-usage", usage: aSpend(key, { costMicros }), scopes };
}

/** The board and live runs `run_a`, `run_1` ... of tasks of their own. */
async function seedRuns(store: Store, more: number): Promise<readonly string[]> {
  await seedRun(store);
  const ids = Array.from({ length: more }, (_, index) => `run_${index + 1}`);
  for (const id of ids) {
    const blockId = `tsk_${id}`;
    await store.commit([
      { change: "insert-block", block: aBlock({ id: blockId }) },
      { change: "insert-run", record: aRecord(id, { blockId }) },
    ]);
  }
  return ["run_a", ...ids];
}

const reservationCases: readonly StoreCase[] = [
  {
    name: "a scope nothing was spent in has seen nothing",
    async run({ store }) {
      await seedRun(store);
      expect(await total(store)).toEqual([0, 0]);
      expect(await total(store, MONTH, "ws_x")).toEqual([0, 0]);
    },
  },
  {
    name: "a reservation counts in every scope of its caps until it is given back",
    async run({ store }) {
      await seedRun(store);
      const caps = [
        [MONTH, 100],
        [TASK_SCOPE, null],
      ] as const;
      await store.commit([reserveIn(40, ...caps)]);
      expect([await total(store), await total(store, TASK_SCOPE), await total(store, "run/run_a")]).toEqual([
        [0, 40],
        [0, 40],
        [0, 0],
      ]);
      await store.commit([reserveIn(0, ...caps)]);
      expect([await total(store), await total(store, TASK_SCOPE)]).toEqual([
        [0, 0],
        [0, 0],
      ]);
    },
  },
  {
    name: "reserving again replaces what the run had, not what others have",
    async run({ store }) {
      await seedRuns(store, 1);
      await store.commit([reserve("run_a", 40), reserve("run_1", 5)]);
      for (const micros of [60, 60, 10, 40]) {
        await store.commit([reserve("run_a", micros, 100)]);
        expect(await total(store)).toEqual([0, micros + 5]);
      }
      await store.commit([reserve("run_a", 1), reserve("run_a", 2), reserve("run_1", 0)]);
      expect(await total(store)).toEqual([0, 2]);
    },
  },
  {
    name: "a reservation leaves the scopes it is not asked for again, whatever its amount",
    async run({ store }) {
      await seedRun(store);
      const next = "month/2026-12";
      await store.commit([reserveIn(40, [MONTH, null], [TASK_SCOPE, null])]);
      await store.commit([reserveIn(40, [next, null], [TASK_SCOPE, null])]);
      expect([await total(store), await total(store, next), await total(store, TASK_SCOPE)]).toEqual([
        [0, 0],
        [0, 40],
        [0, 40],
      ]);
      await store.commit([reserveIn(30)]);
      expect([await total(store, next), await total(store, TASK_SCOPE)]).toEqual([
        [0, 0],
        [0, 0],
      ]);
      await store.commit([reserveIn(20, [MONTH, 20]), reserveIn(0)]);
      expect(await total(store)).toEqual([0, 0]);
    },
  },
  {
    name: "a reservation may reach its cap and not pass it; the refusal names the scope",
    async run({ store }) {
      await seedRuns(store, 1);
      const refusal = { code: "budget_exhausted", details: { scope: MONTH, maxMicros: 100 } };
      await expect(store.commit([reserve("run_a", 101, 100)])).rejects.toMatchObject(refusal);
      expect(await total(store)).toEqual([0, 0]);
      await store.commit([spent("use_1", 30), reserve("run_a", 70, 100)]);
      await expect(store.commit([reserve("run_1", 1, 100)])).rejects.toMatchObject(refusal);
      await expect(store.commit([reserve("run_a", 71, 100)])).rejects.toMatchObject(refusal);
      expect(await total(store)).toEqual([30, 70]);
      await store.commit([reserve("run_a", 69, 100), reserve("run_1", 1, 100)]);
      expect(await total(store)).toEqual([30, 70]);
    },
  },
  {
    name: "the first cap that is passed refuses, and the scopes before it are as they were",
    async run({ store }) {
      await seedRun(store);
      await store.commit([reserveIn(5, [TASK_SCOPE, null])]);
      const attempt = store.commit([reserveIn(50, [MONTH, 50], [TASK_SCOPE, 49], ["run/run_a", 1])]);
      await expect(attempt).rejects.toMatchObject({ code: "budget_exhausted", details: { scope: TASK_SCOPE, maxMicros: 49 } });
      expect([await total(store), await total(store, TASK_SCOPE), await total(store, "run/run_a")]).toEqual([
        [0, 0],
        [0, 5],
        [0, 0],
      ]);
    },
  },
  {
    name: "a reservation that is kept, or becomes smaller, is refused in a scope that is above its cap by now",
    async run({ store }) {
      await seedRun(store);
      await store.commit([reserve("run_a", 40, 100)]);
      await store.commit([spent("use_1", 60)]);
      await store.commit([reserve("run_a", 40, 100)]);
      await store.commit([spent("use_2", 1)]);
      await expectRefusal(store.commit([reserve("run_a", 40, 100)]), "budget_exhausted");
      await store.commit([reserve("run_a", 39, 100), spent("use_3", 61)]);
      await expectRefusal(store.commit([reserve("run_a", 1, 100)]), "budget_exhausted");
      expect(await total(store)).toEqual([122, 39]);
    },
  },
  {
    name: "that a reservation is as before is a hint: right or wrong, the outcome is the same",
    async run({ store }) {
      await seedRun(store);
      const kept = (change: Change): Change => ({ ...change, assumedUnchanged: true }) as Change;
      await store.commit([kept(reserve("run_a", 40, 100))]);
      expect(await total(store)).toEqual([0, 40]);
      await store.commit([kept(reserve("run_a", 40, 100))]);
      expect(await total(store)).toEqual([0, 40]);
      await store.commit([kept(reserve("run_a", 60, 100))]);
      await store.commit([kept(reserveIn(60, [MONTH, 100], [TASK_SCOPE, null]))]);
      expect([await total(store), await total(store, TASK_SCOPE)]).toEqual([
        [0, 60],
        [0, 60],
      ]);
      await store.commit([kept(reserveIn(60, [TASK_SCOPE, 60]))]);
      expect([await total(store), await total(store, TASK_SCOPE)]).toEqual([
        [0, 0],
        [0, 60],
      ]);
      await store.commit([kept(reserveIn(60)), spent("use_1", 1, [TASK_SCOPE])]);
      await store.commit([kept(reserveIn(60))]);
      await expectRefusal(store.commit([kept(reserveIn(60, [TASK_SCOPE, 60]))]), "budget_exhausted");
      await expectRefusal(store.commit([kept(reserve("run_x", 1))]), "not_found");
      await store.commit([kept(reserveIn(0))]);
      expect([await total(store), await total(store, TASK_SCOPE)]).toEqual([
        [0, 0],
        [1, 0],
      ]);
    },
  },
  {
    name: "giving back is never refused: not above the cap, not with nothing reserved, not for a run that is not there",
    async run({ store }) {
      await seedRun(store);
      await store.commit([reserve("run_a", 40), spent("use_1", 500)]);
      await store.commit([reserve("run_a", 0, 100)]);
      await store.commit([reserve("run_a", 0, 100), reserve("run_x", 0, 100)]);
      expect(await total(store)).toEqual([500, 0]);
    },
  },
  {
    name: "a scope without a cap refuses nothing and is added up",
    async run({ store }) {
      await seedRun(store);
      await store.commit([reserve("run_a", 9_000_000_000_000)]);
      expect(await total(store)).toEqual([0, 9_000_000_000_000]);
    },
  },
  {
    name: "a reservation needs the run, of this workspace; totals are per workspace",
    async run({ store }) {
      await seedRun(store);
      await store.commit([{ change: "insert-workspace", workspace: aWorkspace("ws_b") }, reserve("run_a", 40, 100)]);
      await expectRefusal(store.commit([reserve("run_x", 1)]), "not_found");
      await expectRefusal(store.commit([{ ...reserveIn(1, [MONTH, null]), workspaceId: "ws_b" } as Change]), "not_found");
      await store.commit([{ ...reserveIn(0), workspaceId: "ws_b" } as Change]);
      expect(await total(store)).toEqual([0, 40]);
      expect(await total(store, MONTH, "ws_b")).toEqual([0, 0]);
      await store.commit([...boardOf("ws_c"), { change: "insert-run", record: aRecord("run_a", { workspaceId: "ws_c" }) }]);
      await store.commit([{ ...reserveIn(100, [MONTH, 100]), workspaceId: "ws_c" } as Change]);
      expect([await total(store), await total(store, MONTH, "ws_c")]).toEqual([
        [0, 40],
        [0, 100],
      ]);
    },
  },
  {
    name: "of many runs that reserve at once over two connections, as many get it as fit under the cap",
    async run({ store, connect }) {
      const runs = await seedRuns(store, 11);
      const stores = [store, await connect()];
      const attempts = runs.map((id, index) => (stores[index % 2] ?? store).commit([reserve(id, 10, 50)]));
      const outcomes = await Promise.allSettled(attempts);
      expect(outcomes.filter(({ status }) => status === "fulfilled")).toHaveLength(5);
      for (const outcome of outcomes) if (outcome.status === "rejected") expect(outcome.reason).toMatchObject({ code: "budget_exhausted" });
      expect(await total(store)).toEqual([0, 50]);
    },
  },
];

const usageCases: readonly StoreCase[] = [
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
      expect((await store.usage.ofRun(WS, "run_a")).map(({ costMicros }) => costMicros)).toEqual([null, null, null]);
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

export const spendCases: readonly StoreCase[] = [...reservationCases, ...usageCases];
