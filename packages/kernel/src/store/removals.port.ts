import type { Actor, Block } from "@millrace/contracts";

/** The removal of a block with everything in it, from the moment it leaves the board until nothing of it is left. */
export interface Removal {
  readonly workspaceId: string;
  /** The block that was removed; what is in it goes first. */
  readonly rootId: string;
  readonly title: string;
  readonly level: Block["level"];
  readonly actor: Actor;
  /** Id of the person that the actor acted for; null: it acted for itself. */
  readonly onBehalfOf: string | null;
  /** When a sweep takes it up, in epoch ms. */
  readonly dueAt: number;
}

/** Changes that remove blocks. */
export interface RemovalChanges {
  /** Takes a block off the board, and with it everything in it: nothing is added to it or started in it any more. Fails with `not_found` unless it is on the board. */
  "begin-removal": { readonly removal: Removal; readonly at: number };
  /**
   * Removes one block with the rows that name it. Where it has runs, or something in it that has, its row stays beside them, off the board:
   * what the runs did stays readable as long as they are kept. Fails with `not_found` when it is missing, with `conflict` while a block on the
   * board is in it. Stands behind `keep-block-idle`.
   */
  "remove-block": { readonly workspaceId: string; readonly id: string; readonly at: number };
  /** Nothing of it is left. Repeating it changes nothing. */
  "end-removal": { readonly workspaceId: string; readonly rootId: string };
}

/** Reads of removals that are under way. */
export interface RemovalReads {
  get(workspaceId: string, rootId: string): Promise<Removal | null>;
  /** Those whose time has come, of all workspaces, the longest due first, at most `limit` (1..200). Costs one index look-up when there are none. */
  due(now: number, limit: number): Promise<readonly Removal[]>;
  /** Blocks on the board in a block, at any depth, that have none in them; at most `limit` (1..200). */
  leaves(workspaceId: string, rootId: string, limit: number): Promise<readonly Block[]>;
}
