import { actorSchema, blockLevelSchema, idSchema } from "@millrace/contracts";
import type { Removal, RemovalReads } from "@millrace/kernel";
import { z } from "zod";
import type { SqlConnection } from "../../connection.js";
import { MAX_PAGE, checkLimit } from "../../page.logic.js";
import { statement } from "../../statement.js";
import { parseJson, parseStored } from "../../stored-shape.logic.js";
import { toBlock } from "../blocks/columns.js";
import type { RemovalRow } from "./table.js";

const removalSchema = z.strictObject({
  workspaceId: idSchema,
  rootId: idSchema,
  title: z.string(),
  level: blockLevelSchema,
  actor: actorSchema,
  onBehalfOf: z.string().nullable(),
  dueAt: z.number(),
});

export function removalReads(connection: SqlConnection): RemovalReads {
  const { db } = connection;
  const get = statement<{ workspace_id: string; root_id: string }>()((p) =>
    db.selectFrom("removals").selectAll().where("workspace_id", "=", p("workspace_id")).where("root_id", "=", p("root_id")),
  );
  const due = statement<{ now: number; limit: number }>()((p) =>
    db
      .selectFrom("removals")
      .selectAll()
      .where("due_at", "<=", p("now"))
      .orderBy("due_at")
      .orderBy("workspace_id")
      .orderBy("root_id")
      .limit(p("limit")),
  );
  // Down through what is on the board only: blocks that were removed and stay beside their runs are not walked.
  const leaves = statement<{ workspace_id: string; root_id: string; limit: number }>()((p) =>
    db
      .withRecursive("inside", (query) =>
        query
          .selectFrom("blocks")
          .select("blocks.id")
          .where("blocks.workspace_id", "=", p("workspace_id"))
          .where("blocks.parent_id", "=", p("root_id"))
          .where("blocks.removed_at", "is", null)
          .unionAll((down) =>
            down
              .selectFrom("inside")
              .innerJoin("blocks", "blocks.parent_id", "inside.id")
              .select("blocks.id")
              .where("blocks.workspace_id", "=", p("workspace_id"))
              .where("blocks.removed_at", "is", null),
          ),
      )
      .selectFrom("inside")
      .innerJoin("blocks", "blocks.id", "inside.id")
      .selectAll("blocks")
      .where("blocks.workspace_id", "=", p("workspace_id"))
      .where((eb) =>
        eb.not(
          eb.exists(
            eb
              .selectFrom("blocks as child")
              .select("child.id")
              .where("child.workspace_id", "=", p("workspace_id"))
              .whereRef("child.parent_id", "=", "blocks.id")
              .where("child.removed_at", "is", null),
          ),
        ),
      )
      .limit(p("limit")),
  );
  return {
    async get(workspaceId, rootId) {
      const [row] = await connection.all(get, { workspace_id: workspaceId, root_id: rootId });
      return row === undefined ? null : toRemoval(row);
    },
    async due(now, limit) {
      return (await connection.all(due, { now, limit: checkLimit(limit, MAX_PAGE) })).map(toRemoval);
    },
    async leaves(workspaceId, rootId, limit) {
      const args = { workspace_id: workspaceId, root_id: rootId, limit: checkLimit(limit, MAX_PAGE) };
      return (await connection.all(leaves, args)).map((row) => toBlock(row));
    },
  };
}

function toRemoval(row: RemovalRow): Removal {
  const what = { entity: "removal", id: row.root_id };
  const value = {
    workspaceId: row.workspace_id,
    rootId: row.root_id,
    title: row.title,
    level: row.level,
    actor: parseJson(row.actor, what),
    onBehalfOf: row.on_behalf_of,
    dueAt: row.due_at,
  };
  return parseStored(removalSchema, value, what);
}
