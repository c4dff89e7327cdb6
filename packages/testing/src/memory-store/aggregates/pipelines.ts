import type { Block } from "@millrace/contracts";
import type { NamingTask, PipelineChanges, PipelineReads } from "@millrace/kernel";
import { alreadyExists, inUse, limitReached, notFound, rowChanged } from "@millrace/kernel";
import { copyOf } from "../copy.logic.js";
import type { Draft, MemoryHandlers } from "../draft.js";
import { MAX_PAGE, byId, checkLimit, copyOrNull } from "../paging.js";
import { needsWorkspace } from "../row-checks.js";
import { keyOf, type MemoryTables } from "../tables.js";

export const pipelineChanges: MemoryHandlers<PipelineChanges> = {
  "insert-pipeline"(draft, { workspaceId, pipeline, max }) {
    const { pipelines } = draft.tables;
    const key = keyOf(workspaceId, pipeline.id);
    if (pipelines.has(key)) throw alreadyExists("pipeline", pipeline.id);
    needsWorkspace(draft, workspaceId);
    draft.set(pipelines, key, { workspaceId, pipeline: { ...pipeline, revision: 1 } });
    if ([...pipelines.values()].filter((row) => row.workspaceId === workspaceId).length > max) throw limitReached("pipelines", max);
  },
  "update-pipeline"(draft, { workspaceId, pipeline, expected }) {
    const { pipelines } = draft.tables;
    const key = keyOf(workspaceId, pipeline.id);
    const row = pipelines.get(key);
    if (row === undefined) throw notFound("pipeline", pipeline.id);
    checkRevision("pipeline", row.pipeline, expected);
    draft.set(pipelines, key, { workspaceId, pipeline: { ...pipeline, revision: row.pipeline.revision + 1 } });
  },
  "delete-pipeline"(draft, { workspaceId, id, expected, replaceBy }) {
    const { pipelines, pipelineLabels } = draft.tables;
    const row = pipelines.get(keyOf(workspaceId, id));
    if (row !== undefined) checkRevision("pipeline", row.pipeline, expected);
    for (const block of naming(draft.tables, workspaceId, "pipelineId", id)) {
      if (replaceBy === null) throw inUse("pipeline", id);
      replaceIn(draft, block, { pipelineId: replaceBy });
    }
    draft.delete(pipelines, keyOf(workspaceId, id));
    draft.delete(pipelineLabels, keyOf(workspaceId, id));
  },
};

export function pipelineReads(tables: MemoryTables): PipelineReads {
  const { pipelines } = tables;
  return {
    get: async (workspaceId, id) => copyOrNull(pipelines.get(keyOf(workspaceId, id))?.pipeline),
    async list(workspaceId, page) {
      const own = [...pipelines.values()].filter((row) => row.workspaceId === workspaceId).map((row) => row.pipeline);
      const rest = own.toSorted(byId).filter((pipeline) => pipeline.id > (page.after ?? ""));
      return copyOf(rest.slice(0, checkLimit(page.limit, MAX_PAGE)));
    },
    uses: async (workspaceId) => countNaming(tables, workspaceId, "pipelineId"),
    usedBy: async (workspaceId, id, limit) => tasksNaming(tables, workspaceId, "pipelineId", id, limit),
  };
}

/** Refuses a change that was decided on another revision; null: on any. */
export function checkRevision(entity: string, row: { readonly id: string; readonly revision: number }, expected: number | null): void {
  if (expected !== null && row.revision !== expected) throw rowChanged(entity, row.id, expected);
}

type Choice = "pipelineId" | "presetId";

/** Blocks on the board that name it, by id. */
export function naming({ blocks }: MemoryTables, workspaceId: string, choice: Choice, id: string): readonly Block[] {
  return [...blocks.values()]
    .filter((block) => block.workspaceId === workspaceId && block[choice] === id && block.removedAt === null)
    .toSorted(byId);
}

export function replaceIn(draft: Draft, block: Block, change: Partial<Pick<Block, Choice>>): void {
  draft.set(draft.tables.blocks, keyOf(block.workspaceId, block.id), { ...block, ...change, revision: block.revision + 1 });
}

export function countNaming({ blocks }: MemoryTables, workspaceId: string, choice: Choice): ReadonlyMap<string, number> {
  const counts = new Map<string, number>();
  for (const block of blocks.values()) {
    const named = block[choice];
    if (block.workspaceId === workspaceId && named !== null && block.removedAt === null) counts.set(named, (counts.get(named) ?? 0) + 1);
  }
  return counts;
}

export function tasksNaming(tables: MemoryTables, workspaceId: string, choice: Choice, id: string, limit: number): readonly NamingTask[] {
  const found = naming(tables, workspaceId, choice, id).slice(0, checkLimit(limit, MAX_PAGE));
  return found.map((block) => ({ id: block.id, title: block.title }));
}
