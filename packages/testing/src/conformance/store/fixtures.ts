import type {
  Block,
  BoardEvent,
  Fragment,
  MergePreset,
  Notification,
  Pipeline,
  Review,
  ReviewItem,
  Run,
  RunEvent,
  Workspace,
} from "@millrace/contracts";
import { EVENT_SHAPE_VERSION, RUN_SHAPE_VERSION, workspaceSchema } from "@millrace/contracts";
import type { Activation, Change, RunRecord, Store, UsageRow } from "@millrace/kernel";
import { LOG_START } from "@millrace/kernel";
import { emptyBlock } from "@millrace/orchestration";
import type { ErrorCode } from "@millrace/contracts";
import { expect } from "vitest";

/** The workspace, its one service and its one task, by id. */
export const WS = "ws_a";
export const SERVICE = "svc_a";
export const TASK = "tsk_a";
export const SHA = "a".repeat(40);
export const OTHER_SHA = "b".repeat(40);

export function aWorkspace(id: string, over: Partial<Workspace> = {}): Workspace {
  return { ...workspaceSchema.parse({ id, name: "Board", createdAt: 1 }), ...over };
}

export function aBlock(over: Partial<Block> = {}): Block {
  return emptyBlock({
    id: TASK,
    workspaceId: WS,
    level: "task",
    parentId: SERVICE,
    title: "Add a health endpoint",
    createdAt: 2,
    ...over,
  });
}

/** A service, with everything only services have. */
export function aService(over: Partial<Block> = {}): Block {
  const repository = { forge: "local-git", id: "repo", base: "main" };
  return aBlock({ id: SERVICE, level: "service", parentId: null, title: "Service", repository, createdAt: 1, ...over });
}

export function aPipeline(over: Partial<Pipeline> = {}): Pipeline {
  const step = { kind: "coder", approval: null, bar: null, instructions: null, gating: null, consensus: null, enabled: true };
  return { id: "pip_a", name: "Deliver", steps: [step], ...over };
}

export function aFragment(id: string, over: Partial<Fragment> = {}): Omit<Fragment, "version"> {
  const { version: _, ...fragment } = {
    version: 1,
    id,
    title: id,
    category: null,
    summary: "short",
    body: "Write tests.",
    tags: [],
    appliesTo: { blockTypes: [], agentKinds: [] },
    ...over,
  };
  return fragment;
}

export function aPreset(over: Partial<MergePreset> = {}): MergePreset {
  const ceilings = { who: "automatic", maxComplexity: 0.5, maxRisk: 0.5, maxImpact: 0.5, ciMaxAttempts: 3 } as const;
  const reviews = { maxReworks: 2, maxReviewIterations: 4, toleratedConcern: "low" } as const;
  const release = { releaseWatchMinutes: 20, releaseMaxAttempts: 2 };
  return { id: "pre_a", workspaceId: WS, name: "Careful", ...ceilings, ...reviews, ...release, ...over };
}

export function aRun(id: string, revision = 1, workspaceId = WS, blockId = TASK): Run {
  return {
    id,
    workspaceId,
    blockId,
    pipeline: { id: "pip_a", name: "Deliver", digest: "d1" },
    flags: [1],
    initiatedBy: { type: "human", id: "ann" },
    supersedes: null,
    repository: null,
    pullRequest: null,
    merged: null,
    estimate: null,
    startedAt: 10,
    finishedAt: null,
    steps: [
      {
        definition: { kind: "coder", approval: null, bar: null, instructions: null, gating: null, consensus: null },
        attempt: 1,
        effects: 0,
        waits: 0,
        state: { kind: "job-agent", nested: { kept: ["as", "it", "is"] } },
        activity: { is: "pending" },
        timing: { startedAt: null, finishedAt: null, waitedMs: 0 },
        output: null,
        model: null,
        revision: null,
        approved: null,
        decisions: [],
      },
    ],
    cursor: 0,
    phase: { is: "live" },
    revision,
  };
}

export function aRecord(id: string, over: Partial<RunRecord> = {}): RunRecord {
  const { revision = 1, workspaceId = WS, blockId = TASK } = over;
  const document = aRun(id, revision, workspaceId, blockId);
  const times = { createdAt: 10, updatedAt: 10 };
  const placement = { serviceId: null, taskType: null };
  return {
    id,
    workspaceId,
    blockId,
    pipeline: { id: document.pipeline.id, digest: document.pipeline.digest },
    status: "running",
    revision,
    shapeVersion: RUN_SHAPE_VERSION,
    document,
    ...placement,
    ...times,
    ...over,
  };
}

export function aRunEvent(step: number): RunEvent {
  return { version: EVENT_SHAPE_VERSION, at: 10 + step, actor: { type: "system", id: "driver" }, event: { type: "step-entered", step } };
}

export function aBoardEvent(name: string): BoardEvent {
  return { version: EVENT_SHAPE_VERSION, at: 5, actor: { type: "human", id: "ann" }, event: { type: "workspace-created", name } };
}

export function aNotification(id: string, over: Partial<Notification> = {}): Notification {
  return {
    id,
    workspaceId: WS,
    blockId: TASK,
    runId: "run_a",
    type: "approval_required",
    status: "open",
    severity: "normal",
    title: "Please look",
    body: "",
    createdAt: 20,
    urgentAt: 60,
    resolvedAt: null,
    ...over,
  };
}

