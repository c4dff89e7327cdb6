/** Place of a run in the landing queue of a base branch. */
export interface Landing {
  readonly workspaceId: string;
  readonly runId: string;
  /** Name of the queue: one for each repository and base branch. 1 to 1,000 characters. */
  readonly lane: string;
}

/** Position of a run in its queue; `ahead` is the number of runs before it, 0 for the first. */
export interface LandingPosition {
  readonly lane: string;
  readonly ahead: number;
}

/** Changes of the landing queues of a workspace. */
export interface LandingChanges {
  /** Takes the last place of the lane; a run that has a place already keeps it. Fails with `not_found` when the run is missing. */
  "join-landing-queue": Landing;
  /** Gives the place up. A run without one stays so. */
  "leave-landing-queue": Pick<Landing, "workspaceId" | "runId">;
}

/** Reads of the landing queues of a workspace. */
export interface LandingReads {
  /** Null when the run has no place. */
  position(workspaceId: string, runId: string): Promise<LandingPosition | null>;
  /** The runs of a lane, the first in line first, at most `limit` (1..200). */
  line(workspaceId: string, lane: string, limit: number): Promise<readonly string[]>;
}
