import type { ErrorCode } from "@millrace/contracts";
import { workspaceSettingsSchema } from "@millrace/contracts";
import type { Change } from "@millrace/kernel";
import { LOG_START } from "@millrace/kernel";
import { expect } from "vitest";
import {
  aWorkspace,
  TASK,
  SERVICE,
  WS,
  aBlock,
  aBoardEvent,
  aNotification,
  escalate,
  raise,
  resolve,
  aPipeline,
  aPreset,
  aRecord,
  aReview,
  aRunEvent,
  aSpend,
  anActivation,
  anItem,
  everything,
  expectRefusal,
  MONTH,
  reserve,
  seedRun,
} from "./fixtures.js";
import type { StoreCase } from "./store-case.js";

/** One change of every kind but `insert-workspace`, all of which would land by themselves. */
const all: readonly Change[] = [
  { change: "insert-block", block: aBlock({ id: "tsk_b", createdAt: 9 }) },
  { change: "patch-block", workspaceId: WS, id: TASK, patch: { progress: 0.5, runId: "run_a" } },
  { change: "insert-pipeline", workspaceId: WS, pipeline: aPipeline(), max: 9 },
  { change: "insert-pipeline", workspaceId: WS, pipeline: aPipeline({ id: "pip_b" }), max: 9 },
  { change: "update-pipeline", workspaceId: WS, pipeline: aPipeline({ name: "Other" }), expected: 1 },
  { change: "delete-pipeline", workspaceId: WS, id: "pip_b", expected: 1, replaceBy: null },
  { change: "organize-pipeline", workspaceId: WS, pipelineId: "pip_a", labels: ["ours"], expected: 0 },
  { change: "put-model-default", workspaceId: WS, kind: "coder", model: "acme:one", expected: 0 },
  { change: "put-model-default", workspaceId: WS, kind: "tester", model: "acme:one", expected: null },
  { change: "delete-model-default", workspaceId: WS, kind: "tester", expected: 1 },
  { change: "insert-preset", preset: aPreset(), createdAt: 1 },
  { change: "insert-preset", preset: aPreset({ id: "pre_b", name: "B" }), createdAt: 2 },
  { change: "update-preset", preset: aPreset({ maxRisk: 0.1 }), expected: 1 },
  { change: "patch-workspace", workspaceId: WS, patch: { defaultPresetId: "pre_a" }, expected: 1 },
  { change: "delete-preset", workspaceId: WS, id: "pre_b", expected: 1, replaceBy: null },
  { change: "insert-run", record: aRecord("run_b", { blockId: "tsk_b" }) },
  { change: "update-run", record: aRecord("run_a", { status: "waiting", revision: 2 }), expected: 1 },
  { change: "append-run-events", workspaceId: WS, runId: "run_a", firstSequence: 1, events: [aRunEvent(0), aRunEvent(1)] },
  { change: "append-board-event", workspaceId: WS, event: aBoardEvent("Second") },
  { change: "put-output", workspaceId: WS, runId: "run_a", key: "one", text: "new" },
  raise(aNotification("ntf_2")),
  resolve("ntf_1", "acted", 50),
  { change: "record-usage", usage: aSpend("use_1") },
  { change: "wake", workspaceId: WS, runId: "run_a", at: 7 },
  { change: "unwake", workspaceId: WS, runId: "run_0" },
  { change: "put-settings", workspaceId: WS, settings: workspaceSettingsSchema.parse({ escalationMinutes: 5 }), expected: null },
  { change: "move-block", workspaceId: WS, id: TASK, parentId: "tsk_b" },
  { change: "release-block", workspaceId: WS, id: "tsk_r", runId: "run_0" },
  escalate("ntf_2"),
  reserve("run_a", 20, 100_000),
  { change: "record-usage", usage: aSpend("use_2"), scopes: [MONTH] },
  { change: "insert-review", review: aReview("rev_a"), items: [anItem("one")] },
  { change: "set-review-status", workspaceId: WS, id: "rev_a", from: ["ready"], status: "exceeded" },
  { change: "answer-review-item", workspaceId: WS, reviewId: "rev_a", id: "one", status: "answered", reply: "Yes" },
  { change: "put-activation", activation: anActivation() },
  { change: "delete-activations", workspaceId: WS, runId: "run_0" },
];

const before: readonly Change[] = [
  { change: "insert-pipeline", workspaceId: WS, pipeline: aPipeline({ id: "pip_0" }), max: 9 },
  { change: "patch-block", workspaceId: WS, id: TASK, patch: { pipelineId: "pip_0" } },
  { change: "insert-block", block: aBlock({ id: "tsk_q", runId: "run_0", status: "blocked", createdAt: 3 }) },
  { change: "insert-block", block: aBlock({ id: "tsk_r", runId: "run_0", status: "blocked", createdAt: 3 }) },
  raise(aNotification("ntf_1")),
  { change: "put-output", workspaceId: WS, runId: "run_a", key: "two", text: "old" },
  { change: "insert-run", record: aRecord("run_0", { status: "done", createdAt: 1 }) },
  { change: "wake", workspaceId: WS, runId: "run_0", at: 3 },
  { change: "insert-review", review: aReview("rev_0", { status: "incorporating" }), items: [anItem("one", { reviewId: "rev_0" })] },
  { change: "put-activation", activation: anActivation({ runId: "run_0" }) },
  reserve("run_0", 7),
];

interface Refusal {
  readonly why: string;
  readonly code: ErrorCode;
  readonly change: Change;
}

