import { toCommit, type CommitStatement } from "../../commit/commit-statement.js";
import type { SqlBuilder } from "../../connection.js";
import { statement } from "../../statement.js";

/**
 * Where several transactions write at a time, changes of what tasks of a workspace wait for come one after the other: two that together
 * make a cycle do not see each other otherwise. An advisory lock of the transaction; no statement where writers are one at a time.
 */
export function dependencyLock({ db, dialect: { advisoryLock } }: SqlBuilder): (workspaceId: string) => readonly CommitStatement[] {
  if (advisoryLock === null) return () => [];
  const lock = statement<{ key: string }>()((p) => db.selectNoFrom(advisoryLock(p("key")).as("lock")));
  return (workspaceId) => [toCommit(lock, { key: `millrace/dependencies/${workspaceId}` })];
}
