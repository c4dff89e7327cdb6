import { toCommit, type CommitStatement } from "../../commit/commit-statement.js";
import type { SqlBuilder } from "../../connection.js";
import { statement } from "../../statement.js";

/**
 * Where several transactions write at a time, the start of a run and a change that needs the block idle wait for each other: each reads
 * what the other has not committed. An advisory lock of the transaction; no statement where writers are one at a time.
 */
export function blockLock({ db, dialect: { advisoryLock } }: SqlBuilder): (workspaceId: string, id: string) => readonly CommitStatement[] {
  if (advisoryLock === null) return () => [];
  const lock = statement<{ key: string }>()((p) => db.selectNoFrom(advisoryLock(p("key")).as("lock")));
  return (workspaceId, id) => [toCommit(lock, { key: `millrace/block/${workspaceId}/${id}` })];
}
