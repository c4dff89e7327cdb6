import type { AccountChanges, AccountReads } from "@millrace/kernel";
import { ownedLimitReached, staleRecord } from "@millrace/kernel";
import { copyOf } from "../copy.logic.js";
import type { Draft, MemoryHandlers } from "../draft.js";
import { byId, checkLimit, copyOrNull, MAX_PAGE } from "../paging.js";
import { taken } from "../row-checks.js";
import type { MemoryTables } from "../tables.js";

export const accountChanges: MemoryHandlers<AccountChanges> = {
  "insert-account"(draft, { account, limit }) {
    const { accounts } = draft.tables;
    if (limit !== undefined && organizationsOf(draft.tables, limit.ownerId) >= limit.maxOwned) throw ownedLimitReached(limit.maxOwned);
    if (accounts.has(account.id)) throw taken("account", account.id);
    draft.set(accounts, account.id, account);
  },
  "update-account"(draft, { account }) {
    requireAt(draft, account.id, account.revision - 1);
    draft.set(draft.tables.accounts, account.id, account);
  },
  "delete-account"(draft, { accountId, expected }) {
    const { accounts, memberships } = draft.tables;
    requireAt(draft, accountId, expected);
    for (const [key, membership] of memberships) if (membership.accountId === accountId) draft.delete(memberships, key);
    draft.delete(accounts, accountId);
  },
};

export function accountReads({ accounts }: MemoryTables): AccountReads {
  return {
    get: async (id) => copyOrNull(accounts.get(id)),
    deleting: async (before, limit) =>
      copyOf(
        [...accounts.values()]
          .flatMap((account) => (account.deletingAt === null || account.deletingAt >= before ? [] : [{ at: account.deletingAt, account }]))
          .toSorted((a, b) => a.at - b.at || byId(a.account, b.account))
          .map(({ account }) => account)
          .slice(0, checkLimit(limit, MAX_PAGE)),
      ),
  };
}

function requireAt({ tables }: Draft, id: string, expected: number): void {
  if (tables.accounts.get(id)?.revision !== expected) throw staleRecord("account", id, expected);
}

function organizationsOf({ accounts, memberships }: MemoryTables, userId: string): number {
  return [...memberships.values()].filter(
    (each) => each.userId === userId && each.roles.includes("owner") && accounts.get(each.accountId)?.kind === "organization",
  ).length;
}
