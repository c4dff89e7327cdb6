import type { BlockReads } from "@millrace/kernel";
import { sql } from "kysely";
import type { SqlConnection } from "../../connection.js";
import { MAX_PAGE, checkLimit, unknownAfter } from "../../page.logic.js";
import { statement } from "../../statement.js";
import { toBlock } from "./columns.js";
import { blockLists } from "./list.js";

type Key = { readonly workspace_id: string; readonly id: string };
type PageArgs = { readonly workspace_id: string; readonly last: number; readonly limit: number };

export function blockReads(connection: SqlConnection): BlockReads {
  const { db } = connection;
  const get = statement<Key>()((p) =>
    db.selectFrom("blocks").selectAll().where("workspace_id", "=", p("workspace_id")).where("id", "=", p("id")),
  );
  const services = statement<PageArgs>()((p) =>
    db
      .selectFrom("blocks")
      .selectAll()
      .where("workspace_id", "=", p("workspace_id"))
      .where("parent_id", "is", null)
      .where("removed_at", "is", null)
      .where("sequence", ">", p("last"))
      .orderBy("sequence")
      .limit(p("limit")),
  );
  const children = statement<PageArgs & { parent_id: string }>()((p) =>
    db
      .selectFrom("blocks")
      .selectAll()
      .where("workspace_id", "=", p("workspace_id"))
      .where("parent_id", "=", p("parent_id"))
      .where("removed_at", "is", null)
      .where("sequence", ">", p("last"))
      .orderBy("sequence")
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
      .where("removed_at", "is", null)
      .orderBy("created_at")
      .orderBy("id")
      .limit(sql.lit(1)),
  );
  async function sequenceOf(workspaceId: string, id: string | undefined): Promise<number> {
    if (id === undefined) return 0;
    const [row] = await connection.all(get, { workspace_id: workspaceId, id });
    if (row === undefined) throw unknownAfter(id);
    return row.sequence;
  }
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
      const args = { workspace_id: workspaceId, limit: checkLimit(page.limit, MAX_PAGE), last: await sequenceOf(workspaceId, page.after) };
      const rows =
        parentId === null ? await connection.all(services, args) : await connection.all(children, { ...args, parent_id: parentId });
      return rows.map(toBlock);
    },
    ...blockLists(connection),
  };
}