/** Raises the notification, announced by an event with its title. */
export function raise(notification: Notification): Change {
  const { id: notificationId, type: notificationType, blockId, runId, severity, title } = notification;
  const event = { type: "notification-raised", notificationId, notificationType, blockId, runId, severity, title } as const;
  return { change: "raise-notification", notification, event: announcement(event) };
}

/** Resolves the notification, announced by an event with the outcome. */
export function resolve(notificationId: string, as: "acted" | "dismissed" = "acted", at = 90, workspaceId = WS): Change {
  const event = { type: "notification-resolved", notificationId, ...subject, as } as const;
  return { change: "resolve-notification", workspaceId, id: notificationId, as, at, event: announcement(event) };
}

/** Makes the notification urgent, announced by an event. */
export function escalate(notificationId: string, workspaceId = WS): Change {
  const event = { type: "notification-escalated", notificationId, ...subject } as const;
  return { change: "escalate-notification", workspaceId, id: notificationId, event: announcement(event) };
}

const subject = { notificationType: "approval_required", blockId: TASK, runId: "run_a" } as const;

function announcement(event: BoardEvent["event"]): BoardEvent {
  return { version: EVENT_SHAPE_VERSION, at: 7, actor: { type: "system", id: "millrace" }, event };
}

export function aSpend(key: string, over: Partial<UsageRow> = {}): UsageRow {
  const tokens = { inputTokens: 100, outputTokens: 20, cacheReadTokens: 3000, cacheWriteTokens: 40 };
  return { key, workspaceId: WS, runId: "run_a", kind: "coder", model: "scripted:one", at: 30, tokens, costMicros: 1500, ...over };
}

export const MONTH = "month/2026-11";

/** The change that reserves an amount for a run under one cap. */
export function reserve(runId: string, micros: number, maxMicros: number | null = null, scope = MONTH): Change {
  return { change: "reserve-spend", workspaceId: WS, runId, micros, caps: [{ scope, maxMicros }] };
}

export function aReview(id: string, over: Partial<Review> = {}): Review {
  return {
    id,
    workspaceId: WS,
    blockId: TASK,
    runId: "run_a",
    kind: "requirements-review",
    iteration: 1,
    status: "ready",
    document: null,
    description: "d".repeat(64),
    model: null,
    createdAt: 30,
    ...over,
  };
}

export function anItem(id: string, over: Partial<ReviewItem> = {}): ReviewItem {
  const finding = {
    category: "gap",
    severity: "medium",
    title: "What about errors?",
    detail: "Nothing says what an error looks like.",
  } as const;
  return { id, workspaceId: WS, reviewId: "rev_a", position: 0, status: "open", reply: null, ...finding, ...over };
}

export function anActivation(over: Partial<Activation> = {}): Activation {
  return { workspaceId: WS, runId: "run_a", vendor: "acme", sealed: "sealed text", expiresAt: 1000, ...over };
}

export const pullRequest = { id: "pr_1", number: 1, url: "local:1", branch: "millrace/x", base: "main" };
export const merged = { pullRequest, commit: SHA, head: OTHER_SHA, base: SHA, at: 40, runId: "run_a" };

/** A workspace with a service and a task in it. */
export function boardOf(workspaceId: string): readonly Change[] {
  return [
    { change: "insert-workspace", workspace: aWorkspace(workspaceId) },
    { change: "insert-block", block: aService({ workspaceId }) },
    { change: "insert-block", block: aBlock({ workspaceId }) },
  ];
}

/** The board, and a live run of its task. */
export async function seedRun(store: Store, id = "run_a"): Promise<void> {
  await store.commit([...boardOf(WS), { change: "insert-run", record: aRecord(id) }]);
}

/** Everything the reads tell about the workspace: what a refused commit must leave as it was. */
export async function everything(store: Store, workspaceId = WS): Promise<unknown> {
  const page = { limit: 200 };
  const runs = await store.runs.list(workspaceId, {}, page);
  const perRun = runs.map(async ({ id }) => ({
    record: await store.runs.get(workspaceId, id),
    events: await store.events.ofRun(workspaceId, id, 0, 1000),
    notifications: await store.notifications.ofRun(workspaceId, id),
    usage: await store.usage.ofRun(workspaceId, id),
  }));
  return {
    workspaces: await store.workspaces.list(page),
    services: await store.blocks.children(workspaceId, null, page),
    tasks: await store.blocks.children(workspaceId, SERVICE, page),
    pipelines: await store.pipelines.list(workspaceId, page),
    presets: await store.presets.list(workspaceId),
    labels: await store.pipelineLabels.list(workspaceId),
    models: await store.modelDefaults.list(workspaceId),
    live: await store.runs.liveOfBlock(workspaceId, TASK),
    runs: await Promise.all(perRun),
    outputs: await store.outputs.getMany(workspaceId, ["one", "two"]),
    notifications: await store.notifications.open(workspaceId, page),
    log: await store.events.read(workspaceId, LOG_START, 1000),
    reviews: await Promise.all(["rev_a", "rev_0"].map((id) => store.reviews.get(workspaceId, id))),
    items: await Promise.all(["rev_a", "rev_0"].map((id) => store.reviews.items(workspaceId, id))),
    spend: await store.spend.total(workspaceId, MONTH),
    activations: await Promise.all(["run_a", "run_0"].map((id) => store.activations.get(workspaceId, id, "acme"))),
  };
}

export async function expectRefusal(attempt: Promise<unknown>, code: ErrorCode): Promise<void> {
  await expect(attempt).rejects.toMatchObject({ name: "MillraceError", code });
}
