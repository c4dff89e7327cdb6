import type { Change, Removal, Store } from "@millrace/kernel";
import { expect } from "vitest";
import { aBlock, aNotification, aRecord, aReview, boardOf, expectRefusal, raise, SERVICE, TASK, WS } from "./fixtures.js";
import type { StoreCase } from "./store-case.js";

function aRemoval(over: Partial<Removal> = {}): Removal {
  const actor = { type: "human", id: "ann" } as const;
  return { workspaceId: WS, rootId: SERVICE, title: "Service", level: "service", actor, onBehalfOf: null, dueAt: 50, ...over };
}

const begin = (over: Partial<Removal> = {}): Change => ({ change: "begin-removal", removal: aRemoval(over), at: 40 });
const remove = (id: string): Change => ({ change: "remove-block", workspaceId: WS, id, at: 41 });
const depend = (blockId: string, onId: string): Change => ({
  change: "add-dependency",
  dependency: { workspaceId: WS, blockId, onId, createdAt: 7 },
});

/** A service with a task of its own, a module, and two tasks in that; `tsk_a` has a run that has ended. */
async function seed(store: Store): Promise<void> {
  await store.commit([
    ...boardOf(WS),
    { change: "insert-block", block: aBlock({ id: "mod_a", level: "module" }) },
    { change: "insert-block", block: aBlock({ id: "tsk_1", parentId: "mod_a", createdAt: 3 }) },
    { change: "insert-block", block: aBlock({ id: "tsk_2", parentId: "mod_a", createdAt: 4 }) },
    { change: "insert-run", record: aRecord("run_a", { status: "done" }) },
    { change: "insert-review", review: aReview("rev_a"), items: [] },
    raise(aNotification("ntf_a")),
    depend("tsk_1", TASK),
    depend("tsk_2", "tsk_1"),
  ]);
}

const leaves = async (store: Store, limit = 9): Promise<readonly string[]> =>
  (await store.removals.leaves(WS, SERVICE, limit)).map(({ id }) => id).toSorted();

