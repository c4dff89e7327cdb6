/** Sessions. One that has ended stays so: a change of it writes NULL into the NOT NULL `over_at`. */
import type { SessionChanges, StoredSession } from "@millrace/kernel";
import { notFound, userKeptOut } from "@millrace/kernel";
import { sql } from "kysely";
import { toCommit, type ChangeHandlers } from "../../commit/commit-statement.js";
import { refuseWhen, taken } from "../../commit/guards.js";
import type { SqlBuilder } from "../../connection.js";
import { statement } from "../../statement.js";
import type { SessionRow } from "./table.js";

export function sessionChanges({ db }: SqlBuilder): ChangeHandlers<SessionChanges> {
  const lockUser = statement<{ id: string }>()((p) =>
    db
      .updateTable("users")
      .set((eb) => ({ id: eb.ref("id") }))
      .where("id", "=", p("id")),
  );
  const keptOut = refuseWhen<{ id: string }>(db, (eb, p) =>
    eb.not(eb.exists(eb.selectFrom("users").select("id").where("id", "=", p("id")).where("disabled_at", "is", null))),
  );
  const insert = statement<SessionRow>()((p) =>
    db.insertInto("sessions").values({
      id: p("id"),
      user_id: p("user_id"),
      digest: p("digest"),
      way: p("way"),
      created_at: p("created_at"),
      last_seen_at: p("last_seen_at"),
      expires_at: p("expires_at"),
      ended_at: p("ended_at"),
      over_at: p("over_at"),
      confirmed_until: p("confirmed_until"),
    }),
  );
  const missing = refuseWhen<{ id: string }>(db, (eb, p) =>
    eb.not(eb.exists(eb.selectFrom("sessions").select("id").where("id", "=", p("id")))),
  );
  const missingOfUser = refuseWhen<{ id: string; user_id: string }>(db, (eb, p) =>
    eb.not(eb.exists(eb.selectFrom("sessions").select("id").where("id", "=", p("id")).where("user_id", "=", p("user_id")))),
  );
  const confirm = statement<{ id: string; until: number }>()((p) =>
    db
      .updateTable("sessions")
      .set({ confirmed_until: p("until"), over_at: sql<number>`case when ended_at is null then over_at end` })
      .where("id", "=", p("id")),
  );
  const end = statement<{ id: string; at: number }>()((p) =>
    db
      .updateTable("sessions")
      .set({ ended_at: p("at"), over_at: sql<number>`case when ended_at is null then cast(${p("at")} as bigint) end` })
      .where("id", "=", p("id")),
  );
  const endAll = statement<{ user_id: string; except: string; at: number }>()((p) =>
    db
      .updateTable("sessions")
      .set({ ended_at: p("at"), over_at: p("at") })
      .where("user_id", "=", p("user_id"))
      .where("id", "<>", p("except"))
      .where("ended_at", "is", null),
  );
  const touch = statement<{ id: string; at: number; before: number }>()((p) =>
    db
      .updateTable("sessions")
      .set({ last_seen_at: p("at") })
      .where("id", "=", p("id"))
      .where("last_seen_at", "<", p("before")),
  );
  return {
    "insert-session": ({ session }) => [
      toCommit(lockUser, { id: session.userId }),
      toCommit(keptOut, { id: session.userId }, { check: userKeptOut }),
      toCommit(insert, rowOf(session), taken("session", session.id)),
    ],
    "confirm-session": ({ sessionId: id, until }) => {
      const refusal = () => notFound("session", id);
      return [toCommit(missing, { id }, { check: refusal }), toCommit(confirm, { id, until }, { "not-null": refusal })];
    },
    "end-session": ({ userId, sessionId: id, at }) => {
      const refusal = () => notFound("session", id);
      return [toCommit(missingOfUser, { id, user_id: userId }, { check: refusal }), toCommit(end, { id, at }, { "not-null": refusal })];
    },
    "end-sessions": ({ ofUser, except, at }) => [toCommit(endAll, { user_id: ofUser, except: except ?? "", at })],
    "touch-session": ({ sessionId: id, at, before }) => [toCommit(touch, { id, at, before })],
  };
}

function rowOf(session: StoredSession): SessionRow {
  return {
    id: session.id,
    user_id: session.userId,
    digest: session.digest,
    way: session.way,
    created_at: session.createdAt,
    last_seen_at: session.lastSeenAt,
    expires_at: session.expiresAt,
    ended_at: session.endedAt,
    over_at: session.endedAt ?? session.expiresAt,
    confirmed_until: session.confirmedUntil,
  };
}
