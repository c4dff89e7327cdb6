/** Refusals about accounts that every store words alike. */
import { MillraceError } from "./errors.js";

/** `last_owner`: an account has an owner. */
export function lastOwner(accountId: string): MillraceError {
  return new MillraceError("last_owner", `account '${accountId}' would have no owner`, {
    fix: "make another member an owner first",
    details: { accountId },
  });
}

/** `limit_reached`: a person owns as many organisations as it may. */
export function ownedLimitReached(max: number): MillraceError {
  return new MillraceError("limit_reached", `${max} organisations are owned by this person already: that is the limit`, {
    fix: "delete one, or make another member the owner of one",
    details: { limit: "organizations", max },
  });
}

/** `already_exists`: a person is a member already. */
export function memberExists(accountId: string, userId: string): MillraceError {
  return new MillraceError("already_exists", `user '${userId}' is a member of account '${accountId}' already`, {
    fix: "change the roles of the member",
    details: { accountId, userId },
  });
}

/**
 * `stale_revision`: an account, a membership or an invitation was changed meanwhile, or is gone. `revision` is what it is now; default:
 * not known.
 */
export function staleRecord(entity: string, id: string, expected: number, revision?: number): MillraceError {
  return new MillraceError("stale_revision", `${entity} '${id}' is not at revision ${expected} any more`, {
    fix: "Load it again and decide again.",
    details: { entity, id, expected, ...(revision === undefined ? {} : { revision }) },
  });
}

/** `limit_reached`: an account has as many open invitations as it may. */
export function pendingLimitReached(max: number): MillraceError {
  return new MillraceError("limit_reached", `${max} invitations of this account are pending: that is the limit`, {
    fix: "revoke one that will not be accepted",
    details: { limit: "invitations", max },
  });
}

/** `conflict`: another invitation of the same address went out meanwhile. */
export function pendingExists(accountId: string): MillraceError {
  return new MillraceError("conflict", `the address has a pending invitation into account '${accountId}' already`, {
    fix: "look at the invitations again; send it again, or revoke it",
    details: { accountId },
  });
}