const refused: readonly Refusal[] = [
  {
    why: "a stale revision",
    code: "stale_revision",
    change: { change: "update-run", record: aRecord("run_0", { revision: 9 }), expected: 8 },
  },
  { why: "a second live run", code: "run_in_progress", change: { change: "insert-run", record: aRecord("run_c") } },
  {
    why: "a taken position in the log",
    code: "stale_revision",
    change: { change: "append-run-events", workspaceId: WS, runId: "run_a", firstSequence: 2, events: [aRunEvent(3)] },
  },
  { why: "a missing block", code: "not_found", change: { change: "patch-block", workspaceId: WS, id: "tsk_x", patch: { progress: 1 } } },
  { why: "a missing run", code: "not_found", change: { change: "wake", workspaceId: WS, runId: "run_x", at: 1 } },
  { why: "a taken id", code: "conflict", change: { change: "insert-block", block: aBlock() } },
  {
    why: "a task limit",
    code: "task_limit",
    change: { change: "insert-run", record: aRecord("run_c", { blockId: "tsk_c" }), limit: { serviceId: SERVICE, taskType: null, max: 0 } },
  },
  {
    why: "a block that another run has by now",
    code: "stale_revision",
    change: { change: "release-block", workspaceId: WS, id: "tsk_q", runId: "run_9" },
  },
  {
    why: "an older revision of a pipeline",
    code: "stale_revision",
    change: { change: "update-pipeline", workspaceId: WS, pipeline: aPipeline({ id: "pip_0" }), expected: 7 },
  },
  {
    why: "a pipeline that a task names",
    code: "in_use",
    change: { change: "delete-pipeline", workspaceId: WS, id: "pip_0", expected: null, replaceBy: null },
  },
  { why: "a budget", code: "budget_exhausted", change: reserve("run_0", 8, 7) },
  {
    why: "a review that is not as expected",
    code: "stale_revision",
    change: { change: "set-review-status", workspaceId: WS, id: "rev_0", from: ["ready"], status: "exceeded" },
  },
  {
    why: "a frozen review",
    code: "review_frozen",
    change: { change: "answer-review-item", workspaceId: WS, reviewId: "rev_0", id: "one", status: "resolved", reply: null },
  },
];

export const atomicityCases: readonly StoreCase[] = [
  {
    name: "one change of every kind lands in one commit",
    async run({ store, wakeups }) {
      await seedRun(store);
      await store.commit(before);
      await store.commit(all);
      expect(await everything(store)).toMatchObject({
        workspaces: [{ id: WS, revision: 2, settings: { escalationMinutes: 5 } }],
        tasks: [{ id: "tsk_q", runId: "run_0" }, { id: "tsk_r", runId: null, status: "planned" }, { id: "tsk_b" }],
        pipelines: [
          { id: "pip_0", revision: 1 },
          { id: "pip_a", name: "Other", revision: 2 },
        ],
        presets: [{ id: "pre_a", maxRisk: 0.1 }],
        labels: [{ pipelineId: "pip_a", labels: ["ours"], revision: 1 }],
        models: [{ kind: "coder", model: "acme:one" }],
        live: { id: "run_a", status: "waiting", revision: 2 },
        notifications: [{ id: "ntf_2", severity: "urgent" }],
        reviews: [{ status: "exceeded" }, { status: "incorporating" }],
        items: [[{ status: "answered" }], [{ status: "open" }]],
        spend: { settledMicros: 1500, reservedMicros: 27 },
        activations: [{ sealed: "sealed text" }, null],
      });
      // The order of the events that the changes of one commit append is the database's.
      expect((await store.events.read(WS, LOG_START, 99)).map(({ entry }) => entry.event.type).toSorted()).toEqual([
        "notification-escalated",
        "notification-raised",
        "notification-raised",
        "notification-resolved",
        "step-entered",
        "step-entered",
        "workspace-created",
      ]);
      expect(await store.blocks.children(WS, "tsk_b", { limit: 9 })).toMatchObject([{ id: TASK, progress: 0.5 }]);
      expect(await wakeups.claim({ owner: "a", now: 100, leaseMs: 10, limit: 9 })).toMatchObject([{ runId: "run_a" }]);
    },
  },
  ...refused.map(refusedCase),
  {
    name: "an empty commit is nothing",
    async run({ store }) {
      await seedRun(store);
      const was = await everything(store);
      await store.commit([]);
      expect(await everything(store)).toEqual(was);
    },
  },
  {
    name: "the order of a commit's rows does not matter to what they point at",
    async run({ store, wakeups }) {
      const ofTheRun = all.filter(({ change }) => change === "wake" || change === "put-output");
      await store.commit([
        ...ofTheRun,
        { change: "insert-run", record: aRecord("run_a") },
        { change: "insert-block", block: aBlock() },
        { change: "insert-block", block: aBlock({ id: "svc_a", level: "service", parentId: null }) },
        { change: "insert-workspace", workspace: aWorkspace(WS) },
      ]);
      expect(await wakeups.nextDueAt()).toBe(7);
      expect(await store.outputs.get(WS, "one")).toBe("new");
    },
  },
];

function refusedCase({ why, code, change }: Refusal): StoreCase {
  return {
    name: `a commit refused for ${why} writes nothing, wherever the refusal stands`,
    async run({ store, wakeups }) {
      await seedRun(store);
      await store.commit(before);
      const was = await everything(store);
      // The commit itself takes the position, so that refusal can only come at its end.
      const places = change.change === "append-run-events" ? [all.length] : [0, 7, all.length];
      for (const place of places) {
        await expectRefusal(store.commit([...all.slice(0, place), change, ...all.slice(place)]), code);
        expect(await everything(store)).toEqual(was);
        expect(await wakeups.nextDueAt()).toBe(3);
      }
      expect(await wakeups.claim({ owner: "a", now: 100, leaseMs: 10, limit: 9 })).toMatchObject([{ runId: "run_0" }]);
    },
  };
}
