import type { SqlBuilder } from "../connection.js";
import { statement } from "../statement.js";
import { toCommit, type CommitStatement } from "./commit-statement.js";

/**
 * Where several transactions write at a time, those that count the same rows wait for each other: each reads what the other has not
 * committed. An advisory lock of the transaction, by name; no statement where writers are one at a time.
 */
export function scopeLock({ db, dialect: { advisoryLock } }: SqlBuilder): (name: string) => readonly CommitStatement[] {
  if (advisoryLock === null) return () => [];
  const lock = statement<{ key: string }>()((p) => db.selectNoFrom(advisoryLock(p("key")).as("lock")));
  return (name) => [toCommit(lock, { key: `millrace/${name}` })];
}
