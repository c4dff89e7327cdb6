import type { Block, Workspace } from "@millrace/contracts";

/** The board of a call, as a block is looked up on it. */
export type LookedUpOn = Pick<Workspace, "id" | "accountId">;

/** A block that a board shows, and where it is stored. */
export interface ResolvedBlock {
  /** Workspace that the block is stored in: whatever changes it is committed there. */
  readonly homeId: string;
  readonly block: Block;
  /** `own`: the board is its home. `mount`: the board shows its service, which another board of the account has. */
  readonly via: "own" | "mount";
}

/**
 * The one way to look a block up that a caller names: on the board itself, else in the services of other boards that it shows. One that was
 * removed is found while its runs are kept.
 * @throws MillraceError `not_found`, for a block of another account too.
 */
export type ResolveBlock = (board: LookedUpOn, blockId: string) => Promise<ResolvedBlock>;

/**
 * Workspace that a run is stored in, looked up like a block.
 * @throws MillraceError `not_found`.
 */
export type ResolveRun = (board: LookedUpOn, runId: string) => Promise<{ readonly homeId: string; readonly via: "own" | "mount" }>;
