import type { Change, Store } from "@millrace/kernel";
import { expect } from "vitest";
import { aBlock, aWorkspace, boardOf, expectRefusal, SERVICE, TASK, WS } from "./fixtures.js";
import type { StoreCase } from "./store-case.js";

const add = (blockId: string, onId: string, workspaceId = WS): Change => ({
  change: "add-dependency",
  dependency: { workspaceId, blockId, onId, createdAt: 7 },
});
const remove = (blockId: string, onId: string, workspaceId = WS): Change => ({ change: "remove-dependency", workspaceId, blockId, onId });

/** The board with tasks `tsk_0` and on beside its own. */
async function seedTasks(store: Store, count: number): Promise<void> {
  await store.commit([
    ...boardOf(WS),
    ...Array.from({ length: count }, (_, index): Change => ({ change: "insert-block", block: aBlock({ id: `tsk_${index}` }) })),
  ]);
}

const pairs = async (store: Store, ...blockIds: readonly string[]): Promise<readonly string[]> =>
  (await store.dependencies.of(WS, blockIds)).map(({ blockId, onId }) => `${blockId} ${onId}`);

export const dependencyCases: readonly StoreCase[] = [
  {
    name: "BRD-15 what a task waits for is told both ways, once, and taken back",
    async run({ store }) {
      await seedTasks(store, 3);
      await store.commit([add("tsk_1", "tsk_0"), add("tsk_2", "tsk_0"), add("tsk_2", "tsk_1")]);
      expect(await store.dependencies.of(WS, ["tsk_2", "tsk_1", "tsk_0"])).toEqual(
        [
          ["tsk_1", "tsk_0"],
          ["tsk_2", "tsk_0"],
          ["tsk_2", "tsk_1"],
        ].map(([blockId, onId]) => ({ workspaceId: WS, blockId, onId, createdAt: 7 })),
      );
      expect((await store.dependencies.on(WS, "tsk_0", 9)).map(({ blockId }) => blockId)).toEqual(["tsk_1", "tsk_2"]);
      expect(await store.dependencies.on(WS, "tsk_0", 1)).toHaveLength(1);
      expect(await store.dependencies.of(WS, [])).toEqual([]);
      await expectRefusal(store.commit([add("tsk_1", "tsk_0")]), "already_exists");
      await store.commit([remove("tsk_2", "tsk_0")]);
      expect(await pairs(store, "tsk_1", "tsk_2")).toEqual(["tsk_1 tsk_0", "tsk_2 tsk_1"]);
      await expectRefusal(store.commit([remove("tsk_2", "tsk_0")]), "not_found");
      await expectRefusal(store.dependencies.on(WS, "tsk_0", 201), "validation");
    },
  },
  {
    name: "BRD-15 a dependency is between two tasks on the board of one workspace",
    async run({ store }) {
      await seedTasks(store, 1);
      await store.commit([
        { change: "insert-workspace", workspace: aWorkspace("ws_b") },
        { change: "insert-block", block: aBlock({ id: "tsk_b", workspaceId: "ws_b", parentId: null }) },
      ]);
      for (const [blockId, onId] of [
        ["tsk_none", TASK],
        [TASK, "tsk_none"],
        [TASK, SERVICE],
        [SERVICE, TASK],
        [TASK, "tsk_b"],
      ] as const)
        await expectRefusal(store.commit([add(blockId, onId)]), "not_found");
      await store.commit([{ change: "patch-block", workspaceId: WS, id: "tsk_0", patch: { removedAt: 9 } }]);
      await expectRefusal(store.commit([add(TASK, "tsk_0")]), "not_found");
      expect(await pairs(store, TASK, "tsk_0")).toEqual([]);
    },
  },
  {
    name: "BRD-15 a cycle is refused, of any length, and by one commit that makes it whole",
    async run({ store }) {
      await seedTasks(store, 4);
      await store.commit([add("tsk_0", "tsk_1"), add("tsk_1", "tsk_2"), add("tsk_2", "tsk_3"), add("tsk_0", "tsk_3")]);
      await expectRefusal(store.commit([add("tsk_0", "tsk_0")]), "cycle");
      await expectRefusal(store.commit([add("tsk_1", "tsk_0")]), "cycle");
      await expectRefusal(store.commit([add("tsk_3", "tsk_0")]), "cycle");
      await expectRefusal(store.commit([add(TASK, "tsk_0"), add("tsk_3", TASK)]), "cycle");
      expect(await pairs(store, TASK, "tsk_3")).toEqual([]);
    },
  },
  {
    name: "BRD-15 of commits at once that together make a cycle, one is refused",
    async run({ store, connect }) {
      await seedTasks(store, 6);
      const stores = [store, await connect()];
      for (const [one, other] of [
        ["tsk_0", "tsk_1"],
        ["tsk_2", "tsk_3"],
        ["tsk_4", "tsk_5"],
      ] as const) {
        const results = await Promise.allSettled([stores[0]?.commit([add(one, other)]), stores[1]?.commit([add(other, one)])]);
        expect(results.map(({ status }) => status).toSorted()).toEqual(["fulfilled", "rejected"]);
        expect(results.find(({ status }) => status === "rejected")).toMatchObject({ reason: { code: "cycle" } });
        expect(await pairs(store, one, other)).toHaveLength(1);
      }
    },
  },
  {
    name: "BRD-15 a task waits for 50 others at most",
    async run({ store }) {
      await seedTasks(store, 51);
      await store.commit(Array.from({ length: 50 }, (_, index) => add(TASK, `tsk_${index}`)));
      await expectRefusal(store.commit([add(TASK, "tsk_50")]), "limit_reached");
      await store.commit([remove(TASK, "tsk_0"), add(TASK, "tsk_50")]);
      expect(await store.dependencies.of(WS, [TASK])).toHaveLength(50);
    },
  },
  {
    name: "BRD-15 what a task waits for is open until it is done",
    async run({ store }) {
      await seedTasks(store, 2);
      await store.commit([add(TASK, "tsk_0"), add(TASK, "tsk_1")]);
      const open = (id: string, status: string) => ({ id, title: "Add a health endpoint", status });
      expect(await store.dependencies.open(WS, TASK)).toEqual([open("tsk_0", "planned"), open("tsk_1", "planned")]);
      await store.commit([
        { change: "patch-block", workspaceId: WS, id: "tsk_0", patch: { status: "done" } },
        { change: "patch-block", workspaceId: WS, id: "tsk_1", patch: { status: "pr_ready" } },
      ]);
      expect(await store.dependencies.open(WS, TASK)).toEqual([open("tsk_1", "pr_ready")]);
      expect(await store.dependencies.open(WS, "tsk_0")).toEqual([]);
    },
  },
];
