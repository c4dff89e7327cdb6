/** A run that a driver has claimed until `leaseUntil`, in epoch ms. */
export interface Claim {
  readonly workspaceId: string;
  readonly runId: string;
  readonly owner: string;
  readonly leaseUntil: number;
}

/** Names a run. */
export interface RunKey {
  readonly workspaceId: string;
  readonly runId: string;
}

/**
 * The queue of wake-ups, from the side of the driver that consumes it; a wake-up is written by a change of a commit (see `Store`).
 * A lease only keeps two drivers from doing the same work at the same time: the revision of the run guards what they write. Times are
 * in epoch ms.
 */
export interface WakeUps {
  /** Claims up to `limit` runs that are due at `now` and have no lease, not even of `owner`, oldest first. */
  claim(request: {
    readonly owner: string;
    readonly now: number;
    readonly leaseMs: number;
    readonly limit: number;
    /** The only runs to claim. Default: any. */
    readonly only?: readonly RunKey[] | undefined;
  }): Promise<readonly Claim[]>;
  /** Extends a claim; false when another owner has claimed the run meanwhile. */
  renew(claim: Claim, leaseUntil: number): Promise<boolean>;
  /** Gives a claim back. The wake-up stays as the last commit left it. */
  release(claim: Claim): Promise<void>;
  /** Every owner of a claim that was not given back, once, in no particular order; claims whose lease has ended count too. */
  leaseOwners(): Promise<readonly string[]>;
  /** Gives back every claim of an owner that is known to be dead. Returns their number. */
  releaseOwner(owner: string): Promise<number>;
  /**
   * Repairs what the step back of a clock has left: a wake-up that was set later than `now` is due, and a claim that lasts longer than
   * `leaseMs` from now ends half of it from now, so that an owner that lives can renew it. Returns the number of rows it changed.
   */
  realign(request: { readonly now: number; readonly leaseMs: number }): Promise<number>;
  /** When the next unleased wake-up is due, of all runs or `only` of the given ones; null when there is none. */
  nextDueAt(only?: readonly RunKey[]): Promise<number | null>;
  /** Moves a run's wake-up to `at` if it is later; false when the run has none. */
  nudge(workspaceId: string, runId: string, at: number): Promise<boolean>;
}
