import { workspaceSettingsSchema } from "@millrace/contracts";
import type { Change, Store } from "@millrace/kernel";
import { expect } from "vitest";
import {
  MONTH,
  SERVICE,
  TASK,
  WS,
  aBlock,
  aBoardEvent,
  aNotification,
  aPipeline,
  aPreset,
  aRecord,
  aReview,
  aRunEvent,
  aService,
  aSpend,
  aWorkspace,
  anActivation,
  anItem,
  escalate,
  everything,
  raise,
  reserve,
  resolve,
  seedRun,
} from "./fixtures.js";
import type { StoreCase } from "./store-case.js";

interface Missing {
  readonly change: Change;
  readonly entity: string;
  readonly id: string;
}

/** The workspace, block or run that a change needs, as it names it. */
interface RunIds {
  readonly workspaceId: string;
  readonly blockId: string;
  readonly runId: string;
}

/** Every change that needs a run. */
function changesOfRun({ workspaceId, runId, blockId }: RunIds): readonly Change[] {
  const usage = aSpend("use_x", { workspaceId, runId });
  return [
    { change: "append-run-events", workspaceId, runId, firstSequence: 9, events: [aRunEvent(0)] },
    { change: "put-output", workspaceId, runId, key: "one", text: "text" },
    raise(aNotification("ntf_x", { workspaceId, runId, blockId })),
    { change: "record-usage", usage },
    { change: "record-usage", usage: { ...usage, key: "use_y" }, scopes: [MONTH] },
    { change: "reserve-spend", workspaceId, runId, micros: 5, caps: [{ scope: MONTH, maxMicros: null }] },
    { change: "reserve-spend", workspaceId, runId, micros: 5, caps: [], assumedUnchanged: true },
    { change: "insert-review", review: aReview("rev_x", { workspaceId, runId, blockId }), items: [] },
    { change: "put-activation", activation: anActivation({ workspaceId, runId }) },
    { change: "wake", workspaceId, runId, at: 5 },
  ];
}

/** Every change that needs the workspace itself. */
function changesOfWorkspace(workspaceId: string): readonly Change[] {
  return [
    { change: "put-settings", workspaceId, settings: workspaceSettingsSchema.parse({}), expected: null },
    { change: "insert-block", block: aService({ workspaceId, id: "svc_x" }) },
    { change: "insert-pipeline", workspaceId, pipeline: aPipeline(), max: 9 },
    { change: "organize-pipeline", workspaceId, pipelineId: "pip_a", archived: true, expected: null },
    { change: "put-model-default", workspaceId, kind: "coder", model: "acme:one", expected: null },
    { change: "insert-preset", preset: aPreset({ workspaceId }), createdAt: 1 },
    { change: "append-board-event", workspaceId, event: aBoardEvent("Board") },
  ];
}

const ours = { workspaceId: WS, blockId: TASK, runId: "run_a" };
const inWorkspace = { ...ours, workspaceId: "ws_b" };

const missing: readonly Missing[] = [
  ...changesOfWorkspace("ws_x").map((change) => ({ change, entity: "workspace", id: "ws_x" })),
  ...changesOfRun({ ...ours, runId: "run_x" }).map((change) => ({ change, entity: "run", id: "run_x" })),
  { change: { change: "insert-block", block: aBlock({ id: "tsk_x", parentId: "svc_x" }) }, entity: "block", id: "svc_x" },
  { change: { change: "patch-block", workspaceId: WS, id: "tsk_x", patch: { progress: 1 } }, entity: "block", id: "tsk_x" },
  { change: { change: "move-block", workspaceId: WS, id: "tsk_x", parentId: SERVICE }, entity: "block", id: "tsk_x" },
  { change: { change: "move-block", workspaceId: WS, id: TASK, parentId: "mod_x" }, entity: "block", id: "mod_x" },
  { change: { change: "insert-run", record: aRecord("run_x", { blockId: "tsk_x" }) }, entity: "block", id: "tsk_x" },
  { change: { change: "insert-review", review: aReview("rev_x", { blockId: "tsk_x" }), items: [] }, entity: "block", id: "tsk_x" },
  {
    change: { change: "insert-review", review: aReview("rev_x"), items: [anItem("one", { reviewId: "rev_y" })] },
    entity: "review",
    id: "rev_y",
  },
  {
    change: { change: "set-review-status", workspaceId: WS, id: "rev_x", from: ["ready"], status: "exceeded" },
    entity: "review",
    id: "rev_x",
  },
  {
    change: { change: "answer-review-item", workspaceId: WS, reviewId: "rev_x", id: "one", status: "answered", reply: "Yes" },
    entity: "review item",
    id: "one",
  },
];

