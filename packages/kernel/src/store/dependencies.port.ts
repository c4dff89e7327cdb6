import type { Block } from "@millrace/contracts";

/** A task that waits for another one: `blockId` does not start before `onId` is done. Both are tasks of one workspace. */
export interface Dependency {
  readonly workspaceId: string;
  readonly blockId: string;
  readonly onId: string;
  readonly createdAt: number;
}

/** Tasks that one task may wait for at most. */
export const MAX_DEPENDENCIES = 50;

/** Changes of what tasks wait for. Dependencies go with either task. */
export interface DependencyChanges {
  /**
   * Fails with `cycle` when `onId` waits for `blockId` already, by itself or by others; with `already_exists` when it is there; with
   * `limit_reached` when the task waits for `MAX_DEPENDENCIES`; with `not_found` unless both are tasks on the board. Of two commits that
   * together make a cycle, one is refused.
   */
  "add-dependency": { readonly dependency: Dependency };
  /** Fails with `not_found` when it is not there. */
  "remove-dependency": Pick<Dependency, "workspaceId" | "blockId" | "onId">;
}

/** Reads of what tasks wait for. */
export interface DependencyReads {
  /** What these tasks (at most 200) wait for, by the id of the task, then by the id of what it waits for. */
  of(workspaceId: string, blockIds: readonly string[]): Promise<readonly Dependency[]>;
  /** What waits for a task, by id, at most `limit` (1..200). */
  on(workspaceId: string, onId: string, limit: number): Promise<readonly Dependency[]>;
  /** What a task waits for and what is not done yet, by id. */
  open(workspaceId: string, blockId: string): Promise<readonly Pick<Block, "id" | "title" | "status">[]>;
}
