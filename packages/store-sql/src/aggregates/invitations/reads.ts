import { storedInvitationSchema, type StoredInvitation } from "@millrace/contracts";
import type { InvitationReads } from "@millrace/kernel";
import { sql } from "kysely";
import type { SqlConnection } from "../../connection.js";
import { NEWEST, anchorOf, type Anchor } from "../../page-anchor.js";
import { MAX_PAGE, checkLimit } from "../../page.logic.js";
import { statement } from "../../statement.js";
import { parseJson, parseStored } from "../../stored-shape.logic.js";
import type { InvitationRow } from "./table.js";

type ListArgs = Anchor & { account_id: string; limit: number };
type FilterArgs = ListArgs & { status: string; expires_from: number; expires_to: number };

export function invitationReads(connection: SqlConnection): InvitationReads {
  const { db } = connection;
  const get = statement<{ account_id: string; id: string }>()((p) =>
    db.selectFrom("invitations").selectAll().where("id", "=", p("id")).where("account_id", "=", p("account_id")),
  );
  const pendingOf = statement<{ account_id: string; email: string }>()((p) =>
    db
      .selectFrom("invitations")
      .selectAll()
      .where("account_id", "=", p("account_id"))
      .where("email", "=", p("email"))
      .where("status", "=", sql.lit("pending")),
  );
  const byToken = statement<{ token_digest: string }>()((p) =>
    db.selectFrom("invitations").selectAll().where("token_digest", "=", p("token_digest")),
  );
  const list = statement<ListArgs>()((p) =>
    db
      .selectFrom("invitations")
      .selectAll()
      .where("account_id", "=", p("account_id"))
      .where(sql<boolean>`(created_at, id) < (${p("anchor_at")}, ${p("anchor_id")})`)
      .orderBy("created_at", "desc")
      .orderBy("id", "desc")
      .limit(p("limit")),
  );
  const filtered = statement<FilterArgs>()((p) =>
    db
      .selectFrom("invitations")
      .selectAll()
      .where("account_id", "=", p("account_id"))
      .where("status", "=", p("status"))
      .where("expires_at", ">", p("expires_from"))
      .where("expires_at", "<=", p("expires_to"))
      .where(sql<boolean>`(created_at, id) < (${p("anchor_at")}, ${p("anchor_id")})`)
      .orderBy("created_at", "desc")
      .orderBy("id", "desc")
      .limit(p("limit")),
  );
  const over = statement<{ before: number }>()((p) =>
    db.selectFrom("invitations").select("id").where("over_at", "<", p("before")).limit(sql.lit(1)),
  );
  return {
    async get(accountId, id) {
      const [row] = await connection.all(get, { account_id: accountId, id });
      return row === undefined ? null : toInvitation(row);
    },
    async pendingOf(accountId, email) {
      const [row] = await connection.all(pendingOf, { account_id: accountId, email });
      return row === undefined ? null : toInvitation(row);
    },
    async byToken(tokenDigest) {
      const [row] = await connection.all(byToken, { token_digest: tokenDigest });
      return row === undefined ? null : toInvitation(row);
    },
    async list(accountId, { status, now }, page) {
      const limit = checkLimit(page.limit, MAX_PAGE);
      const anchor = await anchorOf(page.after, NEWEST, (id) => connection.all(get, { account_id: accountId, id }));
      const args = { account_id: accountId, ...anchor, limit };
      if (status === undefined) return (await connection.all(list, args)).map(toInvitation);
      const filter = {
        status: status === "expired" ? "pending" : status,
        expires_from: status === "pending" ? now : -1,
        expires_to: status === "expired" ? now : Number.MAX_SAFE_INTEGER,
      };
      return (await connection.all(filtered, { ...args, ...filter })).map(toInvitation);
    },
    anyOver: async (before) => (await connection.all(over, { before })).length > 0,
  };
}

function toInvitation(row: InvitationRow): StoredInvitation {
  const { id, account_id: accountId, email, status, invited_by: invitedBy, revision } = row;
  const what = { entity: "invitation", id };
  const times = { createdAt: row.created_at, expiresAt: row.expires_at, endedAt: row.ended_at };
  return parseStored(
    storedInvitationSchema,
    { id, accountId, email, roles: parseJson(row.roles, what), status, invitedBy, ...times, revision },
    what,
  );
}
