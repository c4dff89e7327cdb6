import type { BlockChanges, BlockReads } from "@millrace/kernel";
import { blockChanged, blockInUse, blueprintKeyTaken, boardFull, notFound, placeTaken, runInProgress } from "@millrace/kernel";
import type { Block } from "@millrace/contracts";
import type { Draft, MemoryHandlers } from "../draft.js";
import { copyOrNull, oldestFirst, paged } from "../paging.js";
import { blockLists, blocksOf } from "./block-lists.js";
import { needsBlock, needsWorkspace, refuseRemoved, taken } from "../row-checks.js";
import { keyOf, type MemoryTables } from "../tables.js";
import { isLive } from "./runs.js";

export const blockChanges: MemoryHandlers<BlockChanges> = {
  "insert-block"(draft, { block, max, isPlaceFree = false }) {
    const { blocks, blockNumbers } = draft.tables;
    const key = keyOf(block.workspaceId, block.id);
    if (blocks.has(key)) throw taken("block", block.id);
    needsWorkspace(draft, block.workspaceId);
    if (block.parentId !== null) refuseRemoved(draft.tables, block.workspaceId, block.parentId);
    if (block.parentId !== null) needsBlock(draft, block.workspaceId, block.parentId);
    if (isPlaceFree && blocksOf(draft.tables, block.workspaceId).some((other) => isAtSamePlace(other, block))) throw placeTaken(block);
    if (max !== undefined && blocksOf(draft.tables, block.workspaceId).filter((other) => countsAs(other, block)).length >= max)
      throw boardFull(block, max);
    requireFreeKey(draft, block);
    let last = 0;
    for (const { sequence } of blockNumbers.values()) last = Math.max(last, sequence);
    draft.set(blocks, key, block);
    draft.set(blockNumbers, key, { sequence: last + 1, updatedAt: draft.now });
  },
  "patch-block"(draft, { workspaceId, id, patch }) {
    const { blocks } = draft.tables;
    const key = keyOf(workspaceId, id);
    const block = blocks.get(key);
    if (block === undefined) throw notFound("block", id);
    const set = Object.fromEntries(Object.entries(patch).filter(([, value]) => value !== undefined));
    requireFreeKey(draft, { ...block, ...set });
    draft.set(blocks, key, { ...block, ...set });
    if (Object.keys(set).length > 0) touch(draft, key);
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
    requireFreeKey(draft, { ...block, parentId });
    draft.set(blocks, key, { ...block, parentId });
    touch(draft, key);
  },
  "keep-block-idle"(draft, { workspaceId, id }) {
    const { blocks, liveRuns, runs } = draft.tables;
    const key = keyOf(workspaceId, id);
    if (!blocks.has(key)) throw notFound("block", id);
    const live = [...liveRuns.values()].flatMap((run) => runs.get(run) ?? []);
    if (live.some((run) => run.workspaceId === workspaceId && (run.blockId === id || run.serviceId === id))) throw runInProgress(id);
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
    touch(draft, key);
  },
};

function isAtSamePlace(one: Block, other: Block): boolean {
  return one.level === "module" && one.parentId === other.parentId && JSON.stringify(one.position) === JSON.stringify(other.position);
}

/** Open tasks count, and services and modules. */
function countsAs({ level, status, removedAt }: Block, block: Block): boolean {
  return level === block.level && removedAt === null && (level !== "task" || status !== "done");
}

function touch(draft: Draft, key: string): void {
  const { blockNumbers } = draft.tables;
  const numbered = blockNumbers.get(key);
  if (numbered !== undefined) draft.set(blockNumbers, key, { ...numbered, updatedAt: draft.now });
}

/** A module is found by its name in the map of its service: no two on the board have the same. */
function requireFreeKey({ tables }: Draft, block: Block): void {
  if (block.blueprintKey === null || block.removedAt !== null) return;
  const others = blocksOf(tables, block.workspaceId).filter(({ id, parentId }) => id !== block.id && parentId === block.parentId);
  if (others.some(({ blueprintKey, removedAt }) => removedAt === null && blueprintKey === block.blueprintKey))
    throw blueprintKeyTaken(block.id);
}

export function blockReads(tables: MemoryTables): BlockReads {
  const { blocks } = tables;
  return {
    get: async (workspaceId, id) => copyOrNull(blocks.get(keyOf(workspaceId, id))),
    async children(workspaceId, parentId, page) {
      return paged(blocksOf(tables, workspaceId), page, (block) => block.parentId === parentId && block.removedAt === null);
    },
    async moduleByTitle(workspaceId, parentId, title) {
      const modules = blocksOf(tables, workspaceId).filter(
        (block) => block.parentId === parentId && block.level === "module" && block.title === title && block.removedAt === null,
      );
      return copyOrNull(modules.toSorted(oldestFirst)[0]);
    },
    ...blockLists(tables),
  };
}
