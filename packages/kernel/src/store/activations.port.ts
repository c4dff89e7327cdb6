/** A personal credential, sealed by the host, that one run may use until it ends. */
export interface Activation {
  readonly workspaceId: string;
  readonly runId: string;
  /** Vendor the credential is for. */
  readonly vendor: string;
  /** Ciphertext; the store never sees what is in it. */
  readonly sealed: string;
  /** Epoch ms. */
  readonly expiresAt: number;
}

/** Changes of the credentials of runs. */
export interface ActivationChanges {
  /** Replaces the run's activation of that vendor. Fails with `not_found` when the run is missing. */
  "put-activation": { readonly activation: Activation };
  /** Removes all activations of the run. */
  "delete-activations": { readonly workspaceId: string; readonly runId: string };
}

/** Reads of the credentials of runs. */
export interface ActivationReads {
  get(workspaceId: string, runId: string, vendor: string): Promise<Activation | null>;
  /** Deletes activations that expired before `now` (epoch ms), of all workspaces; returns how many. */
  deleteExpired(now: number): Promise<number>;
}
