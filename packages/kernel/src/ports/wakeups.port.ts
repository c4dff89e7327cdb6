/** A run that a driver has taken up, until `leaseUntil`. */
export interface Claim {
  readonly workspaceId: string;
  readonly runId: string;
  readonly owner: string;
  readonly leaseUntil: number;
}

/**
 * The queue of wake-ups a driver consumes. Writing a wake-up is a change of a commit (see `Store`);
 * this is the other end. A lease only keeps two drivers from doing the same work twice at the same
 * time; what they may write is guarded by the run's revision.
 */
export interface WakeUps {
  /** Takes up to `limit` runs that are due at `now` and not leased by another owner, oldest first. */
  claim(request: {
    readonly owner: string;
    readonly now: number;
    readonly leaseMs: number;
    readonly limit: number;
  }): Promise<readonly Claim[]>;
  /** Extends a claim; false when it was lost to another owner meanwhile. */
  renew(claim: Claim, leaseUntil: number): Promise<boolean>;
  /** Gives a claim back. The wake-up stays as the last commit left it. */
  release(claim: Claim): Promise<void>;
  /** Every owner of a claim that was not given back, once, in no particular order; claims whose lease has ended count too. */
  leaseOwners(): Promise<readonly string[]>;
  /** Gives back every claim of an owner that is known to be dead. Returns their number. */
  releaseOwner(owner: string): Promise<number>;
  /** When the next unleased wake-up is due; null when there is none. */
  nextDueAt(): Promise<number | null>;
  /** Moves a run's wake-up to `at` if it is later; false when the run has none. */
  nudge(workspaceId: string, runId: string, at: number): Promise<boolean>;
}
