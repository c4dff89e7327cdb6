import type { Change } from "@millrace/kernel";
import { expect } from "vitest";
import { MONTH, aRecord, aWorkspace, boardOf, expectRefusal, reserve, seedRun } from "./fixtures.js";
import { TASK_SCOPE, reserveIn, seedRuns, spent, total } from "./spend-fixtures.js";
import type { StoreCase } from "./store-case.js";

export const spendCases: readonly StoreCase[] = [
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
      await store.commit([{ change: "insert-workspace", workspace: aWorkspace("ws_b") }]);
      await store.commit([reserve("run_a", 40, 100)]);
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
