import type {
  Block,
  CheckPolicy,
  Estimate,
  FinalDocument,
  MergeRecord,
  PullRequestRef,
  ServiceTesting,
  UpdateTask,
} from "@millrace/contracts";
import type { Page } from "./page.port.js";

/** Fields of a block that may change. Only those that are set are written; `undefined` is not set. */
export interface BlockPatch extends UpdateTask {
  readonly status?: Block["status"];
  readonly progress?: number;
  readonly runId?: string | null;
  readonly pullRequest?: PullRequestRef | null;
  readonly merged?: MergeRecord;
  /** Set together with `keep-block-idle`, as are the members that a person changes. */
  readonly removedAt?: number;
  readonly estimate?: Estimate;
  readonly confidence?: number | null;
  readonly document?: FinalDocument | null;
  /** Of a service or a module, from its map. */
  readonly references?: Block["references"];
  /** Of a service, set by people; no run changes it. */
  readonly checks?: CheckPolicy;
  /** Of a service, set by people; no run changes it. */
  readonly testing?: ServiceTesting | null;
}

/** Changes of services, modules and tasks. */
export interface BlockChanges {
  /** Fails with `conflict` when the id is in use, with `not_found` when its workspace or its parent is missing. */
  "insert-block": { readonly block: Block };
  /** Fails with `not_found` when the block is missing. */
  "patch-block": { readonly workspaceId: string; readonly id: string; readonly patch: BlockPatch };
  /**
   * Writes nothing: the commit fails with `not_found` when the block is missing, with `run_in_progress` while a run of it is live. A run
   * that starts at the same moment waits for the commit, or the commit for it.
   */
  "keep-block-idle": { readonly workspaceId: string; readonly id: string };
  /** Fails with `not_found` when the block or its new parent is missing. */
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
