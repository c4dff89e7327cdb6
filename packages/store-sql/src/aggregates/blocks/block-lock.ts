import { toCommit, type CommitStatement } from "../../commit/commit-statement.js";
import type { SqlBuilder } from "../../connection.js";
import { statement } from "../../statement.js";

type Lock = (workspaceId: string, id: string) => readonly CommitStatement[];

/**
 * Where several transactions write at a time, the start of a run and a change that needs the block idle wait for each other: each reads
 * what the other has not committed. An advisory lock of the transaction; no statement where writers are one at a time.
 */
export function blockLock(builder: SqlBuilder): Lock {
  return lockOn(builder, (workspaceId, id) => `millrace/block/${workspaceId}/${id}`);
}

/** In the same way, inserts of blocks of one board wait for each other: they are numbered and counted. */
export function boardLock(builder: SqlBuilder): (workspaceId: string) => readonly CommitStatement[] {
  const lock = lockOn(builder, (workspaceId) => `millrace/board/${workspaceId}`);
  return (workspaceId) => lock(workspaceId, "");
}

function lockOn({ db, dialect: { advisoryLock } }: SqlBuilder, keyOf: (workspaceId: string, id: string) => string): Lock {
  if (advisoryLock === null) return () => [];
  const lock = statement<{ key: string }>()((p) => db.selectNoFrom(advisoryLock(p("key")).as("lock")));
  return (workspaceId, id) => [toCommit(lock, { key: keyOf(workspaceId, id) })];
}
