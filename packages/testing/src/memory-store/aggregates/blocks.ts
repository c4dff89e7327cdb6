import type { BlockChanges, BlockReads } from "@millrace/kernel";
import { blockChanged, blockInUse, notFound, runInProgress } from "@millrace/kernel";
import type { MemoryHandlers } from "../draft.js";
import { copyOrNull, oldestFirst, paged } from "../paging.js";
import { needsBlock, needsWorkspace, refuseRemoved, taken } from "../row-checks.js";
import { keyOf, type MemoryTables } from "../tables.js";
import { isLive } from "./runs.js";

export const blockChanges: MemoryHandlers<BlockChanges> = {
  "insert-block"(draft, { block }) {
    const { blocks } = draft.tables;
    const key = keyOf(block.workspaceId, block.id);
    if (blocks.has(key)) throw taken("block", block.id);
    needsWorkspace(draft, block.workspaceId);
    if (block.parentId !== null) refuseRemoved(draft.tables, block.workspaceId, block.parentId);
    if (block.parentId !== null) needsBlock(draft, block.workspaceId, block.parentId);
    draft.set(blocks, key, block);
  },
  "patch-block"(draft, { workspaceId, id, patch }) {
    const { blocks } = draft.tables;
    const key = keyOf(workspaceId, id);
    const block = blocks.get(key);
    if (block === undefined) throw notFound("block", id);
    const set = Object.fromEntries(Object.entries(patch).filter(([, value]) => value !== undefined));
    draft.set(blocks, key, { ...block, ...set });
  },
  "revise-block"(draft, { workspaceId, id, of, expected }) {
    const { blocks } = draft.tables;
    const key = keyOf(workspaceId, id);
    const block = blocks.get(key);
    if (block === undefined) throw notFound("block", id);
    const counter = of === "block" ? "revision" : "positionRevision";
    if (expected !== null && block[counter] !== expected) throw blockChanged(id, expected);
    draft.set(blocks, key, { ...block, [counter]: block[counter] + 1 });
  },
  "move-block"(draft, { workspaceId, id, parentId }) {
    const { blocks } = draft.tables;
    const key = keyOf(workspaceId, id);
    const block = blocks.get(key);
    if (block === undefined) throw notFound("block", id);
    for (const each of [id, parentId]) refuseRemoved(draft.tables, workspaceId, each);
    needsBlock(draft, workspaceId, parentId);
    draft.set(blocks, key, { ...block, parentId });
  },
  "keep-block-idle"(draft, { workspaceId, id }) {
    const { blocks, liveRuns } = draft.tables;
    const key = keyOf(workspaceId, id);
    if (!blocks.has(key)) throw notFound("block", id);
    if (liveRuns.has(key)) throw runInProgress(id);
  },
  "release-block"(draft, { workspaceId, id, runId }) {
    const { blocks, runs } = draft.tables;
    const key = keyOf(workspaceId, id);
    const block = blocks.get(key);
    if (block?.runId === null && block.status === "planned") return;
    const run = runs.get(keyOf(workspaceId, runId));
    if (block === undefined || block.runId !== runId || block.merged !== null || (run !== undefined && isLive(run.status)))
      throw blockInUse(id, runId);
    draft.set(blocks, key, { ...block, status: "planned", progress: 0, runId: null });
  },
};

export function blockReads({ blocks }: MemoryTables): BlockReads {
  return {
    get: async (workspaceId, id) => copyOrNull(blocks.get(keyOf(workspaceId, id))),
    async children(workspaceId, parentId, page) {
      const ofWorkspace = [...blocks.values()].filter((block) => block.workspaceId === workspaceId).toSorted(oldestFirst);
      return paged(ofWorkspace, page, (block) => block.parentId === parentId && block.removedAt === null);
    },
    async moduleByTitle(workspaceId, parentId, title) {
      const modules = [...blocks.values()].filter(
        (block) => block.workspaceId === workspaceId && block.parentId === parentId && block.level === "module" && block.title === title,
      );
      return copyOrNull(modules.toSorted(oldestFirst)[0]);
    },
  };
}
