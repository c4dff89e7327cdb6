import type { StoredInvitation } from "@millrace/contracts";
import type { InvitationChanges, InvitationPurgeChanges } from "@millrace/kernel";
import { notFound, pendingExists, pendingLimitReached, staleRecord } from "@millrace/kernel";
import { sql, type RawBuilder } from "kysely";
import { toCommit, type ChangeHandlers } from "../../commit/commit-statement.js";
import { refuseWhen, taken } from "../../commit/guards.js";
import { scopeLock } from "../../commit/scope-lock.js";
import type { SqlBuilder } from "../../connection.js";
import { statement } from "../../statement.js";
import type { InvitationRow } from "./table.js";

type Seen = Pick<InvitationRow, "account_id" | "id"> & { readonly expected: number };

const PENDING = sql.lit("pending");

export function invitationChanges(builder: SqlBuilder): ChangeHandlers<InvitationChanges & InvitationPurgeChanges> {
  const { db } = builder;
  const lock = scopeLock(builder);
  const noAccount = refuseWhen<Pick<InvitationRow, "account_id">>(db, (eb, p) =>
    eb.not(eb.exists(eb.selectFrom("accounts").select("id").where("id", "=", p("account_id")))),
  );
  const tooMany = refuseWhen<{ account_id: string; now: number; max: number }>(db, (eb, p) =>
    eb(
      eb
        .selectFrom("invitations")
        .select(({ fn }) => fn.countAll<number>().as("count"))
        .where("account_id", "=", p("account_id"))
        .where("status", "=", PENDING)
        .where("expires_at", ">", p("now")),
      ">=",
      p("max"),
    ),
  );
  const insert = statement<InvitationRow>()((p) =>
    db.insertInto("invitations").values({
      id: p("id"),
      account_id: p("account_id"),
      email: p("email"),
      roles: p("roles"),
      status: p("status"),
      token_digest: p("token_digest"),
      invited_by: p("invited_by"),
      created_at: p("created_at"),
      expires_at: p("expires_at"),
      ended_at: p("ended_at"),
      over_at: p("over_at"),
      revision: p("revision"),
    }),
  );
  const notPending = refuseWhen<Seen>(db, (eb, p) =>
    eb.not(
      eb.exists(
        eb
          .selectFrom("invitations")
          .select("id")
          .where("id", "=", p("id"))
          .where("account_id", "=", p("account_id"))
          .where("status", "=", PENDING)
          .where("revision", "=", p("expected")),
      ),
    ),
  );
  /** One higher, or NULL, which the column refuses: of two that write at the same time the second finds another revision. */
  const next = (expected: RawBuilder<number>): RawBuilder<number> => sql<number>`case when revision = ${expected} then revision + 1 end`;
  const renew = statement<Seen & Pick<InvitationRow, "token_digest" | "invited_by" | "expires_at">>()((p) =>
    db
      .updateTable("invitations")
      .set({
        token_digest: p("token_digest"),
        invited_by: p("invited_by"),
        expires_at: p("expires_at"),
        over_at: p("expires_at"),
        revision: next(p("expected")),
      })
      .where("id", "=", p("id")),
  );
  const end = statement<Seen & { status: string; at: number }>()((p) =>
    db
      .updateTable("invitations")
      .set({ status: p("status"), ended_at: p("at"), over_at: p("at"), revision: next(p("expected")) })
      .where("id", "=", p("id")),
  );
  const removeAll = statement<{ account_id: string }>()((p) => db.deleteFrom("invitations").where("account_id", "=", p("account_id")));
  const purge = statement<{ before: number; limit: number }>()((p) =>
    db
      .deleteFrom("invitations")
      .where(
        "id",
        "in",
        db.selectFrom("invitations").select("id").where("over_at", "<", p("before")).orderBy("over_at").orderBy("id").limit(p("limit")),
      ),
  );
  return {
    "insert-invitation": ({ invitation, tokenDigest, maxPending }) => {
      const { id, accountId, createdAt } = invitation;
      return [
        ...lock(`account/${accountId}`),
        toCommit(noAccount, { account_id: accountId }, { check: () => notFound("account", accountId) }),
        toCommit(tooMany, { account_id: accountId, now: createdAt, max: maxPending }, { check: () => pendingLimitReached(maxPending) }),
        toCommit(insert, rowOf(invitation, tokenDigest), { ...taken("invitation", id), unique: () => pendingExists(accountId) }),
      ];
    },
    "renew-invitation": ({ accountId, invitationId: id, expected, tokenDigest, invitedBy, expiresAt }) => {
      const seen = { account_id: accountId, id, expected };
      const refusal = () => staleRecord("invitation", id, expected);
      const row = { token_digest: tokenDigest, invited_by: invitedBy, expires_at: expiresAt };
      return [toCommit(notPending, seen, { check: refusal }), toCommit(renew, { ...seen, ...row }, { "not-null": refusal })];
    },
    "end-invitation": ({ accountId, invitationId: id, expected, as: status, at }) => {
      const seen = { account_id: accountId, id, expected };
      const refusal = () => staleRecord("invitation", id, expected);
      return [toCommit(notPending, seen, { check: refusal }), toCommit(end, { ...seen, status, at }, { "not-null": refusal })];
    },
    "remove-invitations": ({ accountId }) => [toCommit(removeAll, { account_id: accountId })],
    "purge-invitations": ({ before, limit }) => [toCommit(purge, { before, limit })],
  };
}

function rowOf(invitation: StoredInvitation, tokenDigest: string): InvitationRow {
  const { id, accountId, email, roles, status, invitedBy, createdAt, expiresAt, endedAt, revision } = invitation;
  return {
    id,
    account_id: accountId,
    email,
    roles: JSON.stringify(roles),
    status,
    token_digest: tokenDigest,
    invited_by: invitedBy,
    created_at: createdAt,
    expires_at: expiresAt,
    ended_at: endedAt,
    over_at: endedAt ?? expiresAt,
    revision,
  };
}
