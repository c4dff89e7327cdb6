/**
 * Users and their ways to sign in.
 *
 * 1. One address and one subject of a provider belong to one user: unique keys hold it, whatever ran at the same time.
 * 2. What counts the identities of a user raises the revision of the user first, and what adds to a user locks its row: two of them are in
 *    order, and none adds to a user that is being deleted.
 */
import type { User } from "@millrace/contracts";
import type { StoredIdentity, UserChanges } from "@millrace/kernel";
import { emailTaken, identityTaken, lastIdentity, notFound, staleUser } from "@millrace/kernel";
import { sql } from "kysely";
import { toCommit, type ChangeHandlers } from "../../commit/commit-statement.js";
import { refuseWhen, taken } from "../../commit/guards.js";
import type { SqlBuilder } from "../../connection.js";
import { statement } from "../../statement.js";
import type { IdentityRow, UserRow } from "./table.js";

/** Tables with rows of a user, which go with it. */
const OF_USER = ["identities", "sessions", "api_tokens", "mail_proofs", "sign_in_states"] as const;

export function userChanges({ db }: SqlBuilder): ChangeHandlers<UserChanges> {
  const insert = statement<UserRow>()((p) =>
    db.insertInto("users").values({
      id: p("id"),
      name: p("name"),
      email: p("email"),
      is_email_verified: p("is_email_verified"),
      avatar_url: p("avatar_url"),
      timezone: p("timezone"),
      created_at: p("created_at"),
      disabled_at: p("disabled_at"),
      revision: p("revision"),
    }),
  );
  const missing = refuseWhen<{ id: string }>(db, (eb, p) =>
    eb.not(eb.exists(eb.selectFrom("users").select("id").where("id", "=", p("id")))),
  );
  const update = statement<Omit<UserRow, "revision" | "created_at"> & { expected: number }>()((p) =>
    db
      .updateTable("users")
      .set({
        name: p("name"),
        email: p("email"),
        is_email_verified: p("is_email_verified"),
        avatar_url: p("avatar_url"),
        timezone: p("timezone"),
        disabled_at: p("disabled_at"),
        revision: sql<number>`case when revision = ${p("expected")} then revision + 1 end`,
      })
      .where("id", "=", p("id")),
  );
  const raise = statement<{ id: string; expected: number }>()((p) =>
    db
      .updateTable("users")
      .set({ revision: sql<number>`case when revision = ${p("expected")} then revision + 1 end` })
      .where("id", "=", p("id")),
  );
  const touch = statement<{ id: string }>()((p) =>
    db
      .updateTable("users")
      .set({ revision: sql<number>`revision + 1` })
      .where("id", "=", p("id")),
  );
  const lock = statement<{ id: string }>()((p) =>
    db
      .updateTable("users")
      .set((eb) => ({ id: eb.ref("id") }))
      .where("id", "=", p("id")),
  );
  const remove = statement<{ id: string }>()((p) => db.deleteFrom("users").where("id", "=", p("id")));
  const removeOf = OF_USER.map((table) => statement<{ id: string }>()((p) => db.deleteFrom(table).where("user_id", "=", p("id"))));
  const insertIdentity = statement<IdentityRow>()((p) =>
    db.insertInto("identities").values({
      id: p("id"),
      user_id: p("user_id"),
      provider: p("provider"),
      subject: p("subject"),
      label: p("label"),
      name: p("name"),
      avatar_url: p("avatar_url"),
      digest: p("digest"),
      created_at: p("created_at"),
    }),
  );
  const updateIdentity = statement<Pick<IdentityRow, "provider" | "subject" | "label" | "name" | "avatar_url">>()((p) =>
    db
      .updateTable("identities")
      .set({ label: p("label"), name: p("name"), avatar_url: p("avatar_url") })
      .where("provider", "=", p("provider"))
      .where("subject", "=", p("subject")),
  );
  const updatePassword = statement<{ subject: string; before: string; digest: string }>()((p) =>
    db
      .updateTable("identities")
      .set({ digest: p("digest") })
      .where("provider", "=", sql.lit("password"))
      .where("subject", "=", p("subject"))
      .where("digest", "=", p("before")),
  );
  const missingIdentity = refuseWhen<{ user_id: string; id: string }>(db, (eb, p) =>
    eb.not(eb.exists(eb.selectFrom("identities").select("id").where("user_id", "=", p("user_id")).where("id", "=", p("id")))),
  );
  const isLast = refuseWhen<{ user_id: string; id: string }>(db, (eb, p) =>
    eb.not(eb.exists(eb.selectFrom("identities").select("id").where("user_id", "=", p("user_id")).where("id", "<>", p("id")))),
  );
  const removeIdentity = statement<{ user_id: string; id: string }>()((p) =>
    db.deleteFrom("identities").where("user_id", "=", p("user_id")).where("id", "=", p("id")),
  );
  const removePassword = statement<{ subject: string }>()((p) =>
    db.deleteFrom("identities").where("provider", "=", sql.lit("password")).where("subject", "=", p("subject")),
  );
  const exists = (id: string) => toCommit(missing, { id }, { check: () => notFound("user", id) });
  return {
    "insert-user": ({ user }) => [toCommit(insert, rowOf(user), { ...taken("user", user.id), unique: emailTaken })],
    "update-user": ({ user }) => {
      const { created_at: _, revision, ...row } = rowOf(user);
      const expected = revision - 1;
      return [
        exists(user.id),
        toCommit(update, { ...row, expected }, { "not-null": () => staleUser(user.id, expected), unique: emailTaken }),
      ];
    },
    "delete-user": ({ userId, expected }) => [
      exists(userId),
      toCommit(raise, { id: userId, expected }, { "not-null": () => staleUser(userId, expected) }),
      ...removeOf.map((each) => toCommit(each, { id: userId })),
      toCommit(remove, { id: userId }),
    ],
    "insert-identity": ({ identity }) => [
      toCommit(lock, { id: identity.userId }),
      exists(identity.userId),
      toCommit(insertIdentity, identityRowOf(identity), { "primary-key": () => identityTaken(identity.provider) }),
    ],
    "update-identity": ({ identity }) => {
      const { provider, subject, label, name, avatar_url } = identityRowOf(identity);
      return [toCommit(updateIdentity, { provider, subject, label, name, avatar_url })];
    },
    "update-password": ({ userId, before, digest }) => [toCommit(updatePassword, { subject: userId, before, digest })],
    "delete-identity": ({ userId, identityId }) => {
      const row = { user_id: userId, id: identityId };
      return [
        toCommit(touch, { id: userId }),
        toCommit(missingIdentity, row, { check: () => notFound("identity", identityId) }),
        toCommit(isLast, row, { check: lastIdentity }),
        toCommit(removeIdentity, row),
      ];
    },
    "delete-password": ({ userId }) => [toCommit(removePassword, { subject: userId })],
  };
}

function rowOf(user: User): UserRow {
  return {
    id: user.id,
    name: user.name,
    email: user.email,
    is_email_verified: user.isEmailVerified ? 1 : 0,
    avatar_url: user.avatarUrl,
    timezone: user.timezone,
    created_at: user.createdAt,
    disabled_at: user.disabledAt,
    revision: user.revision,
  };
}

function identityRowOf(identity: StoredIdentity): IdentityRow {
  return {
    id: identity.id,
    user_id: identity.userId,
    provider: identity.provider,
    subject: identity.subject,
    label: identity.label,
    name: identity.name,
    avatar_url: identity.avatarUrl,
    digest: identity.digest,
    created_at: identity.createdAt,
  };
}
