import type { Membership, Role } from "@millrace/contracts";
import type { MembershipChanges } from "@millrace/kernel";
import { lastOwner, memberExists, notFound, staleRecord } from "@millrace/kernel";
import { sql } from "kysely";
import { toCommit, type ChangeHandlers, type CommitStatement } from "../../commit/commit-statement.js";
import { refuseWhen } from "../../commit/guards.js";
import { scopeLock } from "../../commit/scope-lock.js";
import type { SqlBuilder } from "../../connection.js";
import { statement } from "../../statement.js";
import type { MembershipRow } from "./table.js";

type Key = Pick<MembershipRow, "account_id" | "user_id">;
type Expected = Key & { readonly expected: number };

/**
 * Where several transactions write at a time, changes of the members of one account wait for each other: of two that take the role from
 * its last two owners, the second counts what the first has left.
 */
export function membershipChanges(builder: SqlBuilder): ChangeHandlers<MembershipChanges> {
  const { db } = builder;
  const lock = scopeLock(builder);
  const insert = statement<Omit<MembershipRow, "sort">>()((p) =>
    db.insertInto("memberships").values((eb) => ({
      account_id: p("account_id"),
      user_id: p("user_id"),
      roles: p("roles"),
      is_owner: p("is_owner"),
      since: p("since"),
      sort: sql<string>`${eb.selectFrom("accounts").select("sort").where("id", "=", p("account_id"))}`,
      revision: p("revision"),
    })),
  );
  const changed = refuseWhen<Expected>(db, (eb, p) =>
    eb.not(
      eb.exists(
        eb
          .selectFrom("memberships")
          .select("user_id")
          .where("account_id", "=", p("account_id"))
          .where("user_id", "=", p("user_id"))
          .where("revision", "=", p("expected")),
      ),
    ),
  );
  const put = statement<Key & Pick<MembershipRow, "roles" | "is_owner">>()((p) =>
    db
      .updateTable("memberships")
      .set({ roles: p("roles"), is_owner: p("is_owner"), revision: sql<number>`revision + 1` })
      .where("account_id", "=", p("account_id"))
      .where("user_id", "=", p("user_id")),
  );
  const remove = statement<Key>()((p) =>
    db.deleteFrom("memberships").where("account_id", "=", p("account_id")).where("user_id", "=", p("user_id")),
  );
  const ownerless = refuseWhen<Pick<Key, "account_id">>(db, (eb, p) =>
    eb.not(
      eb.exists(
        eb.selectFrom("memberships").select("user_id").where("account_id", "=", p("account_id")).where("is_owner", "=", sql.lit(1)),
      ),
    ),
  );
  const depart = statement<Key>()((p) =>
    db
      .insertInto("departures")
      .values({ account_id: p("account_id"), user_id: p("user_id") })
      .onConflict((conflict) => conflict.doNothing()),
  );
  const finish = statement<Key>()((p) =>
    db.deleteFrom("departures").where("account_id", "=", p("account_id")).where("user_id", "=", p("user_id")),
  );
  /** The member as it was seen, then the writes, and an owner behind them. */
  const guarded = (key: Key, expected: number, writes: readonly CommitStatement[]): readonly CommitStatement[] => [
    ...lock(`account/${key.account_id}`),
    toCommit(changed, { ...key, expected }, { check: () => staleRecord("member", key.user_id, expected) }),
    ...writes,
    toCommit(ownerless, { account_id: key.account_id }, { check: () => lastOwner(key.account_id) }),
  ];
  return {
    "insert-membership": ({ membership }) => {
      const { accountId, userId } = membership;
      return [
        ...lock(`account/${accountId}`),
        toCommit(insert, rowOf(membership), {
          "primary-key": () => memberExists(accountId, userId),
          "not-null": () => notFound("account", accountId),
        }),
      ];
    },
    "put-roles": ({ accountId, userId, roles, expected }) => {
      const key = { account_id: accountId, user_id: userId };
      return guarded(key, expected, [toCommit(put, { ...key, ...roleColumns(roles) })]);
    },
    "remove-membership": ({ accountId, userId, expected }) => {
      const key = { account_id: accountId, user_id: userId };
      return guarded(key, expected, [toCommit(remove, key), toCommit(depart, key)]);
    },
    "finish-departure": ({ accountId, userId }) => [toCommit(finish, { account_id: accountId, user_id: userId })],
  };
}

function roleColumns(roles: readonly Role[]): Pick<MembershipRow, "roles" | "is_owner"> {
  return { roles: JSON.stringify(roles), is_owner: roles.includes("owner") ? 1 : 0 };
}

function rowOf({ accountId, userId, roles, since, revision }: Membership): Omit<MembershipRow, "sort"> {
  return { account_id: accountId, user_id: userId, ...roleColumns(roles), since, revision };
}
