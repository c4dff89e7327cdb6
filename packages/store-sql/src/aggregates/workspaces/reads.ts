import { workspaceSchema, type Workspace } from "@millrace/contracts";
import { readPosition, type WorkspaceReads } from "@millrace/kernel";
import { sql } from "kysely";
import type { SqlConnection } from "../../connection.js";
import type { TableOfWorkspaces } from "../../schema/tables-of-workspaces.js";
import { NEWEST, OLDEST, anchorOf, type Anchor } from "../../page-anchor.js";
import { MAX_PAGE, checkLimit } from "../../page.logic.js";
import { statement } from "../../statement.js";
import { parseJson, parseStored } from "../../stored-shape.logic.js";
import { isEmptyRead } from "./erase.js";
import type { WorkspaceRow } from "./table.js";

export function workspaceReads(connection: SqlConnection, tables: () => readonly TableOfWorkspaces[]): WorkspaceReads {
  const { db, dialect } = connection;
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
  const ofAccounts = statement<Anchor & { readonly accounts: string; readonly pattern: string; readonly limit: number }>()((p) =>
    db
      .selectFrom("workspaces")
      .selectAll()
      .where(sql<boolean>`coalesce(account_id, '') in ${dialect.jsonStrings(p("accounts"))}`)
      .where(sql<boolean>`lower(name) like lower(${p("pattern")}) escape '!'`)
      .where(sql<boolean>`(created_at, id) < (${p("anchor_at")}, ${p("anchor_id")})`)
      .orderBy("created_at", "desc")
      .orderBy("id", "desc")
      .limit(p("limit")),
  );
  const countOf = statement<{ readonly account_id: string }>()((p) =>
    db
      .selectFrom("workspaces")
      .select((eb) => eb.fn.countAll<number>().as("workspaces"))
      .where(sql<boolean>`coalesce(account_id, '') = ${p("account_id")}`),
  );
  const deleting = statement<{ readonly limit: number }>()((p) =>
    db.selectFrom("workspaces").selectAll().where("deleting_at", "is not", null).orderBy("deleting_at").orderBy("id").limit(p("limit")),
  );
  return {
    async ofAccounts(accountIds, text, page) {
      const { at, id } = page.after === undefined ? { at: NEWEST.anchor_at, id: NEWEST.anchor_id } : readPosition(page.after);
      const rows = await connection.all(ofAccounts, {
        anchor_at: at,
        anchor_id: id,
        accounts: JSON.stringify(accountIds.map((account) => account ?? "")),
        pattern: `%${(text ?? "").replaceAll(/[!%_]/g, "!$&")}%`,
        limit: checkLimit(page.limit, MAX_PAGE),
      });
      return rows.map(toWorkspace);
    },
    async countOf(accountId) {
      const [row] = await connection.all(countOf, { account_id: accountId });
      return Number(row?.workspaces ?? 0);
    },
    deleting: async (limit) => (await connection.all(deleting, { limit: checkLimit(limit, MAX_PAGE) })).map(toWorkspace),
    isEmpty: isEmptyRead(connection, tables),
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
      deletingBy: row.deleting_by === null ? null : parseJson(row.deleting_by, what),
    },
    what,
  );
}
