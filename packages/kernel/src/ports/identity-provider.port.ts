/** What a provider says of a person who signed in there. */
export interface ProviderProfile {
  /** Id of the person there. It never changes, and no other person gets it. */
  readonly subject: string;
  /** Name that the person signs in with there; null: the provider has none. */
  readonly login: string | null;
  readonly email: string | null;
  /** The provider says that it has checked the address. */
  readonly isEmailVerified: boolean;
  readonly name: string | null;
  readonly avatarUrl: string | null;
  /** Organisations there that the person is in, as far as the provider says. */
  readonly organizations: readonly string[];
}

/** What ties the two halves of a sign-in together. Both are made for one sign-in, and told to nobody else. */
export interface SignInBinding {
  /** Comes back in the answer of the provider. */
  readonly nonce: string;
  /** Verifier of PKCE (RFC 7636): only its SHA-256 is in the first address. 43 to 128 characters. */
  readonly verifier: string;
  /** Where the provider sends the browser back to. */
  readonly redirectUri: string;
}

/** A service that people sign in with: OpenID Connect, GitHub. Each call brings its own time limit. */
export interface IdentityProvider {
  /** Unique in a host, and part of its addresses: `github`. Lower-case letters, digits and `-`. */
  readonly name: string;
  /** Name for people. */
  readonly label: string;
  /**
   * Address that a browser is sent to. `isFresh`: the provider asks the person again who they are, where it can.
   * @throws MillraceError `upstream_failed`, `upstream_refused`.
   */
  authorizationUrl(request: SignInBinding & { readonly state: string; readonly isFresh: boolean }): Promise<string>;
  /**
   * The person whose browser came back with these parameters.
   * @throws MillraceError `proof_invalid` when they prove nothing, `upstream_failed`, `upstream_refused`.
   */
  profileOf(
    request: SignInBinding & { readonly state: string; readonly parameters: Readonly<Record<string, string>> },
  ): Promise<ProviderProfile>;
}
