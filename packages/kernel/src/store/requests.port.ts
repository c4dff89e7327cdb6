/** Scope that a request changes, with its id. */
export type ScopeRef = { readonly of: "workspace" | "account"; readonly id: string } | { readonly of: "host" };

/** Identity of a request that its caller may send again: two with the same identity are one. */
export interface RequestKey {
  readonly scope: ScopeRef;
  /** Identity of the caller: the type and id of its actor. */
  readonly caller: string;
  /** Name of the operation, `runs.start`. */
  readonly operation: string;
  /** Idempotency key that the caller chose. */
  readonly key: string;
}

/** A request that landed, and its answer. */
export interface RememberedRequest extends RequestKey {
  /** Digest of its input. */
  readonly digest: string;
  /** The answer as JSON, without secrets. */
  readonly answer: string;
  /** When it landed, in epoch ms. */
  readonly at: number;
}

/** Changes of remembered requests. They belong to the scope of what the request changed, so that both land in one commit. */
export interface RequestChanges {
  /**
   * Fails with `conflict` when the request is remembered already. Also forgets what the same caller sent to that scope before
   * `forgetBefore` (epoch ms).
   */
  "remember-request": { readonly request: RememberedRequest; readonly forgetBefore: number };
}

/** Reads of remembered requests. */
export interface RequestReads {
  get(key: RequestKey): Promise<RememberedRequest | null>;
}
