import { memberSchema, membershipSchema, rolesSchema, type Member, type Membership, type Role } from "@millrace/contracts";
import type { MembershipReads } from "@millrace/kernel";
import { sql } from "kysely";
import type { SqlConnection } from "../../connection.js";
import { OLDEST, anchorOf, type Anchor } from "../../page-anchor.js";
import { MAX_PAGE, checkLimit, unknownAfter } from "../../page.logic.js";
import { statement } from "../../statement.js";
import { parseJson, parseStored, parseStoredJson } from "../../stored-shape.logic.js";
import { toAccount } from "../accounts/reads.js";
import type { MembershipRow } from "./table.js";

type Key = Pick<MembershipRow, "account_id" | "user_id">;

export function membershipReads(connection: SqlConnection): MembershipReads {
  const { db } = connection;
  const get = statement<Key>()((p) =>
    db.selectFrom("memberships").selectAll().where("account_id", "=", p("account_id")).where("user_id", "=", p("user_id")),
  );
  const ofAccount = statement<Anchor & { account_id: string; limit: number }>()((p) =>
    db
      .selectFrom("memberships")
      .leftJoin("users", "users.id", "memberships.user_id")
      .selectAll("memberships")
      .select(["users.name", "users.email", "users.avatar_url"])
      .where("account_id", "=", p("account_id"))
      .where(sql<boolean>`(since, user_id) > (${p("anchor_at")}, ${p("anchor_id")})`)
      .orderBy("since")
      .orderBy("user_id")
      .limit(p("limit")),
  );
  const count = statement<{ account_id: string }>()((p) =>
    db
      .selectFrom("memberships")
      .select(({ fn }) => fn.countAll<number>().as("count"))
      .where("account_id", "=", p("account_id")),
  );
  const rolesOf = statement<{ user_id: string }>()((p) =>
    db.selectFrom("memberships").select(["account_id", "roles"]).where("user_id", "=", p("user_id")),
  );
  const accountsOf = statement<{ user_id: string; sort: string; after: string; limit: number }>()((p) =>
    db
      .selectFrom("memberships")
      .innerJoin("accounts", "accounts.id", "memberships.account_id")
      .selectAll("memberships")
      .select(["accounts.id", "accounts.document"])
      .where("memberships.user_id", "=", p("user_id"))
      .where(sql<boolean>`(memberships.sort, memberships.account_id) > (${p("sort")}, ${p("after")})`)
      .orderBy("memberships.sort")
      .orderBy("memberships.account_id")
      .limit(p("limit")),
  );
  const departures = statement<{ limit: number }>()((p) =>
    db
      .selectFrom("departures")
      .selectAll()
      .where("account_id", ">=", sql.lit(""))
      .orderBy("account_id")
      .orderBy("user_id")
      .limit(p("limit")),
  );
  return {
    async get(accountId, userId) {
      const [row] = await connection.all(get, { account_id: accountId, user_id: userId });
      return row === undefined ? null : toMembership(row);
    },
    async ofAccount(accountId, page) {
      const limit = checkLimit(page.limit, MAX_PAGE);
      const anchor = await anchorOf(page.after, OLDEST, async (userId) =>
        (await connection.all(get, { account_id: accountId, user_id: userId })).map(({ since }) => ({ created_at: since })),
      );
      return (await connection.all(ofAccount, { account_id: accountId, ...anchor, limit })).map(toMember);
    },
    async count(accountId) {
      const [row] = await connection.all(count, { account_id: accountId });
      return row?.count ?? 0;
    },
    async rolesOf(userId) {
      const rows = await connection.all(rolesOf, { user_id: userId });
      return new Map(rows.map(({ account_id: accountId, roles }) => [accountId, toRoles(roles, accountId, userId)]));
    },
    async accountsOf(userId, { after, limit }) {
      const checked = checkLimit(limit, MAX_PAGE);
      let sort = "";
      if (after !== undefined) {
        const [row] = await connection.all(get, { account_id: after, user_id: userId });
        if (row === undefined) throw unknownAfter(after);
        sort = row.sort;
      }
      const rows = await connection.all(accountsOf, { user_id: userId, sort, after: after ?? "", limit: checked });
      return rows.map((row) => ({ account: toAccount(row), membership: toMembership(row) }));
    },
    async departures(limit) {
      const rows = await connection.all(departures, { limit: checkLimit(limit, MAX_PAGE) });
      return rows.map(({ account_id: accountId, user_id: userId }) => ({ accountId, userId }));
    },
  };
}

function toMembership({ account_id: accountId, user_id: userId, roles, since, revision }: MembershipRow): Membership {
  const what = { entity: "member", id: `${accountId}/${userId}` };
  return parseStored(membershipSchema, { accountId, userId, roles: parseJson(roles, what), since, revision }, what);
}

type Called = { readonly name: string | null; readonly email: string | null; readonly avatar_url: string | null };

function toMember({ name, email, avatar_url: avatarUrl, ...row }: MembershipRow & Called): Member {
  const membership = toMembership(row);
  return parseStored(memberSchema, { ...membership, name, email, avatarUrl }, { entity: "user", id: row.user_id });
}

function toRoles(roles: string, accountId: string, userId: string): readonly Role[] {
  return parseStoredJson(rolesSchema, roles, { entity: "member", id: `${accountId}/${userId}` });
}
