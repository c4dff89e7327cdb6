import { staleRecord } from "@millrace/kernel";

/**
 * Refuses a change that was decided on another state than the one just read. The commit guards the revision that was read, so what both
 * let through is what the caller has seen. `expected` null: whatever is there.
 * @throws MillraceError `stale_revision` with the revision now.
 */
export function requireSeen(entity: string, id: string, revision: number, expected: number | null): void {
  if (expected !== null && expected !== revision) throw staleRecord(entity, id, expected, revision);
}
