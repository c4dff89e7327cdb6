import type { User } from "@millrace/contracts";
import type { Clock, DigestText, IdentityProvider, IdSource, Log, PasswordHasher, ProviderProfile, Store } from "@millrace/kernel";
import type { Authorship } from "../../platform/board-event.logic.js";
import type { HostChange } from "../../platform/host-change.js";
import type { Caller, Grants } from "../../platform/operations/caller.js";

/** What the module works with. */
export interface SignInPorts {
  readonly store: Store;
  readonly clock: Clock;
  readonly ids: IdSource;
  readonly log: Log;
  readonly passwords?: PasswordHasher;
  readonly identityProviders?: readonly IdentityProvider[];
  readonly digestText?: DigestText;
}

/** A sign-up with a password. */
interface SignUp {
  readonly email: string;
  readonly password: string;
  readonly name?: string | undefined;
  readonly invitation?: string | undefined;
}

/** What the module needs of others. Those that return changes are for a commit of this module. */
export interface SignInCalls {
  /** Roles of a user by the id of the account, read now. */
  readonly grantsOf: (userId: string) => Promise<Grants["accounts"]>;
  /** Whose sign-in it is, and the changes that make it so. */
  readonly resolveSignIn: (
    provider: string,
    profile: ProviderProfile,
    at: number,
  ) => Promise<{ readonly is: "known" | "linked" | "new"; readonly user: User; readonly changes: readonly HostChange[] }>;
  readonly linkIdentity: (userId: string, provider: string, profile: ProviderProfile, by: Authorship) => readonly HostChange[];
  /** The open invitation with that token; null: there is none. */
  readonly findInvitation: (token: string) => Promise<{ readonly id: string; readonly email: string } | null>;
  /** @throws MillraceError `invitation_closed`, `email_mismatch`, `email_unverified`. */
  readonly acceptInvitation: (invitationId: string, user: User, by: Authorship) => Promise<readonly HostChange[]>;
  /** @throws MillraceError `sign_in_refused`, `rate_limited`, `validation`, `not_configured`. */
  readonly signUp: (caller: Caller, request: SignUp) => Promise<void>;
  /** Null: it is not that user's password. Else the changes that hash it anew, if it needs to be. A user without one takes the same time. */
  readonly verifyPassword: (userId: string, password: string) => Promise<readonly HostChange[] | null>;
  /** @throws MillraceError `invalid_credentials`, `rate_limited`, `not_configured`. */
  readonly provePassword: (userId: string, password: string) => Promise<void>;
  /** Mails are sent. */
  readonly hasMail: boolean;
}
