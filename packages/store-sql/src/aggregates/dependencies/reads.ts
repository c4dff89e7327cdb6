import { blockStatusSchema } from "@millrace/contracts";
import type { Dependency, DependencyReads } from "@millrace/kernel";
import { sql } from "kysely";
import type { SqlConnection } from "../../connection.js";
import { MAX_PAGE, checkLimit } from "../../page.logic.js";
import { statement } from "../../statement.js";
import { parseStored } from "../../stored-shape.logic.js";
import type { DependencyRow } from "./table.js";

export function dependencyReads(connection: SqlConnection): DependencyReads {
  const { db, dialect } = connection;
  const of = statement<{ workspace_id: string; block_ids: string }>()((p) =>
    db
      .selectFrom("dependencies")
      .selectAll()
      .where("workspace_id", "=", p("workspace_id"))
      .where("block_id", "in", dialect.jsonStrings(p("block_ids")))
      .orderBy("block_id")
      .orderBy("on_id"),
  );
  const on = statement<{ workspace_id: string; on_id: string; limit: number }>()((p) =>
    db
      .selectFrom("dependencies")
      .selectAll()
      .where("workspace_id", "=", p("workspace_id"))
      .where("on_id", "=", p("on_id"))
      .orderBy("block_id")
      .limit(p("limit")),
  );
  const open = statement<{ workspace_id: string; block_id: string }>()((p) =>
    db
      .selectFrom("dependencies")
      .innerJoin("blocks", (join) =>
        join.onRef("blocks.workspace_id", "=", "dependencies.workspace_id").onRef("blocks.id", "=", "dependencies.on_id"),
      )
      .select(["blocks.id", "blocks.title", "blocks.status"])
      .where("dependencies.workspace_id", "=", p("workspace_id"))
      .where("dependencies.block_id", "=", p("block_id"))
      .where("blocks.status", "!=", sql.lit("done"))
      .orderBy("dependencies.on_id"),
  );
  return {
    async of(workspaceId, blockIds) {
      if (blockIds.length === 0) return [];
      checkLimit(blockIds.length, MAX_PAGE);
      return (await connection.all(of, { workspace_id: workspaceId, block_ids: JSON.stringify(blockIds) })).map(toDependency);
    },
    async on(workspaceId, onId, limit) {
      return (await connection.all(on, { workspace_id: workspaceId, on_id: onId, limit: checkLimit(limit, MAX_PAGE) })).map(toDependency);
    },
    async open(workspaceId, blockId) {
      const rows = await connection.all(open, { workspace_id: workspaceId, block_id: blockId });
      return rows.map(({ id, title, status }) => ({ id, title, status: parseStored(blockStatusSchema, status, { entity: "block", id }) }));
    },
  };
}

function toDependency(row: DependencyRow): Dependency {
  return { workspaceId: row.workspace_id, blockId: row.block_id, onId: row.on_id, createdAt: row.created_at };
}
