import { apiTokenSchema } from "@millrace/contracts";
import type { ApiTokenReads, StoredApiToken } from "@millrace/kernel";
import type { SqlConnection } from "../../connection.js";
import { anchorOf, NEWEST, type Anchor } from "../../page-anchor.js";
import { MAX_PAGE, checkLimit } from "../../page.logic.js";
import { statement } from "../../statement.js";
import { parseJson, parseStored } from "../../stored-shape.logic.js";
import { userReads } from "../users/reads.js";
import { ownerOf } from "./changes.js";
import type { ApiTokenRow } from "./table.js";

export function apiTokenReads(connection: SqlConnection): ApiTokenReads {
  const { db } = connection;
  const users = userReads(connection);
  const get = statement<{ id: string }>()((p) => db.selectFrom("api_tokens").selectAll().where("id", "=", p("id")));
  const by = { user_id: listBy(connection, "user_id"), account_id: listBy(connection, "account_id") };
  const deleteExpired = statement<{ before: number; limit: number }>()((p) =>
    db
      .deleteFrom("api_tokens")
      .where("id", "in", (eb) =>
        eb.selectFrom("api_tokens").select("id").where("expires_at", "<", p("before")).orderBy("expires_at").limit(p("limit")),
      )
      .returning("id"),
  );
  return {
    async get(id) {
      const [row] = await connection.all(get, { id });
      if (row === undefined) return null;
      return { token: toToken(row), user: row.user_id === null ? null : await users.get(row.user_id) };
    },
    async list(of, { limit, after }) {
      const [column, owner] = ownerOf(of);
      const { anchor, page } = by[column];
      const start = await anchorOf(after, NEWEST, (id) => connection.all(anchor, { id, owner }));
      return (await connection.all(page, { ...start, owner, limit: checkLimit(limit, MAX_PAGE) })).map(toToken);
    },
    async deleteExpired(before, limit) {
      return (await connection.all(deleteExpired, { before, limit: checkLimit(limit, MAX_PAGE) })).length;
    },
  };
}

function listBy({ db }: SqlConnection, column: "user_id" | "account_id") {
  return {
    anchor: statement<{ id: string; owner: string }>()((p) =>
      db.selectFrom("api_tokens").select("created_at").where("id", "=", p("id")).where(column, "=", p("owner")),
    ),
    page: statement<Anchor & { owner: string; limit: number }>()((p) =>
      db
        .selectFrom("api_tokens")
        .selectAll()
        .where(column, "=", p("owner"))
        .where((eb) => eb(eb.refTuple("created_at", "id"), "<", eb.tuple(p("anchor_at"), p("anchor_id"))))
        .orderBy("created_at", "desc")
        .orderBy("id", "desc")
        .limit(p("limit")),
    ),
  };
}

function toToken(row: ApiTokenRow): StoredApiToken {
  const what = { entity: "token", id: row.id };
  const token = {
    id: row.id,
    kind: row.user_id === null ? "service" : "personal",
    userId: row.user_id,
    accountId: row.account_id,
    name: row.name,
    scopes: parseJson(row.scopes, what),
    workspaces: row.workspaces === null ? null : parseJson(row.workspaces, what),
    createdAt: row.created_at,
    expiresAt: row.expires_at,
    lastUsedAt: row.last_used_at,
    isConfirmed: row.is_confirmed === 1,
  };
  return { ...parseStored(apiTokenSchema, token, what), digest: row.digest };
}
