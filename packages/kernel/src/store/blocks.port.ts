import type { Block } from "@millrace/contracts";
import type { Page } from "./page.port.js";

/** Members of a block that no change writes once it is there, and those that have a change of their own. */
type Unpatched = "id" | "workspaceId" | "level" | "parentId" | "createdAt" | "createdBy" | "revision" | "positionRevision";

/**
 * Members of a block that may change. Only those that are set are written; `undefined` is not set. What a person changes is set together
 * with `revise-block`, and with `keep-block-idle` where a live run must not see it change.
 */
export type BlockPatch = { readonly [Member in keyof Omit<Block, Unpatched>]?: Block[Member] | undefined };

/** Changes of services, modules and tasks. */
export interface BlockChanges {
  /** Fails with `conflict` when the id is in use, with `not_found` when its workspace or its parent is missing, or the parent was removed. */
  "insert-block": { readonly block: Block };
  /** Fails with `not_found` when the block is missing. */
  "patch-block": { readonly workspaceId: string; readonly id: string; readonly patch: BlockPatch };
  /**
   * Counts the revision of what people say about a block up, or that of its position. Fails with `not_found` when the block is missing, with
   * `stale_revision` unless `expected` is its revision; null: whatever it is.
   */
  "revise-block": {
    readonly workspaceId: string;
    readonly id: string;
    readonly of: "block" | "position";
    readonly expected: number | null;
  };
  /**
   * Writes nothing: the commit fails with `not_found` when the block is missing, with `run_in_progress` while a run of it is live. A run
   * that starts at the same moment waits for the commit, or the commit for it.
   */
  "keep-block-idle": { readonly workspaceId: string; readonly id: string };
  /** Fails with `not_found` when the block or its new parent is missing, or was removed with what it is in. */
  "move-block": { readonly workspaceId: string; readonly id: string; readonly parentId: string };
  /**
   * Gives a block back to the plan. Fails with `stale_revision` unless `runId` is its last run, that run has ended, and nothing has
   * merged. Repeating it changes nothing.
   */
  "release-block": { readonly workspaceId: string; readonly id: string; readonly runId: string };
}

/** Reads of services, modules and tasks. */
export interface BlockReads {
  /** One that was removed from the board too. */
  get(workspaceId: string, id: string): Promise<Block | null>;
  /** Children of a block, or the services of the board for `null`; oldest first, without those that were removed. */
  children(workspaceId: string, parentId: string | null, page: Page): Promise<readonly Block[]>;
  /** The oldest module of exactly that title under a parent. */
  moduleByTitle(workspaceId: string, parentId: string, title: string): Promise<Block | null>;
}
