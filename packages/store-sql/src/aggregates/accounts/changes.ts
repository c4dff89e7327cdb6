import type { Account } from "@millrace/contracts";
import type { AccountChanges } from "@millrace/kernel";
import { ownedLimitReached, staleRecord } from "@millrace/kernel";
import { sql } from "kysely";
import { toCommit, type ChangeHandlers, type CommitStatement } from "../../commit/commit-statement.js";
import { refuseWhen, taken } from "../../commit/guards.js";
import { scopeLock } from "../../commit/scope-lock.js";
import type { SqlBuilder } from "../../connection.js";
import { statement } from "../../statement.js";
import type { AccountRow } from "./table.js";

type Expected = { readonly id: string; readonly expected: number };

export function accountChanges(builder: SqlBuilder): ChangeHandlers<AccountChanges> {
  const { db } = builder;
  const lock = scopeLock(builder);
  const insert = statement<AccountRow>()((p) =>
    db
      .insertInto("accounts")
      .values({ id: p("id"), sort: p("sort"), document: p("document"), deleting_at: p("deleting_at"), revision: p("revision") }),
  );
  const ownsTooMany = refuseWhen<{ user_id: string; max: number }>(db, (eb, p) =>
    eb(
      eb
        .selectFrom("memberships")
        .select(({ fn }) => fn.countAll<number>().as("count"))
        .where("user_id", "=", p("user_id"))
        .where("sort", ">=", sql.lit(ORGANIZATIONS))
        .where("is_owner", "=", sql.lit(1)),
      ">=",
      p("max"),
    ),
  );
  const changed = refuseWhen<Expected>(db, (eb, p) =>
    eb.not(eb.exists(eb.selectFrom("accounts").select("id").where("id", "=", p("id")).where("revision", "=", p("expected")))),
  );
  const update = statement<Omit<AccountRow, "revision"> & Expected>()((p) =>
    db
      .updateTable("accounts")
      .set({
        sort: p("sort"),
        document: p("document"),
        deleting_at: p("deleting_at"),
        revision: sql<number>`case when revision = ${p("expected")} then revision + 1 end`,
      })
      .where("id", "=", p("id")),
  );
  const sortMembers = statement<{ id: string; sort: string }>()((p) =>
    db
      .updateTable("memberships")
      .set({ sort: p("sort") })
      .where("account_id", "=", p("id")),
  );
  const removeMembers = statement<{ id: string }>()((p) => db.deleteFrom("memberships").where("account_id", "=", p("id")));
  const remove = statement<{ id: string }>()((p) => db.deleteFrom("accounts").where("id", "=", p("id")));
  /** The account, locked for the rest of the transaction: its members change one commit after the other. */
  const at = (id: string, expected: number): readonly CommitStatement[] => [
    ...lock(`account/${id}`),
    toCommit(changed, { id, expected }, { check: () => staleRecord("account", id, expected) }),
  ];
  return {
    "insert-account": ({ account, limit }) => [
      ...(limit === undefined
        ? []
        : [
            ...lock(`owner/${limit.ownerId}`),
            toCommit(ownsTooMany, { user_id: limit.ownerId, max: limit.maxOwned }, { check: () => ownedLimitReached(limit.maxOwned) }),
          ]),
      toCommit(insert, rowOf(account), taken("account", account.id)),
    ],
    "update-account": ({ account }) => {
      const { revision, ...row } = rowOf(account);
      const expected = revision - 1;
      return [
        ...at(row.id, expected),
        toCommit(update, { ...row, expected }, { "not-null": () => staleRecord("account", row.id, expected) }),
        toCommit(sortMembers, { id: row.id, sort: row.sort }),
      ];
    },
    "delete-account": ({ accountId: id, expected }) => [...at(id, expected), toCommit(removeMembers, { id }), toCommit(remove, { id })],
  };
}

/** Before every organisation, and behind every personal account, in the order of the accounts of a person. */
const ORGANIZATIONS = "1";

function rowOf(account: Account): AccountRow {
  const { id, kind, name, deletingAt, revision } = account;
  const sort = `${kind === "personal" ? "0" : ORGANIZATIONS}${name.toLowerCase()}`;
  return { id, sort, document: JSON.stringify(account), deleting_at: deletingAt, revision };
}
