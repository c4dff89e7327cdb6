/** Refusals about people that every store words alike. No address is in them. */
import { MillraceError } from "./errors.js";

/** `already_exists`: another user has the address. */
export function emailTaken(): MillraceError {
  return new MillraceError("already_exists", "another user has this address", { fix: "use another address, or sign in as that user" });
}

/** `already_exists`: what a person has at a provider is linked to another user. */
export function identityTaken(provider: string): MillraceError {
  return new MillraceError("already_exists", `this person of ${provider} is linked to a user already`, {
    fix: "sign in with it, and unlink it there first",
  });
}

/** `in_use`: the last way to sign in stays. */
export function lastIdentity(): MillraceError {
  return new MillraceError("in_use", "this is the only way in which the user can sign in", { fix: "add another one first" });
}

/** `stale_revision`: the user was changed meanwhile. */
export function staleUser(userId: string, expected: number): MillraceError {
  return new MillraceError("stale_revision", `user '${userId}' is not at revision ${expected} any more`, {
    fix: "Load it again and decide again.",
    details: { userId, expected },
  });
}

/** `proof_invalid`: unknown, used and expired read alike. */
export function proofInvalid(): MillraceError {
  return new MillraceError("proof_invalid", "this link or answer is not good, or not any more", { fix: "begin again" });
}

/** `sign_in_refused`: the user is gone or was kept out. */
export function userKeptOut(): MillraceError {
  return new MillraceError("sign_in_refused", "this user may not sign in", { fix: "ask the operator of this host" });
}

/** `limit_reached`: an owner has `max` tokens that have not expired. */
export function tokenLimitReached(max: number): MillraceError {
  return new MillraceError("limit_reached", `there are ${max} tokens already: that is the limit`, {
    fix: "revoke one that is not used any more",
    details: { limit: "tokens", max },
  });
}

/** `rate_limited`: too many attempts. The window ends at `resetAt` (epoch ms) at the latest. */
export function tooManyAttempts(resetAt: number): MillraceError {
  return new MillraceError("rate_limited", "there were too many attempts", { fix: "wait a while, then try again", details: { resetAt } });
}
