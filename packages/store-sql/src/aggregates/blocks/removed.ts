import { blockRemoved } from "@millrace/kernel";
import type { Kysely, SqlBool } from "kysely";
import { sql } from "kysely";
import { toCommit, type CommitStatement } from "../../commit/commit-statement.js";
import { refuseWhen } from "../../commit/guards.js";
import type { Tables } from "../tables.js";

/** Refuses a block that was removed from the board, itself or with what it is in: nothing is added to it, and nothing starts in it. */
export function removedGuard(db: Kysely<Tables>): (workspaceId: string, id: string) => CommitStatement {
  const removed = refuseWhen<{ workspace_id: string; id: string }>(db, (eb, p) =>
    eb.exists(
      eb
        .selectFrom("blocks")
        .leftJoin("blocks as parent", (join) =>
          join.onRef("parent.workspace_id", "=", "blocks.workspace_id").onRef("parent.id", "=", "blocks.parent_id"),
        )
        .leftJoin("blocks as above", (join) =>
          join.onRef("above.workspace_id", "=", "parent.workspace_id").onRef("above.id", "=", "parent.parent_id"),
        )
        .select("blocks.id")
        .where("blocks.workspace_id", "=", p("workspace_id"))
        .where("blocks.id", "=", p("id"))
        .where(sql<SqlBool>`coalesce(blocks.removed_at, parent.removed_at, above.removed_at) is not null`),
    ),
  );
  return (workspaceId, id) => toCommit(removed, { workspace_id: workspaceId, id }, { check: () => blockRemoved(id) });
}
