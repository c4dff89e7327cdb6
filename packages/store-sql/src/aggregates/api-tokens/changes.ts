import type { ApiTokenChanges, StoredApiToken, TokenOwner } from "@millrace/kernel";
import { notFound, tokenLimitReached } from "@millrace/kernel";
import { toCommit, type ChangeHandlers, type CommitStatement } from "../../commit/commit-statement.js";
import { refuseWhen, taken } from "../../commit/guards.js";
import type { SqlBuilder } from "../../connection.js";
import { statement } from "../../statement.js";
import type { ApiTokenRow } from "./table.js";

type OwnerColumn = "user_id" | "account_id";

export function apiTokenChanges(builder: SqlBuilder): ChangeHandlers<ApiTokenChanges> {
  const { db } = builder;
  const insert = statement<ApiTokenRow>()((p) =>
    db.insertInto("api_tokens").values({
      id: p("id"),
      digest: p("digest"),
      user_id: p("user_id"),
      account_id: p("account_id"),
      name: p("name"),
      scopes: p("scopes"),
      workspaces: p("workspaces"),
      created_at: p("created_at"),
      expires_at: p("expires_at"),
      last_used_at: p("last_used_at"),
      is_confirmed: p("is_confirmed"),
    }),
  );
  const touch = statement<{ id: string; at: number; before: number }>()((p) =>
    db
      .updateTable("api_tokens")
      .set({ last_used_at: p("at") })
      .where("id", "=", p("id"))
      .where((eb) => eb.or([eb("last_used_at", "is", null), eb("last_used_at", "<", p("before"))])),
  );
  const lock = ownerLock(builder);
  const by = { user_id: byOwner(builder, "user_id"), account_id: byOwner(builder, "account_id") };
  return {
    "insert-api-token": ({ token, max }) => {
      const [column, owner] = ownerOf(token.userId === null ? { accountId: token.accountId ?? "" } : { userId: token.userId });
      return [
        ...lock(owner),
        toCommit(insert, rowOf(token), taken("token", token.id)),
        toCommit(by[column].tooMany, { owner, now: token.createdAt, max }, { check: () => tokenLimitReached(max) }),
      ];
    },
    "delete-api-token": ({ owner: of, tokenId: id }) => {
      const [column, owner] = ownerOf(of);
      const { lockOne, missing, removeOne } = by[column];
      return [
        toCommit(lockOne, { owner, id }),
        toCommit(missing, { owner, id }, { check: () => notFound("token", id) }),
        toCommit(removeOne, { owner, id }),
      ];
    },
    "delete-api-tokens": ({ owner: of }) => {
      const [column, owner] = ownerOf(of);
      return [toCommit(by[column].removeAll, { owner })];
    },
    "touch-api-token": ({ tokenId: id, at, before }) => [toCommit(touch, { id, at, before })],
  };
}

/** The statements about the tokens of an owner, who stands in that column. */
function byOwner({ db }: SqlBuilder, column: OwnerColumn) {
  return {
    tooMany: refuseWhen<{ owner: string; now: number; max: number }>(db, (eb, p) =>
      eb(
        eb
          .selectFrom("api_tokens")
          .select(({ fn }) => fn.countAll<number>().as("count"))
          .where(column, "=", p("owner"))
          .where("expires_at", ">", p("now")),
        ">",
        p("max"),
      ),
    ),
    // Its row lock puts two that revoke the same token in order: the second finds it gone.
    lockOne: statement<{ owner: string; id: string }>()((p) =>
      db
        .updateTable("api_tokens")
        .set((eb) => ({ id: eb.ref("id") }))
        .where(column, "=", p("owner"))
        .where("id", "=", p("id")),
    ),
    missing: refuseWhen<{ owner: string; id: string }>(db, (eb, p) =>
      eb.not(eb.exists(eb.selectFrom("api_tokens").select("id").where(column, "=", p("owner")).where("id", "=", p("id")))),
    ),
    removeOne: statement<{ owner: string; id: string }>()((p) =>
      db.deleteFrom("api_tokens").where(column, "=", p("owner")).where("id", "=", p("id")),
    ),
    removeAll: statement<{ owner: string }>()((p) => db.deleteFrom("api_tokens").where(column, "=", p("owner"))),
  };
}

/** Where several transactions write at a time, those that count the tokens of one owner follow each other. */
function ownerLock({ db, dialect: { advisoryLock } }: SqlBuilder): (owner: string) => readonly CommitStatement[] {
  if (advisoryLock === null) return () => [];
  const lock = statement<{ key: string }>()((p) => db.selectNoFrom(advisoryLock(p("key")).as("lock")));
  return (owner) => [toCommit(lock, { key: `millrace/tokens/${owner}` })];
}

/** The column of the owner, and its id. */
export function ownerOf(owner: TokenOwner): readonly [OwnerColumn, string] {
  return "userId" in owner ? ["user_id", owner.userId] : ["account_id", owner.accountId];
}

function rowOf(token: StoredApiToken): ApiTokenRow {
  return {
    id: token.id,
    digest: token.digest,
    user_id: token.userId,
    account_id: token.accountId,
    name: token.name,
    scopes: JSON.stringify(token.scopes),
    workspaces: token.workspaces === null ? null : JSON.stringify(token.workspaces),
    created_at: token.createdAt,
    expires_at: token.expiresAt,
    last_used_at: token.lastUsedAt,
    is_confirmed: token.isConfirmed ? 1 : 0,
  };
}
