import type { MergePreset } from "@millrace/contracts";
import type { Change } from "@millrace/kernel";
import { expect } from "vitest";
import { TASK, WS, aPreset, boardOf, expectRefusal } from "./fixtures.js";
import type { StoreCase } from "./store-case.js";

const named = (id: string): MergePreset => aPreset({ id, name: id });
const insert = (id: string, createdAt: number, over: { max?: number } = {}): Change => ({
  change: "insert-preset",
  preset: named(id),
  createdAt,
  ...over,
});
const makeDefault = (defaultPresetId: string): Change => ({
  change: "patch-workspace",
  workspaceId: WS,
  patch: { defaultPresetId },
  expected: null,
});
const remove = (id: string, replaceBy: string | null = null, expected: number | null = null): Change => ({
  change: "delete-preset",
  workspaceId: WS,
  id,
  expected,
  replaceBy,
});

export const presetCases: readonly StoreCase[] = [
  {
    name: "PRE-01 presets are listed oldest first, with the default among them",
    async run({ store }) {
      await store.commit(boardOf(WS));
      expect(await store.presets.getDefault(WS)).toBeNull();
      await store.commit([insert("pre_b", 1), insert("pre_a", 2)]);
      const first = { ...named("pre_b"), revision: 1, createdAt: 1 };
      expect(await store.presets.list(WS)).toEqual([first, { ...named("pre_a"), revision: 1, createdAt: 2 }]);
      await store.commit([makeDefault("pre_b")]);
      expect(await store.presets.getDefault(WS)).toEqual(first);
      expect(await store.presets.get(WS, "pre_b")).toEqual(first);
      expect(await store.presets.get(WS, "pre_x")).toBeNull();
    },
  },
  {
    name: "PRE-02 a preset is added under a free name, up to a limit",
    async run({ store }) {
      await store.commit([...boardOf(WS), insert("pre_a", 1)]);
      await expectRefusal(store.commit([insert("pre_a", 2)]), "already_exists");
      await expectRefusal(
        store.commit([{ change: "insert-preset", preset: { ...named("pre_b"), name: "pre_a" }, createdAt: 2 }]),
        "already_exists",
      );
      await store.commit([insert("pre_b", 2, { max: 2 })]);
      await expectRefusal(store.commit([insert("pre_c", 3, { max: 2 })]), "limit_reached");
      expect((await store.presets.list(WS)).map(({ id }) => id)).toEqual(["pre_a", "pre_b"]);
    },
  },
  {
    name: "PRE-03 a change of a preset counts its revision up, keeps its place, and takes no name of another",
    async run({ store }) {
      await store.commit([...boardOf(WS), insert("pre_a", 1), insert("pre_b", 2)]);
      const update = (over: Partial<MergePreset>, expected: number | null): Change => ({
        change: "update-preset",
        preset: { ...named("pre_a"), ...over },
        expected,
      });
      await store.commit([update({ maxRisk: 0.1 }, 1)]);
      await expectRefusal(store.commit([update({ maxRisk: 0.9 }, 1)]), "stale_revision");
      await expectRefusal(store.commit([update({ name: "pre_b" }, null)]), "already_exists");
      await expectRefusal(store.commit([update({ id: "pre_x" }, null)]), "not_found");
      expect(await store.presets.get(WS, "pre_a")).toMatchObject({ maxRisk: 0.1, revision: 2, createdAt: 1 });
    },
  },
  {
    name: "PRE-04 the default is what the workspace names: one of its presets, and only one",
    async run({ store }) {
      await store.commit([...boardOf(WS), insert("pre_a", 1), insert("pre_b", 2), insert("pre_c", 3), makeDefault("pre_a")]);
      await Promise.allSettled(["pre_b", "pre_c"].map((id) => store.commit([makeDefault(id)])));
      expect((await store.presets.getDefault(WS))?.id).toMatch(/^pre_[bc]$/);
      await store.commit([makeDefault("pre_b")]);
      await expectRefusal(store.commit([makeDefault("pre_x")]), "not_found");
      expect((await store.presets.getDefault(WS))?.id).toBe("pre_b");
    },
  },
  {
    name: "PRE-05 neither the default nor a preset that a task names is removed, unless another one takes its place",
    async run({ store }) {
      await store.commit([
        ...boardOf(WS),
        insert("pre_a", 1),
        insert("pre_b", 2),
        insert("pre_c", 3),
        makeDefault("pre_a"),
        { change: "patch-block", workspaceId: WS, id: TASK, patch: { presetId: "pre_b" } },
      ]);
      expect(await store.presets.uses(WS)).toEqual(new Map([["pre_b", 1]]));
      expect(await store.presets.usedBy(WS, "pre_b", 9)).toMatchObject([{ id: TASK }]);
      await expectRefusal(store.commit([remove("pre_a", "pre_c")]), "in_use");
      await expectRefusal(store.commit([remove("pre_b")]), "in_use");
      await expectRefusal(store.commit([remove("pre_b", "pre_x")]), "not_found");
      await expectRefusal(store.commit([remove("pre_b", "pre_b")]), "not_found");
      await expectRefusal(store.commit([remove("pre_b", "pre_c", 9)]), "stale_revision");
      await store.commit([remove("pre_b", "pre_c", 1)]);
      expect(await store.blocks.get(WS, TASK)).toMatchObject({ presetId: "pre_c" });
      expect((await store.presets.list(WS)).map(({ id }) => id)).toEqual(["pre_a", "pre_c"]);
      await store.commit([remove("pre_b"), remove("pre_x", null, 1)]);
    },
  },
];
