import { LOG_START } from "@millrace/kernel";
import { expect } from "vitest";
import {
  aWorkspace,
  SERVICE,
  TASK,
  WS,
  aNotification,
  aPipeline,
  aPreset,
  aRecord,
  aRunEvent,
  aSpend,
  boardOf,
  everything,
  expectRefusal,
  raise,
  resolve,
} from "./fixtures.js";
import type { StoreCase, StoreScene } from "./store-case.js";

const OTHER = "ws_b";

async function seedBoth({ store }: StoreScene): Promise<void> {
  await store.commit(boardOf(WS));
  await store.commit([{ change: "insert-workspace", workspace: aWorkspace(OTHER, { name: "Other", createdAt: 2 }) }]);
  await store.commit([
    { change: "insert-run", record: aRecord("run_a") },
    { change: "insert-pipeline", workspaceId: WS, pipeline: aPipeline(), max: 9 },
    { change: "organize-pipeline", workspaceId: WS, pipelineId: "pip_a", archived: true, expected: null },
    { change: "put-model-default", workspaceId: WS, kind: "coder", model: "acme:one", expected: null },
    { change: "insert-preset", preset: aPreset(), createdAt: 1 },
    { change: "append-run-events", workspaceId: WS, runId: "run_a", firstSequence: 1, events: [aRunEvent(0)] },
    { change: "put-output", workspaceId: WS, runId: "run_a", key: "one", text: "secret" },
    raise(aNotification("ntf_1")),
    { change: "record-usage", usage: aSpend("use_1") },
    { change: "wake", workspaceId: WS, runId: "run_a", at: 7 },
  ]);
}

export const tenancyCases: readonly StoreCase[] = [
  {
    name: "every read of another workspace's id finds nothing",
    async run(scene) {
      await seedBoth(scene);
      const { store } = scene;
      expect(await store.blocks.get(OTHER, TASK)).toBeNull();
      expect(await store.blocks.children(OTHER, SERVICE, { limit: 9 })).toEqual([]);
      expect(await store.blocks.children(OTHER, null, { limit: 9 })).toEqual([]);
      expect(await store.runs.context({ workspaceId: OTHER, blockId: TASK, runId: "run_a" })).toMatchObject({
        revision: null,
        path: [],
        preset: null,
      });
      expect(await store.pipelines.get(OTHER, "pip_a")).toBeNull();
      expect(await store.pipelines.list(OTHER, { limit: 9 })).toEqual([]);
      expect((await store.pipelines.uses(OTHER)).size).toBe(0);
      expect(await store.pipelines.usedBy(OTHER, "pip_a", 9)).toEqual([]);
      expect(await store.pipelineLabels.get(OTHER, "pip_a")).toBeNull();
      expect(await store.pipelineLabels.list(OTHER)).toEqual([]);
      expect(await store.modelDefaults.get(OTHER, "coder")).toBeNull();
      expect(await store.modelDefaults.list(OTHER)).toEqual([]);
      expect(await store.presets.list(OTHER)).toEqual([]);
      expect((await store.presets.uses(OTHER)).size).toBe(0);
      expect(await store.presets.usedBy(OTHER, "pre_a", 9)).toEqual([]);
      expect(await store.presets.get(OTHER, "pre_a")).toBeNull();
      expect(await store.presets.getDefault(OTHER)).toBeNull();
      expect(await store.runs.get(OTHER, "run_a")).toBeNull();
      expect(await store.runs.revision(OTHER, "run_a")).toBeNull();
      expect(await store.runs.liveOfBlock(OTHER, TASK)).toBeNull();
      expect(await store.runs.list(OTHER, { blockId: TASK }, { limit: 9 })).toEqual([]);
      expect(await store.outputs.get(OTHER, "one")).toBeNull();
      expect((await store.outputs.getMany(OTHER, ["one"])).size).toBe(0);
      expect(await store.notifications.open(OTHER, { limit: 9 })).toEqual([]);
      expect(await store.notifications.ofRun(OTHER, "run_a")).toEqual([]);
      expect(await store.usage.ofRun(OTHER, "run_a")).toEqual([]);
      expect(await store.events.read(OTHER, LOG_START, 9)).toEqual([]);
      expect(await store.events.ofRun(OTHER, "run_a", 0, 9)).toEqual([]);
      await expectRefusal(store.runs.list(OTHER, {}, { limit: 9, after: "run_a" }), "validation");
    },
  },
  {
    name: "no write of another workspace reaches this one",
    async run(scene) {
      await seedBoth(scene);
      const { store, wakeups } = scene;
      const was = await everything(store);
      const record = aRecord("run_a", { workspaceId: OTHER, revision: 2, status: "cancelled" });
      await expectRefusal(store.commit([{ change: "update-run", record, expected: 1 }]), "stale_revision");
      await expectRefusal(store.commit([{ change: "patch-block", workspaceId: OTHER, id: TASK, patch: { progress: 1 } }]), "not_found");
      await expectRefusal(store.commit([{ change: "put-output", workspaceId: OTHER, runId: "run_a", key: "one", text: "x" }]), "not_found");
      await expectRefusal(
        store.commit([{ change: "append-run-events", workspaceId: OTHER, runId: "run_a", firstSequence: 2, events: [aRunEvent(1)] }]),
        "not_found",
      );
      await expectRefusal(store.commit([{ change: "wake", workspaceId: OTHER, runId: "run_a", at: 1 }]), "not_found");
      await store.commit([{ change: "unwake", workspaceId: OTHER, runId: "run_a" }, resolve("ntf_1", "dismissed", 1, OTHER)]);
      expect(await wakeups.nudge(OTHER, "run_a", 1)).toBe(false);
      expect(await everything(store)).toEqual(was);
      expect(await wakeups.nextDueAt()).toBe(7);
    },
  },
  {
    name: "two workspaces may use the same ids",
    async run({ store }) {
      for (const workspaceId of [WS, OTHER]) {
        await store.commit([
          ...boardOf(workspaceId),
          { change: "insert-run", record: aRecord("run_a", { workspaceId }) },
          { change: "append-run-events", workspaceId, runId: "run_a", firstSequence: 1, events: [aRunEvent(0)] },
          { change: "put-output", workspaceId, runId: "run_a", key: "one", text: `of ${workspaceId}` },
        ]);
      }
      expect(await store.outputs.get(WS, "one")).toBe("of ws_a");
      expect(await store.outputs.get(OTHER, "one")).toBe("of ws_b");
      expect((await store.runs.get(OTHER, "run_a"))?.workspaceId).toBe(OTHER);
      expect(await store.events.read(OTHER, LOG_START, 9)).toHaveLength(1);
    },
  },
];