export const removalCases: readonly StoreCase[] = [
  {
    name: "BRD-16 a removed block leaves the board at once, and is removed from the inside out",
    async run({ store }) {
      await seed(store);
      await store.commit([begin()]);
      expect((await store.blocks.get(WS, SERVICE))?.removedAt).toBe(40);
      expect(await store.removals.get(WS, SERVICE)).toEqual(aRemoval());
      expect(await store.removals.get("ws_b", SERVICE)).toBeNull();
      await expectRefusal(store.commit([begin()]), "not_found");
      await expectRefusal(store.commit([begin({ rootId: "svc_none" })]), "not_found");
      expect(await leaves(store)).toEqual(["tsk_1", "tsk_2", TASK]);
      expect(await leaves(store, 1)).toHaveLength(1);
      await expectRefusal(store.commit([remove("mod_a")]), "conflict");
      await store.commit([remove("tsk_1"), remove("tsk_2"), remove(TASK)]);
      expect(await leaves(store)).toEqual(["mod_a"]);
      await store.commit([remove("mod_a"), remove(SERVICE)]);
      expect(await leaves(store)).toEqual([]);
      await store.commit([{ change: "end-removal", workspaceId: WS, rootId: SERVICE }]);
      await store.commit([{ change: "end-removal", workspaceId: WS, rootId: SERVICE }]);
      expect(await store.removals.get(WS, SERVICE)).toBeNull();
      await expectRefusal(store.commit([remove("mod_a")]), "not_found");
    },
  },
  {
    name: "B4 the rows of a removed block go with it, both ends of dependencies among them; runs and what belongs to them stay, and the blocks they are of",
    async run({ store }) {
      await seed(store);
      await store.commit([remove("tsk_1"), remove("tsk_2"), remove("mod_a"), remove(TASK), remove(SERVICE)]);
      for (const id of ["tsk_1", "tsk_2", "mod_a"]) expect([id, await store.blocks.get(WS, id)]).toEqual([id, null]);
      expect(await store.dependencies.of(WS, ["tsk_1", "tsk_2", TASK])).toEqual([]);
      expect(await store.dependencies.on(WS, TASK, 9)).toEqual([]);
      expect(await store.blocks.get(WS, TASK)).toMatchObject({ parentId: SERVICE, title: "Add a health endpoint", removedAt: 41 });
      expect(await store.blocks.get(WS, SERVICE)).toMatchObject({ removedAt: 41 });
      expect(await store.runs.get(WS, "run_a")).not.toBeNull();
      expect(await store.reviews.get(WS, "rev_a")).not.toBeNull();
      expect(await store.notifications.get(WS, "ntf_a")).not.toBeNull();
      expect(await store.blocks.children(WS, SERVICE, { limit: 9 })).toEqual([]);
      expect(await store.blocks.children(WS, null, { limit: 9 })).toEqual([]);
    },
  },
  {
    name: "BRD-16 removing the last run's block again changes nothing, and its time stays",
    async run({ store }) {
      await seed(store);
      await store.commit([remove(TASK)]);
      await store.commit([{ ...remove(TASK), at: 99 } as Change]);
      expect((await store.blocks.get(WS, TASK))?.removedAt).toBe(41);
    },
  },
  {
    name: "BRD-16 removals are found when their time has come, the longest due first",
    async run({ store }) {
      await seed(store);
      await store.commit([begin({ rootId: "tsk_1", dueAt: 30 }), begin({ rootId: "tsk_2", dueAt: 20 }), begin({ rootId: "mod_a" })]);
      expect(await store.removals.due(19, 9)).toEqual([]);
      expect((await store.removals.due(49, 9)).map(({ rootId }) => rootId)).toEqual(["tsk_2", "tsk_1"]);
      expect((await store.removals.due(50, 1)).map(({ rootId }) => rootId)).toEqual(["tsk_2"]);
    },
  },
  {
    name: "SCN-01 no two modules of a service on the board have the same name in its map, whatever writes it",
    async run({ store, connect }) {
      await seed(store);
      const module = (id: string, blueprintKey: string | null): Change => ({
        change: "insert-block",
        block: aBlock({ id, level: "module", blueprintKey }),
      });
      const patch = (id: string, blueprintKey: string): Change => ({ change: "patch-block", workspaceId: WS, id, patch: { blueprintKey } });
      const other = await connect();
      const results = await Promise.allSettled([store.commit([module("mod_b", "cart")]), other.commit([module("mod_c", "cart")])]);
      expect(results.map(({ status }) => status).toSorted()).toEqual(["fulfilled", "rejected"]);
      expect(results.find(({ status }) => status === "rejected")).toMatchObject({ reason: { code: "conflict" } });
      await expectRefusal(store.commit([patch("mod_a", "cart")]), "conflict");
      await store.commit([patch("mod_a", "pay")]);
      const [kept = ""] = ["mod_b", "mod_c"].filter((_, index) => results[index]?.status === "fulfilled");
      await store.commit([remove(kept)]);
      await store.commit([patch("mod_a", "cart")]);
    },
  },
  {
    name: "BRD-16 in a block that was removed nothing is added, and nothing starts, at any depth",
    async run({ store }) {
      await seed(store);
      await store.commit([begin()]);
      for (const parentId of [SERVICE, "mod_a"])
        await expectRefusal(store.commit([{ change: "insert-block", block: aBlock({ id: "tsk_new", parentId }) }]), "not_found");
      for (const blockId of ["tsk_1", TASK])
        await expectRefusal(store.commit([{ change: "insert-run", record: aRecord("run_new", { blockId }) }]), "not_found");
      await store.commit([{ change: "insert-run", record: aRecord("run_past", { blockId: "tsk_1", status: "failed" }) }]);
    },
  },
];
