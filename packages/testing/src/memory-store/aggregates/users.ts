import type { User } from "@millrace/contracts";
import {
  emailTaken,
  identityTaken,
  lastIdentity,
  notFound,
  staleUser,
  type StoredIdentity,
  type UserChanges,
  type UserReads,
} from "@millrace/kernel";
import { copyOf } from "../copy.logic.js";
import type { Draft, MemoryHandlers } from "../draft.js";
import { byId, copyOrNull, oldestFirst, paged } from "../paging.js";
import { taken } from "../row-checks.js";
import { keyOf, type MemoryTables } from "../tables.js";

/** Ways to sign in of one user at most. */
const MAX_IDENTITIES = 50;

export const userChanges: MemoryHandlers<UserChanges> = {
  "insert-user"(draft, { user }) {
    const { users } = draft.tables;
    if (users.has(user.id)) throw taken("user", user.id);
    checkEmail(draft, user);
    draft.set(users, user.id, user);
  },
  "update-user"(draft, { user }) {
    const { createdAt } = requireUser(draft, user.id, user.revision - 1);
    checkEmail(draft, user);
    draft.set(draft.tables.users, user.id, { ...user, createdAt });
  },
  "delete-user"(draft, { userId, expected }) {
    requireUser(draft, userId, expected);
    const { users, identities, sessions, apiTokens, mailProofs, signInStates } = draft.tables;
    for (const table of [identities, sessions, apiTokens, mailProofs, signInStates])
      for (const [key, row] of table) if (row.userId === userId) draft.delete<string, object>(table, key);
    draft.delete(users, userId);
  },
  "insert-identity"(draft, { identity }) {
    const { users, identities } = draft.tables;
    if (!users.has(identity.userId)) throw notFound("user", identity.userId);
    const key = keyOf(identity.provider, identity.subject);
    if (identities.has(key)) throw identityTaken(identity.provider);
    draft.set(identities, key, identity);
  },
  "update-identity"(draft, { identity: { provider, subject, label, name, avatarUrl } }) {
    const stored = draft.tables.identities.get(keyOf(provider, subject));
    if (stored !== undefined) draft.set(draft.tables.identities, keyOf(provider, subject), { ...stored, label, name, avatarUrl });
  },
  "update-password"(draft, { userId, before, digest }) {
    const stored = draft.tables.identities.get(keyOf("password", userId));
    if (stored?.digest === before) draft.set(draft.tables.identities, keyOf("password", userId), { ...stored, digest });
  },
  "delete-identity"(draft, { userId, identityId }) {
    const { users, identities } = draft.tables;
    const own = [...identities].filter(([, identity]) => identity.userId === userId);
    const [found] = own.filter(([, { id }]) => id === identityId);
    if (found === undefined) throw notFound("identity", identityId);
    if (own.length === 1) throw lastIdentity();
    const user = users.get(userId);
    if (user !== undefined) draft.set(users, userId, { ...user, revision: user.revision + 1 });
    draft.delete(identities, found[0]);
  },
  "delete-password"(draft, { userId }) {
    draft.delete(draft.tables.identities, keyOf("password", userId));
  },
};

function checkEmail(draft: Draft, { id, email }: User): void {
  if (email !== null && [...draft.tables.users.values()].some((other) => other.email === email && other.id !== id)) throw emailTaken();
}

function requireUser(draft: Draft, id: string, expected: number): User {
  const stored = draft.tables.users.get(id);
  if (stored === undefined) throw notFound("user", id);
  if (stored.revision !== expected) throw staleUser(id, expected);
  return stored;
}

export function userReads({ users, identities }: MemoryTables): UserReads {
  return {
    get: async (id) => copyOrNull(users.get(id)),
    byEmail: async (email) => copyOrNull([...users.values()].find((user) => user.email === email)),
    list: async ({ query = "", ...page }) =>
      paged([...users.values()].toSorted(oldestFirst).toReversed(), page, ({ email }) => query === "" || email?.startsWith(query) === true),
    async byIdentity(provider, subject) {
      const identity = identities.get(keyOf(provider, subject));
      const user = identity === undefined ? undefined : users.get(identity.userId);
      return identity === undefined || user === undefined ? null : copyOf({ identity, user });
    },
    identities: async (userId) => copyOf(identitiesOf(identities, userId).slice(0, MAX_IDENTITIES)),
  };
}

function identitiesOf(identities: ReadonlyMap<string, StoredIdentity>, userId: string): readonly StoredIdentity[] {
  return [...identities.values()]
    .filter((identity) => identity.userId === userId)
    .toSorted((a, b) => a.createdAt - b.createdAt || byId(a, b));
}
