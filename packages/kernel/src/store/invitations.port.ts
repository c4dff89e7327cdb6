import type { Digest, InvitationStatus, StoredInvitation } from "@millrace/contracts";
import type { Page } from "./page.port.js";

/** Changes of the invitations of an account. */
export interface InvitationChanges {
  /**
   * Fails with `not_found` when the account is missing, `conflict` when the address has a pending one, and `limit_reached` when as many are
   * pending and not expired at `createdAt` as may be. Of the link only the digest is stored.
   */
  "insert-invitation": { readonly invitation: StoredInvitation; readonly tokenDigest: Digest; readonly maxPending: number };
  /** Gives a pending one a new link. Fails with `stale_revision` unless it is pending and at `expected`. */
  "renew-invitation": {
    readonly accountId: string;
    readonly invitationId: string;
    readonly expected: number;
    readonly tokenDigest: Digest;
    readonly invitedBy: string;
    /** Epoch ms. */
    readonly expiresAt: number;
  };
  /** Fails like `renew-invitation`: of two that end one at the same time, the second is refused. */
  "end-invitation": {
    readonly accountId: string;
    readonly invitationId: string;
    readonly expected: number;
    readonly as: Exclude<StoredInvitation["status"], "pending">;
    /** Epoch ms. */
    readonly at: number;
  };
  /** Removes all invitations of an account. */
  "remove-invitations": { readonly accountId: string };
}

/** Changes of invitations that the host makes, over all accounts. */
export interface InvitationPurgeChanges {
  /** Removes at most `limit` invitations that ended, or expired while they were pending, before `before` (epoch ms). */
  "purge-invitations": { readonly before: number; readonly limit: number };
}

/** Which invitations of an account are listed, and as of when: an expired one is a pending one whose time has come. */
export interface InvitationQuery {
  /** Default: all. */
  readonly status?: InvitationStatus | undefined;
  /** Epoch ms. */
  readonly now: number;
}

/** Reads of invitations. */
export interface InvitationReads {
  get(accountId: string, id: string): Promise<StoredInvitation | null>;
  /** The pending one of an address, expired or not. */
  pendingOf(accountId: string, email: string): Promise<StoredInvitation | null>;
  /** The one whose latest link has this digest. */
  byToken(tokenDigest: Digest): Promise<StoredInvitation | null>;
  /** Newest first. */
  list(accountId: string, query: InvitationQuery, page: Page): Promise<readonly StoredInvitation[]>;
  /** True if `purge-invitations` would find one. */
  anyOver(before: number): Promise<boolean>;
}