/** Ids that exist in `ws_a`, named by changes of `ws_b`. */
const ofAnother: readonly Missing[] = [
  // The block of a review is looked for first.
  ...changesOfRun(inWorkspace).map((change) =>
    change.change === "insert-review" ? { change, entity: "block", id: TASK } : { change, entity: "run", id: "run_a" },
  ),
  { change: { change: "insert-block", block: aBlock({ workspaceId: "ws_b", id: "tsk_x" }) }, entity: "block", id: SERVICE },
  { change: { change: "insert-run", record: aRecord("run_x", { workspaceId: "ws_b" }) }, entity: "block", id: TASK },
];

async function expectMissing(store: Store, { change, entity, id }: Missing): Promise<void> {
  await expect(store.commit([change])).rejects.toMatchObject({ code: "not_found", details: { entity, id } });
}

export const needCases: readonly StoreCase[] = [
  {
    name: "a change that needs a row that is missing is refused by its name, and writes nothing",
    async run({ store, wakeups }) {
      await seedRun(store);
      const before = await everything(store);
      for (const each of missing) await expectMissing(store, each);
      expect(await everything(store)).toEqual(before);
      expect(await store.workspaces.get("ws_x")).toBeNull();
      expect(await wakeups.nextDueAt()).toBeNull();
    },
  },
  {
    name: "a row of another workspace is missing like one that does not exist",
    async run({ store }) {
      await seedRun(store);
      await store.commit([{ change: "insert-workspace", workspace: aWorkspace("ws_b") }]);
      const before = [await everything(store), await everything(store, "ws_b")];
      for (const each of ofAnother) await expectMissing(store, each);
      expect([await everything(store), await everything(store, "ws_b")]).toEqual(before);
    },
  },
  {
    name: "a row that a change needs may be inserted by the same commit, before the change or after it",
    async run({ store, wakeups }) {
      const rows: readonly Change[] = [
        { change: "insert-workspace", workspace: aWorkspace(WS) },
        { change: "insert-block", block: aService() },
        { change: "insert-block", block: aBlock() },
        { change: "insert-run", record: aRecord("run_a") },
      ];
      const needing = [...changesOfWorkspace(WS).filter(({ change }) => change !== "put-settings"), ...changesOfRun(ours)];
      await store.commit([...needing.toReversed(), ...rows.toReversed()]);
      expect(await wakeups.nextDueAt()).toBe(5);
      expect(await store.events.ofRun(WS, "run_a", 0, 9)).toHaveLength(1);
      const other = { workspaceId: "ws_b" };
      await store.commit([
        { change: "insert-workspace", workspace: aWorkspace("ws_b") },
        { change: "insert-block", block: aService(other) },
        { change: "insert-block", block: aBlock(other) },
        { change: "insert-run", record: aRecord("run_a", other) },
        ...changesOfWorkspace("ws_b"),
        ...changesOfRun(inWorkspace),
      ]);
      expect(await store.notifications.open("ws_b", { limit: 9 })).toHaveLength(1);
    },
  },
  {
    name: "a change that only removes needs nothing",
    async run({ store }) {
      await seedRun(store);
      await store.commit([
        { change: "unwake", workspaceId: WS, runId: "run_x" },
        { change: "delete-activations", workspaceId: WS, runId: "run_x" },
        resolve("ntf_x"),
        escalate("ntf_x"),
        reserve("run_x", 0),
      ]);
    },
  },
];
