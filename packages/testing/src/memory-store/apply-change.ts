import type { Block, BoardEvent, Notification, RunEvent } from "@millrace/contracts";
import type { BlockPatch, Change, RunLimit, RunRecord } from "@millrace/kernel";
import { blockInUse, blockMerged, MillraceError, notFound, taskLimitReached } from "@millrace/kernel";
import { answerReviewItem, insertReview, setReviewStatus } from "./apply-review.js";
import { recordUsage, reserveSpend } from "./apply-spend.js";
import type { Draft } from "./draft.js";
import { needsBlock, needsRun, needsWorkspace, taken } from "./row-checks.js";
import { keyOf } from "./tables.js";

/** Applies one change to the draft. @throws MillraceError of the guard that failed; the caller undoes the draft. */
export function applyChange(draft: Draft, change: Change): void {
  const { tables } = draft;
  switch (change.change) {
    case "insert-workspace":
      if (tables.workspaces.has(change.workspace.id)) throw taken("workspace", change.workspace.id);
      return draft.set(tables.workspaces, change.workspace.id, change.workspace);
    case "put-settings": {
      const workspace = tables.workspaces.get(change.workspaceId);
      if (workspace === undefined) throw notFound("workspace", change.workspaceId);
      return draft.set(tables.workspaces, workspace.id, { ...workspace, settings: change.settings });
    }
    case "move-block": {
      const block = tables.blocks.get(keyOf(change.workspaceId, change.id));
      if (block === undefined) throw notFound("block", change.id);
      needsBlock(draft, change.workspaceId, change.parentId);
      return draft.set(tables.blocks, keyOf(change.workspaceId, change.id), { ...block, parentId: change.parentId });
    }
    case "insert-block":
      return insertBlock(draft, change.block);
    case "patch-block":
      return patchBlock(draft, change.workspaceId, change.id, change.patch);
    case "release-block":
      return releaseBlock(draft, change.workspaceId, change.id, change.runId);
    case "put-pipeline": {
      const { workspaceId, pipeline } = change;
      needsWorkspace(draft, workspaceId);
      return draft.set(tables.pipelines, keyOf(workspaceId, pipeline.id), { workspaceId, pipeline });
    }
    case "put-preset":
      needsWorkspace(draft, change.preset.workspaceId);
      return draft.set(tables.presets, keyOf(change.preset.workspaceId, change.preset.id), change.preset);
    case "insert-run":
      return insertRun(draft, change.record, change.limit ?? null);
    case "update-run":
      return updateRun(draft, change.record, change.expected);
    case "append-run-events":
      return change.events.forEach((event, index) =>
        appendEvent(draft, change.workspaceId, change.runId, change.firstSequence + index, event),
      );
    case "append-board-event":
      return appendEvent(draft, change.workspaceId, null, null, change.event);
    case "put-output":
      needsRun(draft, change.workspaceId, change.runId);
      return draft.set(tables.outputs, keyOf(change.workspaceId, change.key), change.text);
    case "raise-notification":
      return raise(draft, change.notification, change.event);
    case "resolve-notification":
      return resolve(draft, change);
    case "escalate-notification":
      return escalate(draft, change);
    case "record-usage":
      return recordUsage(draft, change.usage, change.scopes ?? []);
    case "reserve-spend":
      return reserveSpend(draft, change);
    case "insert-review":
      return insertReview(draft, change.review, change.items);
    case "set-review-status":
      return setReviewStatus(draft, change);
    case "answer-review-item":
      return answerReviewItem(draft, change);
    case "put-activation": {
      const { activation } = change;
      needsRun(draft, activation.workspaceId, activation.runId);
      return draft.set(tables.activations, keyOf(activation.workspaceId, activation.runId, activation.vendor), activation);
    }
    case "delete-activations":
      for (const [key, row] of tables.activations)
        if (row.workspaceId === change.workspaceId && row.runId === change.runId) draft.delete(tables.activations, key);
      return;
    case "wake":
      return wake(draft, change.workspaceId, change.runId, change.at);
    case "unwake":
      return draft.delete(tables.wakeups, keyOf(change.workspaceId, change.runId));
  }
}

function insertBlock(draft: Draft, block: Block): void {
  const key = keyOf(block.workspaceId, block.id);
  if (draft.tables.blocks.has(key)) throw taken("block", block.id);
  needsWorkspace(draft, block.workspaceId);
  if (block.parentId !== null) needsBlock(draft, block.workspaceId, block.parentId);
  draft.set(draft.tables.blocks, key, block);
}

function patchBlock(draft: Draft, workspaceId: string, id: string, patch: BlockPatch): void {
  const key = keyOf(workspaceId, id);
  const block = draft.tables.blocks.get(key);
  if (block === undefined) throw notFound("block", id);
  const set = Object.fromEntries(Object.entries(patch).filter(([, value]) => value !== undefined));
  draft.set(draft.tables.blocks, key, { ...block, ...set });
}

function releaseBlock(draft: Draft, workspaceId: string, id: string, runId: string): void {
  const { blocks, runs } = draft.tables;
  const key = keyOf(workspaceId, id);
  const block = blocks.get(key);
  if (block?.runId === null && block.status === "planned") return;
  const run = runs.get(keyOf(workspaceId, runId));
  if (block === undefined || block.runId !== runId || block.merged !== null || (run !== undefined && isLive(run.status)))
    throw blockInUse(id, runId);
  draft.set(blocks, key, { ...block, status: "planned", progress: 0, runId: null });
}

