import { MillraceError, type Change, type HostScopeChanges, type MembershipReads } from "@millrace/kernel";
import { appendAccountEvent, type Authorship } from "../../platform/board-event.logic.js";

/** Accounts of one person that are left in one commit at most. */
const MAX_ACCOUNTS = 200;

/**
 * The changes that take a person who is deleted out of every account, and delete the personal one. The commit refuses the last owner of an
 * organisation.
 * @throws MillraceError `in_use` for a personal account that still has workspaces.
 */
export async function leaveAllAccounts(
  memberships: MembershipReads,
  countWorkspaces: (accountId: string) => Promise<number>,
  userId: string,
  by: Authorship,
): Promise<readonly Change<keyof HostScopeChanges>[]> {
  const changes: Change<keyof HostScopeChanges>[] = [];
  for (const { account } of await memberships.accountsOf(userId, { limit: MAX_ACCOUNTS })) {
    const { id: accountId, name, revision } = account;
    if (account.kind === "personal") {
      const count = await countWorkspaces(accountId);
      if (count > 0)
        throw new MillraceError("in_use", `your own account has ${count} workspaces`, {
          fix: "transfer or delete them first",
          details: { accountId, workspaces: count },
        });
      changes.push(
        { change: "delete-account", accountId, expected: revision },
        appendAccountEvent(accountId, by, { type: "account-deleted", name }),
      );
      continue;
    }
    const member = await memberships.get(accountId, userId);
    if (member === null) continue;
    changes.push(
      { change: "remove-membership", accountId, userId, expected: member.revision },
      appendAccountEvent(accountId, by, { type: "member-removed", userId, roles: member.roles }),
    );
  }
  return changes;
}
