import type { AuditEntry } from "@millrace/kernel";
import { toCommit, touching, type CommitStatement } from "../../commit/commit-statement.js";
import type { SqlBuilder } from "../../connection.js";
import { statement } from "../../statement.js";
import type { AuditRow } from "./table.js";

/** Appends an entry to the audit of a workspace. Appends need no order among themselves: the time orders them. */
export function auditAppend({ db }: SqlBuilder): (workspaceId: string, entry: AuditEntry | null) => readonly CommitStatement[] {
  const insert = statement<AuditRow>()((p) =>
    db.insertInto("audit").values({
      workspace_id: p("workspace_id"),
      at: p("at"),
      actor: p("actor"),
      type: p("type"),
      block_id: p("block_id"),
      entry: p("entry"),
    }),
  );
  return (workspaceId, entry) => {
    if (entry === null) return [];
    const { at, actor, type, blockId } = entry;
    const row = { workspace_id: workspaceId, at, actor: actor.id, type, block_id: blockId, entry: JSON.stringify(entry) };
    return [touching(toCommit(insert, row), "audit")];
  };
}
