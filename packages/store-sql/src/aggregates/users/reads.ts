import { userSchema, type User } from "@millrace/contracts";
import type { StoredIdentity, UserReads } from "@millrace/kernel";
import { sql } from "kysely";
import type { SqlConnection } from "../../connection.js";
import { anchorOf, NEWEST, type Anchor } from "../../page-anchor.js";
import { MAX_PAGE, checkLimit } from "../../page.logic.js";
import { statement } from "../../statement.js";
import { parseStored } from "../../stored-shape.logic.js";
import type { IdentityRow, UserRow } from "./table.js";

/** Ways to sign in of one user at most. */
const MAX_IDENTITIES = 50;

/** Columns of a user beside those of another row. */
export const USER_COLUMNS = [
  "users.id as user__id",
  "users.name as user__name",
  "users.email as user__email",
  "users.is_email_verified as user__is_email_verified",
  "users.avatar_url as user__avatar_url",
  "users.timezone as user__timezone",
  "users.created_at as user__created_at",
  "users.disabled_at as user__disabled_at",
  "users.revision as user__revision",
] as const;

/** A row with those columns. */
export type JoinedUser = { readonly [Column in keyof UserRow as `user__${Column}`]: UserRow[Column] };

export function userReads(connection: SqlConnection): UserReads {
  const { db } = connection;
  const get = statement<{ id: string }>()((p) => db.selectFrom("users").selectAll().where("id", "=", p("id")));
  const byEmail = statement<{ email: string }>()((p) => db.selectFrom("users").selectAll().where("email", "=", p("email")));
  const list = statement<Anchor & { query: string; limit: number }>()((p) =>
    db
      .selectFrom("users")
      .selectAll()
      .where((eb) => eb(eb.refTuple("created_at", "id"), "<", eb.tuple(p("anchor_at"), p("anchor_id"))))
      .where(sql<boolean>`(${p("query")} = '' or substr(email, 1, length(${p("query")})) = ${p("query")})`)
      .orderBy("created_at", "desc")
      .orderBy("id", "desc")
      .limit(p("limit")),
  );
  const byIdentity = statement<{ provider: string; subject: string }>()((p) =>
    db
      .selectFrom("identities")
      .innerJoin("users", "users.id", "identities.user_id")
      .selectAll("identities")
      .select(USER_COLUMNS)
      .where("provider", "=", p("provider"))
      .where("subject", "=", p("subject")),
  );
  const identities = statement<{ user_id: string }>()((p) =>
    db
      .selectFrom("identities")
      .selectAll()
      .where("user_id", "=", p("user_id"))
      .orderBy("created_at")
      .orderBy("id")
      .limit(sql.lit(MAX_IDENTITIES)),
  );
  const one = async (rows: Promise<readonly UserRow[]>): Promise<User | null> => {
    const [row] = await rows;
    return row === undefined ? null : toUser(row);
  };
  return {
    get: (id) => one(connection.all(get, { id })),
    byEmail: (email) => one(connection.all(byEmail, { email })),
    async list({ limit, after, query = "" }) {
      const anchor = await anchorOf(after, NEWEST, (id) => connection.all(get, { id }));
      return (await connection.all(list, { ...anchor, query, limit: checkLimit(limit, MAX_PAGE) })).map(toUser);
    },
    async byIdentity(provider, subject) {
      const [row] = await connection.all(byIdentity, { provider, subject });
      return row === undefined ? null : { identity: toIdentity(row), user: toJoinedUser(row) };
    },
    async identities(userId) {
      return (await connection.all(identities, { user_id: userId })).map(toIdentity);
    },
  };
}

/** The user of a joined row. */
export function toJoinedUser(row: JoinedUser): User {
  return toUser({
    id: row.user__id,
    name: row.user__name,
    email: row.user__email,
    is_email_verified: row.user__is_email_verified,
    avatar_url: row.user__avatar_url,
    timezone: row.user__timezone,
    created_at: row.user__created_at,
    disabled_at: row.user__disabled_at,
    revision: row.user__revision,
  });
}

function toUser(row: UserRow): User {
  const user = {
    id: row.id,
    name: row.name,
    email: row.email,
    isEmailVerified: row.is_email_verified === 1,
    avatarUrl: row.avatar_url,
    timezone: row.timezone,
    createdAt: row.created_at,
    disabledAt: row.disabled_at,
    revision: row.revision,
  };
  return parseStored(userSchema, user, { entity: "user", id: row.id });
}

function toIdentity(row: IdentityRow): StoredIdentity {
  return {
    id: row.id,
    userId: row.user_id,
    provider: row.provider,
    subject: row.subject,
    label: row.label,
    name: row.name,
    avatarUrl: row.avatar_url,
    digest: row.digest,
    createdAt: row.created_at,
  };
}
