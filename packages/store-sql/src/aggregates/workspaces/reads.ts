import { workspaceSchema, type Workspace } from "@millrace/contracts";
import type { WorkspaceReads } from "@millrace/kernel";
import { sql } from "kysely";
import type { SqlConnection } from "../../connection.js";
import { OLDEST, anchorOf, type Anchor } from "../../page-anchor.js";
import { MAX_PAGE, checkLimit } from "../../page.logic.js";
import { statement } from "../../statement.js";
import { parseJson, parseStored } from "../../stored-shape.logic.js";
import type { WorkspaceRow } from "./table.js";

export function workspaceReads(connection: SqlConnection): WorkspaceReads {
  const { db } = connection;
  const get = statement<{ id: string }>()((p) => db.selectFrom("workspaces").selectAll().where("id", "=", p("id")));
  const list = statement<Anchor & { readonly limit: number }>()((p) =>
    db
      .selectFrom("workspaces")
      .selectAll()
      .where(sql<boolean>`(created_at, id) > (${p("anchor_at")}, ${p("anchor_id")})`)
      .orderBy("created_at")
      .orderBy("id")
      .limit(p("limit")),
  );
  return {
    async get(id) {
      const [row] = await connection.all(get, { id });
      return row === undefined ? null : toWorkspace(row);
    },
    async list(page) {
      const limit = checkLimit(page.limit, MAX_PAGE);
      const anchor = await anchorOf(page.after, OLDEST, (id) => connection.all(get, { id }));
      return (await connection.all(list, { ...anchor, limit })).map(toWorkspace);
    },
  };
}

export function toWorkspace(row: WorkspaceRow): Workspace {
  const what = { entity: "workspace", id: row.id };
  return parseStored(
    workspaceSchema,
    {
      id: row.id,
      name: row.name,
      description: row.description,
      createdAt: row.created_at,
      revision: row.revision,
      settings: parseJson(row.settings, what),
      settingsRevision: row.settings_revision,
      defaultPresetId: row.default_preset_id,
      accountId: row.account_id,
      deletingAt: row.deleting_at,
    },
    what,
  );
}
