import type { Account, Member, Membership, Role } from "@millrace/contracts";
import type { Page } from "./page.port.js";

/** Changes of an account itself. */
export interface AccountChanges {
  /**
   * Fails with `conflict` when the id is in use, and with `limit_reached` when its owner owns `maxOwned` organisations already. Default:
   * there is no limit. Its owner comes with an `insert-membership` of the same commit.
   */
  "insert-account": { readonly account: Account; readonly limit?: { readonly ownerId: string; readonly maxOwned: number } };
  /** Replaces the account. Fails with `stale_revision` unless the stored revision is one less than the new one, or when it is gone. */
  "update-account": { readonly account: Account };
  /** Removes the account with its members. Fails with `stale_revision` unless it is at `expected`, or when it is gone. */
  "delete-account": { readonly accountId: string; readonly expected: number };
}

/** Reads of accounts. */
export interface AccountReads {
  get(id: string): Promise<Account | null>;
  /** Accounts whose deletion was asked for before `before` (epoch ms) and is not over, at most `limit` (1..200). */
  deleting(before: number, limit: number): Promise<readonly Account[]>;
}

/** A person that is no member any more, and what it still has in the workspaces of the account. */
export interface Departure {
  readonly accountId: string;
  readonly userId: string;
}

/** Changes of the members of an account. */
export interface MembershipChanges {
  /** Fails with `already_exists` when the person is a member, `not_found` when the account is missing: its own change comes before. */
  "insert-membership": { readonly membership: Membership };
  /**
   * Raises the revision. Fails with `stale_revision` unless the membership is at `expected`, or when it is gone, and with `last_owner`
   * when no owner remains. Of two that take the role from the last two owners at the same time, one is refused.
   */
  "put-roles": { readonly accountId: string; readonly userId: string; readonly roles: readonly Role[]; readonly expected: number };
  /** Also notes the departure. Fails like `put-roles`. */
  "remove-membership": { readonly accountId: string; readonly userId: string; readonly expected: number };
  /** What the person had in the workspaces of the account is gone. Noting it again does nothing. */
  "finish-departure": { readonly accountId: string; readonly userId: string };
}

/** Reads of memberships. */
export interface MembershipReads {
  get(accountId: string, userId: string): Promise<Membership | null>;
  /** Members of an account with what their users are called, longest there first. `after` is the id of a user. */
  ofAccount(accountId: string, page: Page): Promise<readonly Member[]>;
  /** Number of members. */
  count(accountId: string): Promise<number>;
  /** Roles of a person by the id of the account, all of them in one query. */
  rolesOf(userId: string): Promise<ReadonlyMap<string, readonly Role[]>>;
  /** Accounts of a person: the personal one first, then by name in lower case. `after` is the id of an account. */
  accountsOf(userId: string, page: Page): Promise<readonly { readonly account: Account; readonly membership: Membership }[]>;
  /** Departures that are not finished, at most `limit` (1..200). */
  departures(limit: number): Promise<readonly Departure[]>;
}
