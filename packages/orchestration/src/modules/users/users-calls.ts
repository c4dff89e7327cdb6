import type { User } from "@millrace/contracts";
import type { Authorship } from "../../platform/board-event.logic.js";
import type { HostChange } from "../../platform/host-change.js";
import type { ComposedPorts } from "../../platform/ports.js";
import type { PublicUrl } from "../../platform/public-url.logic.js";

/** What the module works with. */
export type UsersPorts = Pick<ComposedPorts, "store" | "clock" | "ids" | "mailer" | "passwords" | "digestText">;

/** What the module needs of others. Those that return changes are for a commit of this module. */
export interface UsersCalls {
  /** The account of the user alone, of which they are owner. */
  readonly createPersonalAccount: (user: User, by: Authorship) => readonly HostChange[];
  /**
   * Takes a user out of all accounts, and removes the personal one.
   * @throws MillraceError `last_owner`, `in_use`.
   */
  readonly leaveAccounts: (user: User, by: Authorship) => Promise<readonly HostChange[]>;
  /** The open invitation of that token and address, by the digest of the token; null: there is none. */
  readonly findInvitation: (token: string, email: string) => Promise<string | null>;
  /**
   * Accepts an invitation for a user who is there, or will be with the commit.
   * @throws MillraceError `invitation_closed`, `email_mismatch`, `email_unverified`, `not_found`.
   */
  readonly acceptInvitation: (tokenDigest: string, user: User, by: Authorship) => Promise<readonly HostChange[]>;
  /** Whether an address may sign up without an invitation. */
  readonly admits: (email: string) => boolean;
  readonly publicUrl: PublicUrl;
}
