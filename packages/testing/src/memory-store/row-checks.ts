import { MillraceError } from "@millrace/kernel";
import type { Draft } from "./draft.js";
import { keyOf } from "./tables.js";

export function needsWorkspace(draft: Draft, id: string): void {
  draft.atEnd(() => needs(draft.tables.workspaces.has(id)));
}

export function needsBlock(draft: Draft, workspaceId: string, id: string): void {
  draft.atEnd(() => needs(draft.tables.blocks.has(keyOf(workspaceId, id))));
}

export function needsRun(draft: Draft, workspaceId: string, id: string): void {
  draft.atEnd(() => needs(draft.tables.runs.has(keyOf(workspaceId, id))));
}

/** The same, now, where the row that needs it is there. */
export function requireRun(draft: Draft, workspaceId: string, id: string, isNeeded: boolean): void {
  if (isNeeded) needs(draft.tables.runs.has(keyOf(workspaceId, id)));
}

export function needsReview(draft: Draft, workspaceId: string, id: string): void {
  draft.atEnd(() => needs(draft.tables.reviews.has(keyOf(workspaceId, id))));
}

function needs(there: boolean): void {
  if (there) return;
  throw new MillraceError("not_found", "a change names a workspace, block or run that does not exist there", {
    fix: "Insert it in the same commit or before it.",
  });
}

/** Refusal of a change that was decided on an older state. */
export function stale(message: string, details: MillraceError["details"]): MillraceError {
  return new MillraceError("stale_revision", message, { fix: "Load it again and decide again.", details });
}

/** Refusal of an insert whose id is in use. */
export function taken(entity: string, id: string): MillraceError {
  return new MillraceError("conflict", `${entity} '${id}' exists already`, { fix: "Use a fresh id.", details: { entity, id } });
}
