import type { SessionReads, StoredSession } from "@millrace/kernel";
import type { SqlConnection } from "../../connection.js";
import { anchorOf, NEWEST, type Anchor } from "../../page-anchor.js";
import { MAX_PAGE, checkLimit } from "../../page.logic.js";
import { statement } from "../../statement.js";
import { toJoinedUser, USER_COLUMNS } from "../users/reads.js";
import type { SessionRow } from "./table.js";

export function sessionReads(connection: SqlConnection): SessionReads {
  const { db } = connection;
  const get = statement<{ id: string }>()((p) =>
    db
      .selectFrom("sessions")
      .innerJoin("users", "users.id", "sessions.user_id")
      .selectAll("sessions")
      .select(USER_COLUMNS)
      .where("sessions.id", "=", p("id")),
  );
  const anchor = statement<{ id: string; user_id: string }>()((p) =>
    db.selectFrom("sessions").select("created_at").where("id", "=", p("id")).where("user_id", "=", p("user_id")),
  );
  const ofUser = statement<Anchor & { user_id: string; now: number; used_since: number; limit: number }>()((p) =>
    db
      .selectFrom("sessions")
      .selectAll()
      .where("user_id", "=", p("user_id"))
      .where("ended_at", "is", null)
      .where((eb) => eb(eb.refTuple("created_at", "id"), "<", eb.tuple(p("anchor_at"), p("anchor_id"))))
      .where("expires_at", ">", p("now"))
      .where("last_seen_at", ">", p("used_since"))
      .orderBy("created_at", "desc")
      .orderBy("id", "desc")
      .limit(p("limit")),
  );
  const deleteOver = statement<{ before: number; limit: number }>()((p) =>
    db
      .deleteFrom("sessions")
      .where("id", "in", (eb) =>
        eb.selectFrom("sessions").select("id").where("over_at", "<", p("before")).orderBy("over_at").limit(p("limit")),
      )
      .returning("id"),
  );
  return {
    async get(id) {
      const [row] = await connection.all(get, { id });
      return row === undefined ? null : { session: toSession(row), user: toJoinedUser(row) };
    },
    async ofUser(userId, { limit, after, now, usedSince }) {
      const start = await anchorOf(after, NEWEST, (id) => connection.all(anchor, { id, user_id: userId }));
      const args = { ...start, user_id: userId, now, used_since: usedSince, limit: checkLimit(limit, MAX_PAGE) };
      return (await connection.all(ofUser, args)).map(toSession);
    },
    async deleteOver(before, limit) {
      return (await connection.all(deleteOver, { before, limit: checkLimit(limit, MAX_PAGE) })).length;
    },
  };
}

function toSession(row: SessionRow): StoredSession {
  return {
    id: row.id,
    userId: row.user_id,
    digest: row.digest,
    way: row.way,
    createdAt: row.created_at,
    lastSeenAt: row.last_seen_at,
    expiresAt: row.expires_at,
    endedAt: row.ended_at,
    confirmedUntil: row.confirmed_until,
  };
}
