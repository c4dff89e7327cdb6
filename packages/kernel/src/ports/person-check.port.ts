import type { Deed } from "@millrace/contracts";

/** A deed that only people do, and what its caller brought to prove to be the person it names. */
export interface PersonClaim {
  readonly deed: Deed;
  readonly workspaceId: string;
  /** Id of the person that the caller claims to be. */
  readonly person: string;
  /** A token, a session, or whatever else the host takes; null: the caller brought nothing. */
  readonly credential: string | null;
}

/** Asked before a person's deed is accepted: an agent runs as the same operating-system user, so a name proves nothing. */
export interface PersonCheck {
  /**
   * How the person was proven, for the record of the deed: `terminal`, `token mr_4f…`, at most 100 characters and never a secret. Null: this
   * host trusts every caller.
   * @throws MillraceError `unauthenticated` without a credential, `invalid_credentials` for one that does not prove this person.
   */
  prove(claim: PersonClaim): Promise<string | null>;
}