function insertRun(draft: Draft, record: RunRecord, limit: RunLimit | null): void {
  const { runs, liveRuns } = draft.tables;
  const key = keyOf(record.workspaceId, record.id);
  const block = keyOf(record.workspaceId, record.blockId);
  if (isLive(record.status) && liveRuns.has(block)) throw inProgress(record.blockId);
  if (isLive(record.status) && draft.tables.blocks.get(block)?.merged != null) throw blockMerged(record.blockId);
  if (runs.has(key)) throw taken("run", record.id);
  needsBlock(draft, record.workspaceId, record.blockId);
  checkLimit(draft, record, limit);
  if (isLive(record.status)) draft.set(liveRuns, block, key);
  draft.set(runs, key, record);
}

function checkLimit({ tables }: Draft, record: RunRecord, limit: RunLimit | null): void {
  if (limit === null) return;
  const counted = [...tables.liveRuns.values()].filter((key) => {
    const run = tables.runs.get(key);
    return (
      run?.workspaceId === record.workspaceId &&
      run.serviceId === limit.serviceId &&
      (limit.taskType === null || run.taskType === limit.taskType)
    );
  });
  if (counted.length >= limit.max) throw taskLimitReached(limit);
}

/** What a run was created with stays: its block and its age. */
function updateRun(draft: Draft, record: RunRecord, expected: number): void {
  const key = keyOf(record.workspaceId, record.id);
  const stored = draft.tables.runs.get(key);
  if (stored === undefined || stored.revision !== expected) {
    throw stale(`run '${record.id}' is not at revision ${expected} any more`, { id: record.id, expected });
  }
  const { status, revision, updatedAt, shapeVersion, document } = record;
  const updated = { ...stored, status, revision, updatedAt, shapeVersion, document };
  moveLive(draft, updated, key);
  draft.set(draft.tables.runs, key, updated);
}

function moveLive(draft: Draft, record: RunRecord, key: string): void {
  const { liveRuns } = draft.tables;
  const block = keyOf(record.workspaceId, record.blockId);
  const holder = liveRuns.get(block);
  if (isLive(record.status)) {
    if (holder !== undefined && holder !== key) throw inProgress(record.blockId);
    draft.set(liveRuns, block, key);
  } else if (holder === key) {
    draft.delete(liveRuns, block);
  }
}

function appendEvent(draft: Draft, workspaceId: string, runId: string | null, sequence: number | null, entry: RunEvent | BoardEvent): void {
  const { events, sequences } = draft.tables;
  const position = events.size + 1;
  if (runId !== null && sequence !== null) {
    const place = keyOf(workspaceId, runId, sequence);
    if (sequences.has(place)) throw stale(`run '${runId}' has an event at position ${sequence} already`, { id: runId, sequence });
    needsRun(draft, workspaceId, runId);
    draft.set(sequences, place, position);
  }
  needsWorkspace(draft, workspaceId);
  draft.set(events, position, { cursor: String(position), workspaceId, runId, sequence, entry });
}

function raise(draft: Draft, notification: Notification, event: BoardEvent): void {
  const key = keyOf(notification.workspaceId, notification.id);
  needsRun(draft, notification.workspaceId, notification.runId);
  if (draft.tables.notifications.get(key)?.status !== "open") setNotification(draft, notification, event);
}

function resolve(draft: Draft, { workspaceId, id, as: status, at: resolvedAt, event }: Change<"resolve-notification">): void {
  const notification = draft.tables.notifications.get(keyOf(workspaceId, id));
  if (notification?.status === "open") setNotification(draft, { ...notification, status, resolvedAt }, event);
}

function escalate(draft: Draft, { workspaceId, id, event }: Change<"escalate-notification">): void {
  const notification = draft.tables.notifications.get(keyOf(workspaceId, id));
  if (notification?.status === "open" && notification.severity === "normal")
    setNotification(draft, { ...notification, severity: "urgent" }, event);
}

/** The row, and the event that announces what changed of it. */
function setNotification(draft: Draft, notification: Notification, event: BoardEvent): void {
  draft.set(draft.tables.notifications, keyOf(notification.workspaceId, notification.id), notification);
  appendEvent(draft, notification.workspaceId, null, null, event);
}

function wake(draft: Draft, workspaceId: string, runId: string, at: number): void {
  const key = keyOf(workspaceId, runId);
  const free = { workspaceId, runId, owner: null, leaseUntil: 0 };
  needsRun(draft, workspaceId, runId);
  draft.set(draft.tables.wakeups, key, { ...(draft.tables.wakeups.get(key) ?? free), at });
}

export function isLive(status: RunRecord["status"]): boolean {
  return status === "running" || status === "waiting" || status === "paused" || status === "stopping";
}

function inProgress(blockId: string): MillraceError {
  return new MillraceError("run_in_progress", `block '${blockId}' has a live run already`, {
    fix: "Wait until it ends, or stop it first.",
    details: { blockId },
  });
}

function stale(message: string, details: Readonly<Record<string, string | number>>): MillraceError {
  return new MillraceError("stale_revision", message, { fix: "Load it again and decide again.", details });
}
