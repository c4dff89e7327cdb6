import type { Block } from "@millrace/contracts";
import type { RemovalChanges, RemovalReads } from "@millrace/kernel";
import { blockHoldsBlocks, notFound } from "@millrace/kernel";
import { copyOf } from "../copy.logic.js";
import type { MemoryHandlers } from "../draft.js";
import { checkLimit, compare, copyOrNull, MAX_PAGE, oldestFirst } from "../paging.js";
import { keyOf, type MemoryTables } from "../tables.js";

/** Tables whose rows name a block as theirs. */
type TableOfBlocks = {
  [Table in keyof MemoryTables]: MemoryTables[Table] extends Map<string, infer Row> ? ("blockId" extends keyof Row ? Table : never) : never;
}[keyof MemoryTables];

/** As in the SQL store: what becomes of the rows of a block. The compiler finds a table that is not named here. */
const rowsOfBlocks: Readonly<Record<TableOfBlocks, "goes" | "stays with the run">> = {
  dependencies: "goes",
  runs: "stays with the run",
  notifications: "stays with the run",
  reviews: "stays with the run",
};

export const removalChanges: MemoryHandlers<RemovalChanges> = {
  "begin-removal"(draft, { removal, at }) {
    const { blocks, removals } = draft.tables;
    const key = keyOf(removal.workspaceId, removal.rootId);
    const block = blocks.get(key);
    if (block === undefined || block.removedAt !== null || removals.has(key)) throw notFound("block", removal.rootId);
    draft.set(blocks, key, { ...block, removedAt: at });
    draft.set(removals, key, removal);
  },
  "remove-block"(draft, { workspaceId, id, at }) {
    const { blocks, runs, dependencies } = draft.tables;
    const key = keyOf(workspaceId, id);
    const block = blocks.get(key);
    if (block === undefined) throw notFound("block", id);
    const inside = childrenOf(draft.tables, workspaceId, id);
    if (inside.some(({ removedAt }) => removedAt === null)) throw blockHoldsBlocks(id);
    for (const table of Object.keys(rowsOfBlocks) as TableOfBlocks[])
      if (rowsOfBlocks[table] === "goes")
        for (const [row, { workspaceId: of, blockId }] of draft.tables[table])
          if (of === workspaceId && blockId === id) draft.delete<string, unknown>(draft.tables[table] as Map<string, unknown>, row);
    for (const [row, { workspaceId: of, onId }] of dependencies) if (of === workspaceId && onId === id) draft.delete(dependencies, row);
    const hasRuns = [...runs.values()].some((run) => run.workspaceId === workspaceId && run.blockId === id);
    if (!hasRuns && inside.length === 0) draft.delete(blocks, key);
    else if (block.removedAt === null) draft.set(blocks, key, { ...block, removedAt: at });
  },
  "end-removal"(draft, { workspaceId, rootId }) {
    draft.delete(draft.tables.removals, keyOf(workspaceId, rootId));
  },
};

const childrenOf = ({ blocks }: MemoryTables, workspaceId: string, parentId: string): readonly Block[] =>
  [...blocks.values()].filter((block) => block.workspaceId === workspaceId && block.parentId === parentId);

export function removalReads(tables: MemoryTables): RemovalReads {
  const { removals } = tables;
  const onBoard = (workspaceId: string, id: string): readonly Block[] =>
    childrenOf(tables, workspaceId, id).filter(({ removedAt }) => removedAt === null);
  const inside = (workspaceId: string, id: string): readonly Block[] =>
    onBoard(workspaceId, id).flatMap((block) => [block, ...inside(workspaceId, block.id)]);
  return {
    get: async (workspaceId, rootId) => copyOrNull(removals.get(keyOf(workspaceId, rootId))),
    async due(now, limit) {
      const found = [...removals.values()]
        .filter(({ dueAt }) => dueAt <= now)
        .toSorted((a, b) => a.dueAt - b.dueAt || compare(a.workspaceId, b.workspaceId) || compare(a.rootId, b.rootId));
      return copyOf(found.slice(0, checkLimit(limit, MAX_PAGE)));
    },
    async leaves(workspaceId, rootId, limit) {
      const found = inside(workspaceId, rootId).filter(({ id }) => onBoard(workspaceId, id).length === 0);
      return copyOf(found.toSorted(oldestFirst).slice(0, checkLimit(limit, MAX_PAGE)));
    },
  };
}
