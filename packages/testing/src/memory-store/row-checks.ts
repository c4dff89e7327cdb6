import { blockRemoved, MillraceError, notFound } from "@millrace/kernel";
import type { Draft } from "./draft.js";
import { keyOf, type MemoryTables } from "./tables.js";

/** Refuses the commit unless the workspace exists at its end. */
export function needsWorkspace(draft: Draft, id: string): void {
  draft.defer(() => requireRow(draft.tables.workspaces.has(id), "workspace", id));
}

/** Refuses the commit unless the block exists at its end. */
export function needsBlock(draft: Draft, workspaceId: string, id: string): void {
  draft.defer(() => requireRow(draft.tables.blocks.has(keyOf(workspaceId, id)), "block", id));
}

/** Refuses the commit unless the run exists at its end. */
export function needsRun(draft: Draft, workspaceId: string, id: string): void {
  draft.defer(() => requireRow(draft.tables.runs.has(keyOf(workspaceId, id)), "run", id));
}

/** Refuses the commit unless the review exists at its end. */
export function needsReview(draft: Draft, workspaceId: string, id: string): void {
  draft.defer(() => requireRow(draft.tables.reviews.has(keyOf(workspaceId, id)), "review", id));
}

function requireRow(exists: boolean, entity: string, id: string): void {
  if (!exists) throw notFound(entity, id);
}

/** Refuses a block that was removed from the board, itself or with what it is in. */
export function refuseRemoved({ blocks }: MemoryTables, workspaceId: string, id: string): void {
  let block = blocks.get(keyOf(workspaceId, id));
  while (block !== undefined) {
    if (block.removedAt !== null) throw blockRemoved(id);
    block = block.parentId === null ? undefined : blocks.get(keyOf(workspaceId, block.parentId));
  }
}

/** Refusal of a change that was decided on an older state. */
export function stale(message: string, details: MillraceError["details"]): MillraceError {
  return new MillraceError("stale_revision", message, { fix: "Load it again and decide again.", details });
}

/** Refusal of an insert whose id is in use. */
export function taken(entity: string, id: string): MillraceError {
  return new MillraceError("conflict", `${entity} '${id}' exists already`, { fix: "Use a fresh id.", details: { entity, id } });
}
