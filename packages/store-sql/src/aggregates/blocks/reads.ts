import type { BlockReads } from "@millrace/kernel";
import { sql } from "kysely";
import type { SqlConnection } from "../../connection.js";
import { OLDEST, anchorOf, type Anchor } from "../../page-anchor.js";
import { MAX_PAGE, checkLimit } from "../../page.logic.js";
import { statement } from "../../statement.js";
import { toBlock } from "./columns.js";

type Key = { readonly workspace_id: string; readonly id: string };
type PageArgs = Anchor & { readonly limit: number };

export function blockReads(connection: SqlConnection): BlockReads {
  const { db } = connection;
  const get = statement<Key>()((p) =>
    db.selectFrom("blocks").selectAll().where("workspace_id", "=", p("workspace_id")).where("id", "=", p("id")),
  );
  const services = statement<PageArgs & { workspace_id: string }>()((p) =>
    db
      .selectFrom("blocks")
      .selectAll()
      .where("workspace_id", "=", p("workspace_id"))
      .where("parent_id", "is", null)
      .where("removed_at", "is", null)
      .where(sql<boolean>`(created_at, id) > (${p("anchor_at")}, ${p("anchor_id")})`)
      .orderBy("created_at")
      .orderBy("id")
      .limit(p("limit")),
  );
  const children = statement<PageArgs & { workspace_id: string; parent_id: string }>()((p) =>
    db
      .selectFrom("blocks")
      .selectAll()
      .where("workspace_id", "=", p("workspace_id"))
      .where("parent_id", "=", p("parent_id"))
      .where("removed_at", "is", null)
      .where(sql<boolean>`(created_at, id) > (${p("anchor_at")}, ${p("anchor_id")})`)
      .orderBy("created_at")
      .orderBy("id")
      .limit(p("limit")),
  );
  const moduleByTitle = statement<{ workspace_id: string; parent_id: string; title: string }>()((p) =>
    db
      .selectFrom("blocks")
      .selectAll()
      .where("workspace_id", "=", p("workspace_id"))
      .where("parent_id", "=", p("parent_id"))
      .where("level", "=", sql.lit("module"))
      .where("title", "=", p("title"))
      .orderBy("created_at")
      .orderBy("id")
      .limit(sql.lit(1)),
  );
  return {
    async get(workspaceId, id) {
      const [row] = await connection.all(get, { workspace_id: workspaceId, id });
      return row === undefined ? null : toBlock(row);
    },
    async moduleByTitle(workspaceId, parentId, title) {
      const [row] = await connection.all(moduleByTitle, { workspace_id: workspaceId, parent_id: parentId, title });
      return row === undefined ? null : toBlock(row);
    },
    async children(workspaceId, parentId, page) {
      const limit = checkLimit(page.limit, MAX_PAGE);
      const anchor = await anchorOf(page.after, OLDEST, (id) => connection.all(get, { workspace_id: workspaceId, id }));
      const args = { ...anchor, limit, workspace_id: workspaceId };
      const rows =
        parentId === null ? await connection.all(services, args) : await connection.all(children, { ...args, parent_id: parentId });
      return rows.map(toBlock);
    },
  };
}
