import type { Block, MergePreset, StoredPreset } from "@millrace/contracts";
import type { RunChanges, RunContext, RunContextQuery, RunLimit, RunReads, RunRecord, RunSummary } from "@millrace/kernel";
import { blockMerged, runInProgress, taskLimitReached } from "@millrace/kernel";
import { copyOf } from "../copy.logic.js";
import type { Draft, MemoryHandlers } from "../draft.js";
import { checkLimit, compare, copyOrNull, MAX_PAGE, oldestFirst, paged } from "../paging.js";
import { needsBlock, refuseRemoved, stale, taken } from "../row-checks.js";
import { keyOf, type MemoryTables } from "../tables.js";
import { defaultPreset } from "./presets.js";

const MAX_DEPTH = 8;

export const runChanges: MemoryHandlers<RunChanges> = {
  "insert-run"(draft, { record, limit = null, isBehindMerge = false }) {
    const { blocks, runs, liveRuns } = draft.tables;
    const key = keyOf(record.workspaceId, record.id);
    const block = keyOf(record.workspaceId, record.blockId);
    if (isLive(record.status) && liveRuns.has(block)) throw runInProgress(record.blockId);
    if (isLive(record.status) && !isBehindMerge && blocks.get(block)?.merged != null) throw blockMerged(record.blockId);
    if (isLive(record.status)) refuseRemoved(draft.tables, record.workspaceId, record.blockId);
    if (runs.has(key)) throw taken("run", record.id);
    needsBlock(draft, record.workspaceId, record.blockId);
    checkTaskLimit(draft.tables, record, limit);
    if (isLive(record.status)) draft.set(liveRuns, block, key);
    draft.set(runs, key, record);
  },
  /** Keeps what the run was created with: its block and its age. */
  "update-run"(draft, { record, expected }) {
    const { runs } = draft.tables;
    const key = keyOf(record.workspaceId, record.id);
    const stored = runs.get(key);
    if (stored === undefined || stored.revision !== expected) {
      throw stale(`run '${record.id}' is not at revision ${expected} any more`, { id: record.id, expected });
    }
    const { status, revision, updatedAt, shapeVersion, document } = record;
    const updated = { ...stored, status, revision, updatedAt, shapeVersion, document };
    moveLive(draft, updated, key);
    draft.set(runs, key, updated);
  },
  "end-run"(draft, { workspaceId, id, expected, ended }) {
    const { runs } = draft.tables;
    const key = keyOf(workspaceId, id);
    const stored = runs.get(key);
    if (stored === undefined || stored.revision !== expected)
      throw stale(`run '${id}' is not at revision ${expected} any more`, { id, expected });
    const updated: RunRecord = { ...stored, status: "failed", revision: expected + 1, updatedAt: ended.at, ended };
    moveLive(draft, updated, key);
    draft.set(runs, key, updated);
  },
  "place-runs"(draft, { workspaceId, blockId, serviceId }) {
    const { runs } = draft.tables;
    for (const [key, run] of runs)
      if (run.workspaceId === workspaceId && run.blockId === blockId) draft.set(runs, key, { ...run, serviceId });
  },
};

export function runReads(tables: MemoryTables): RunReads {
  const { runs, liveRuns } = tables;
  return {
    get: async (workspaceId, id) => copyOrNull(runs.get(keyOf(workspaceId, id))),
    async summary(workspaceId, id) {
      const record = runs.get(keyOf(workspaceId, id));
      return record === undefined ? null : summary(record);
    },
    async liveCounts() {
      const counts = { running: 0, waiting: 0, paused: 0, stopping: 0 };
      for (const { status } of runs.values()) if (status in counts) counts[status as keyof typeof counts] += 1;
      return counts;
    },
    stuck: async (limit) =>
      [...runs.values()]
        .filter(({ status }) => status === "running" || status === "stopping")
        .filter(({ workspaceId, id }) => !tables.wakeups.has(keyOf(workspaceId, id)))
        .toSorted((a, b) => a.updatedAt - b.updatedAt || compare(a.id, b.id))
        .slice(0, checkLimit(limit, MAX_PAGE))
        .map(({ workspaceId, id, status, updatedAt }) => ({ workspaceId, runId: id, status, updatedAt })),
    revision: async (workspaceId, id) => runs.get(keyOf(workspaceId, id))?.revision ?? null,
    context: async (query) => contextOf(tables, query),
    async liveOfBlock(workspaceId, blockId) {
      const key = liveRuns.get(keyOf(workspaceId, blockId));
      const record = key === undefined ? undefined : runs.get(key);
      return record === undefined ? null : summary(record);
    },
    async list(workspaceId, filter, page) {
      const ofWorkspace = [...runs.values()].filter((run) => run.workspaceId === workspaceId);
      const matches = (run: RunRecord): boolean =>
        (filter.blockId === undefined || run.blockId === filter.blockId) &&
        (filter.pipelineId === undefined || run.pipeline.id === filter.pipelineId) &&
        (filter.live === undefined || isLive(run.status) === filter.live) &&
        (filter.paused === undefined || (run.status === "paused") === filter.paused);
      return paged(ofWorkspace.toSorted(oldestFirst).toReversed(), page, matches).map(summary);
    },
  };
}

function contextOf(tables: MemoryTables, { workspaceId, blockId, runId }: RunContextQuery): RunContext {
  const path: Block[] = [];
  for (let at = tables.blocks.get(keyOf(workspaceId, blockId)); at !== undefined && path.length < MAX_DEPTH;) {
    path.push(copyOf(at));
    at = at.level === "service" || at.parentId === null ? undefined : tables.blocks.get(keyOf(workspaceId, at.parentId));
  }
  const presetId = path[0]?.presetId ?? null;
  const own = presetId === null ? undefined : tables.presets.get(keyOf(workspaceId, presetId));
  return {
    revision: runId === null ? null : (tables.runs.get(keyOf(workspaceId, runId))?.revision ?? null),
    path,
    workspace: copyOrNull(tables.workspaces.get(workspaceId)),
    preset: policyOf(own ?? defaultPreset(tables, workspaceId)),
    models: Object.fromEntries(
      [...tables.modelDefaults.values()].filter((row) => row.workspaceId === workspaceId).map((row) => [row.own.kind, row.own.model]),
    ),
  };
}

/** The preset as the engine reads it. */
function policyOf(preset: StoredPreset | undefined): MergePreset | null {
  if (preset === undefined) return null;
  const { revision: _, createdAt: __, ...policy } = preset;
  return copyOf(policy);
}

function checkTaskLimit(tables: MemoryTables, record: RunRecord, limit: RunLimit | null): void {
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

function moveLive(draft: Draft, record: RunRecord, key: string): void {
  const { liveRuns } = draft.tables;
  const block = keyOf(record.workspaceId, record.blockId);
  const holder = liveRuns.get(block);
  if (isLive(record.status)) {
    if (holder !== undefined && holder !== key) throw runInProgress(record.blockId);
    draft.set(liveRuns, block, key);
  } else if (holder === key) {
    draft.delete(liveRuns, block);
  }
}

export function isLive(status: RunRecord["status"]): boolean {
  return status === "running" || status === "waiting" || status === "paused" || status === "stopping";
}

export function summary({ id, workspaceId, blockId, pipeline, status, revision, createdAt, updatedAt }: RunRecord): RunSummary {
  return { id, workspaceId, blockId, pipeline, status, revision, createdAt, updatedAt };
}
