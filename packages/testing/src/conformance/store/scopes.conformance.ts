import type { Change } from "@millrace/kernel";
import { expect } from "vitest";
import {
  TASK,
  WS,
  aBlock,
  aBoardEvent,
  aNotification,
  aPreset,
  aRecord,
  aReview,
  aRunEvent,
  aSpend,
  aWorkspace,
  anActivation,
  anItem,
  boardOf,
  everything,
  expectRefusal,
  raise,
  seedRun,
} from "./fixtures.js";
import type { StoreCase } from "./store-case.js";

const OTHER = "ws_b";
const ours: Change = { change: "patch-block", workspaceId: WS, id: TASK, patch: { progress: 0.5 } };

/** Changes of the other workspace that would land by themselves: beside a record and in one, rows and events. */
const theirs: readonly Change[] = [
  { change: "patch-block", workspaceId: OTHER, id: TASK, patch: { progress: 0.5 } },
  { change: "insert-block", block: aBlock({ workspaceId: OTHER, id: "tsk_b" }) },
  { change: "insert-workspace", workspace: aWorkspace("ws_c") },
  { change: "insert-preset", preset: aPreset({ workspaceId: OTHER }), createdAt: 1 },
  { change: "update-run", record: aRecord("run_a", { workspaceId: OTHER, revision: 2 }), expected: 1 },
  { change: "append-run-events", workspaceId: OTHER, runId: "run_a", firstSequence: 1, events: [aRunEvent(0)] },
  { change: "append-board-event", workspaceId: OTHER, event: aBoardEvent("Theirs") },
  raise(aNotification("ntf_1", { workspaceId: OTHER })),
  { change: "record-usage", usage: aSpend("use_1", { workspaceId: OTHER }) },
  { change: "put-activation", activation: anActivation({ workspaceId: OTHER }) },
  { change: "insert-review", review: aReview("rev_a", { workspaceId: OTHER }), items: [] },
];

export const scopeCases: readonly StoreCase[] = [
  {
    name: "a commit of two workspaces is refused and writes nothing, whatever the change and wherever it stands",
    async run({ store }) {
      await seedRun(store);
      await store.commit([...boardOf(OTHER), { change: "insert-run", record: aRecord("run_a", { workspaceId: OTHER }) }]);
      const before = [await everything(store, WS), await everything(store, OTHER)];
      for (const change of theirs) {
        await expectRefusal(store.commit([ours, change]), "validation");
        await expectRefusal(store.commit([change, ours]), "validation");
      }
      expect([await everything(store, WS), await everything(store, OTHER)]).toEqual(before);
      await store.commit(theirs.filter(({ change }) => change !== "insert-workspace"));
      await store.commit([ours]);
      expect((await store.blocks.get(WS, TASK))?.progress).toBe(0.5);
      expect((await store.runs.get(OTHER, "run_a"))?.revision).toBe(2);
    },
  },
  {
    name: "a record whose parts name two workspaces is refused",
    async run({ store }) {
      await seedRun(store);
      await store.commit(boardOf(OTHER));
      const items = [anItem("one"), anItem("two", { workspaceId: OTHER, position: 1 })];
      await expectRefusal(store.commit([{ change: "insert-review", review: aReview("rev_a"), items }]), "validation");
      expect(await store.reviews.get(WS, "rev_a")).toBeNull();
    },
  },
];
