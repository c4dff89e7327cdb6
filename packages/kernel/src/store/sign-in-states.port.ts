/** A browser that is at a provider, and what it went there for. */
export interface SignInState {
  readonly id: string;
  /** SHA-256 of what the provider sends back with the browser, unique. */
  readonly digest: string;
  /** SHA-256 of the secret of the browser: the state of another browser is worth nothing. */
  readonly browser: string;
  /** `sign-in`: begin a session. `link`: add a way to sign in. `confirm`: prove anew who the person of a session is. */
  readonly purpose: "sign-in" | "link" | "confirm";
  readonly provider: string;
  /** The user and the session it is bound to; null: a sign-in. */
  readonly userId: string | null;
  readonly sessionId: string | null;
  /** Where the browser goes in the end. */
  readonly redirect: string;
  /** Digest of the token of the invitation that it came with; null: it had none. */
  readonly invitation: string | null;
  /** Epoch ms. */
  readonly expiresAt: number;
}

/** Changes of sign-ins at providers. They belong to the host. */
export interface SignInStateChanges {
  /** Fails with `conflict` when the id is in use. */
  "insert-sign-in-state": { readonly state: SignInState };
  /** Uses it up. Fails with `proof_invalid` when it is gone: each is good for once. */
  "take-sign-in-state": { readonly stateId: string };
}

/** Reads of sign-ins at providers. */
export interface SignInStateReads {
  byDigest(digest: string): Promise<SignInState | null>;
  /** Deletes those that expired before `before` (epoch ms), at most `limit` (1..200); returns how many. */
  deleteExpired(before: number, limit: number): Promise<number>;
}
