import type { User } from "@millrace/contracts";
import type { ProviderProfile } from "@millrace/kernel";
import type { Authorship } from "../../platform/board-event.logic.js";
import type { HostChange } from "../../platform/host-change.js";
import type { Caller, Grants } from "../../platform/operations/caller.js";
import type { OrchestrationPorts } from "../../platform/ports.js";

/** What the module works with. */
export type SignInPorts = Pick<OrchestrationPorts, "store" | "clock" | "ids" | "log" | "passwords" | "identityProviders" | "digestText">;

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
  /** The open invitation of that token, by the digest of the token; null: there is none. */
  readonly findInvitation: (token: string) => Promise<string | null>;
  /** @throws MillraceError `invitation_closed`, `email_mismatch`, `email_unverified`, `not_found`. */
  readonly acceptInvitation: (tokenDigest: string, user: User, by: Authorship) => Promise<readonly HostChange[]>;
  /** @throws MillraceError `sign_in_refused`, `rate_limited`, `validation`, `not_configured`. */
  readonly signUp: (caller: Caller, request: SignUp) => Promise<void>;
  /** Null: it is not that user's password. Else the changes that hash it anew, if it needs to be. A user without one takes the same time. */
  readonly verifyPassword: (userId: string, password: string) => Promise<readonly HostChange[] | null>;
  /** @throws MillraceError `invalid_credentials`, `rate_limited`, `not_configured`. */
  readonly provePassword: (userId: string, password: string) => Promise<void>;
  /** Mails are sent. */
  readonly hasMail: boolean;
}
