import type { User } from "@millrace/contracts";
import type { Clock, DigestText, IdSource, Mailer, PasswordHasher, Store } from "@millrace/kernel";
import type { Authorship } from "../../platform/board-event.logic.js";
import type { HostChange } from "../../platform/host-change.js";
import type { PublicUrl } from "../../platform/public-url.logic.js";

/** What the module works with. */
export interface UsersPorts {
  readonly store: Store;
  readonly clock: Clock;
  readonly ids: IdSource;
  readonly mailer: Mailer;
  /** Default: nobody has a password. */
  readonly passwords?: PasswordHasher;
  readonly digestText?: DigestText;
}

/** What the module needs of others. Those that return changes are for a commit of this module. */
export interface UsersCalls {
  /** The account of the user alone, of which they are owner. */
  readonly createPersonalAccount: (user: User, by: Authorship) => readonly HostChange[];
  /**
   * Takes a user out of all accounts, and removes the personal one.
   * @throws MillraceError `last_owner`, `in_use`.
   */
  readonly leaveAccounts: (user: User, by: Authorship) => Promise<readonly HostChange[]>;
  /** Ends the memberships that a user came to through an address that is not theirs. */
  readonly endMembershipsByAddress: (user: User, by: Authorship) => Promise<readonly HostChange[]>;
  /** The open invitation with that token; null: there is none. */
  readonly findInvitation: (token: string) => Promise<{ readonly id: string; readonly email: string } | null>;
  /**
   * Accepts an invitation for a user who is there, or will be with the commit.
   * @throws MillraceError `invitation_closed`, `email_mismatch`, `email_unverified`.
   */
  readonly acceptInvitation: (invitationId: string, user: User, by: Authorship) => Promise<readonly HostChange[]>;
  /** Whether an address may sign up without an invitation. */
  readonly admits: (email: string) => boolean;
  readonly publicUrl: PublicUrl;
}
