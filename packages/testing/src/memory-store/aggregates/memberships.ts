import type { Account, Membership } from "@millrace/contracts";
import type { MembershipChanges, MembershipReads } from "@millrace/kernel";
import { lastOwner, memberExists, notFound, staleRecord } from "@millrace/kernel";
import { copyOf } from "../copy.logic.js";
import type { Draft, MemoryHandlers } from "../draft.js";
import { byId, checkLimit, compare, copyOrNull, MAX_PAGE, paged } from "../paging.js";
import { keyOf, type MemoryTables } from "../tables.js";

export const membershipChanges: MemoryHandlers<MembershipChanges> = {
  "insert-membership"(draft, { membership }) {
    const { accountId, userId } = membership;
    const { accounts, memberships } = draft.tables;
    const key = keyOf(accountId, userId);
    if (!accounts.has(accountId)) throw notFound("account", accountId);
    if (memberships.has(key)) throw memberExists(accountId, userId);
    draft.set(memberships, key, membership);
  },
  "put-roles"(draft, { accountId, userId, roles, expected }) {
    const membership = memberAt(draft, accountId, userId, expected);
    draft.set(draft.tables.memberships, keyOf(accountId, userId), { ...membership, roles: [...roles], revision: expected + 1 });
    requireOwner(draft, accountId);
  },
  "remove-membership"(draft, { accountId, userId, expected }) {
    const { memberships, departures } = draft.tables;
    memberAt(draft, accountId, userId, expected);
    draft.delete(memberships, keyOf(accountId, userId));
    draft.set(departures, keyOf(accountId, userId), { accountId, userId });
    requireOwner(draft, accountId);
  },
  "finish-departure": (draft, { accountId, userId }) => draft.delete(draft.tables.departures, keyOf(accountId, userId)),
};

export function membershipReads({ accounts, memberships, departures, users }: MemoryTables): MembershipReads {
  const ofAccount = (accountId: string): readonly Membership[] => [...memberships.values()].filter((each) => each.accountId === accountId);
  const ofUser = (userId: string): readonly Membership[] => [...memberships.values()].filter((each) => each.userId === userId);
  return {
    get: async (accountId, userId) => copyOrNull(memberships.get(keyOf(accountId, userId))),
    ofAccount: async (accountId, page) => {
      const sorted = ofAccount(accountId).toSorted((a, b) => a.since - b.since || compare(a.userId, b.userId));
      const members = paged(
        sorted.map((membership) => ({ id: membership.userId, membership })),
        page,
      );
      return members.map(({ id, membership }) => {
        const { name = null, email = null, avatarUrl = null } = users.get(id) ?? {};
        return { ...membership, name, email, avatarUrl };
      });
    },
    count: async (accountId) => ofAccount(accountId).length,
    rolesOf: async (userId) => new Map(copyOf(ofUser(userId)).map(({ accountId, roles }) => [accountId, roles])),
    accountsOf: async (userId, page) => {
      const own = ofUser(userId).flatMap((membership) => {
        const account = accounts.get(membership.accountId);
        return account === undefined ? [] : [{ id: account.id, account, membership }];
      });
      const sorted = own.toSorted((a, b) => compare(placeOf(a.account), placeOf(b.account)) || byId(a, b));
      return paged(sorted, page).map(({ account, membership }) => ({ account, membership }));
    },
    departures: async (limit) => copyOf([...departures.values()].slice(0, checkLimit(limit, MAX_PAGE))),
  };
}

/** Place among the accounts of a person: the personal one first, then by name. */
function placeOf({ kind, name }: Account): string {
  return `${kind === "personal" ? "0" : "1"}${name.toLowerCase()}`;
}

function memberAt({ tables }: Draft, accountId: string, userId: string, expected: number): Membership {
  const membership = tables.memberships.get(keyOf(accountId, userId));
  if (membership?.revision !== expected) throw staleRecord("member", userId, expected);
  return membership;
}

function requireOwner({ tables }: Draft, accountId: string): void {
  const hasOwner = [...tables.memberships.values()].some((each) => each.accountId === accountId && each.roles.includes("owner"));
  if (!hasOwner) throw lastOwner(accountId);
}
