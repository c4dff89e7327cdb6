import type { Block, BoardCount } from "@millrace/contracts";
import type { Page } from "./page.port.js";
import type { RunRecord } from "./runs.port.js";
import type { SpendTotal } from "./spend.port.js";

/** Members of a block that no change writes once it is there, and those that have a change of their own. */
type Unpatched = "id" | "workspaceId" | "level" | "parentId" | "createdAt" | "createdBy" | "revision" | "positionRevision";

/**
 * Members of a block that may change. Only those that are set are written; `undefined` is not set. What a person changes is set together
 * with `revise-block`, and with `keep-block-idle` where a live run must not see it change.
 */
export type BlockPatch = { readonly [Member in keyof Omit<Block, Unpatched>]?: Block[Member] | undefined };

/** Changes of services, modules and tasks. */
export interface BlockChanges {
  /**
   * Fails with `conflict` when the id is in use, or when `isPlaceFree` is asked for and another block of its level and parent has its
   * position; with `not_found` when its workspace or its parent is missing, or the parent was removed; with `limit_reached` when the workspace has `max` blocks of its
   * level, of which tasks count while they are open. Blocks are numbered in the order of their inserts.
   */
  "insert-block": { readonly block: Block; readonly max?: number; readonly isPlaceFree?: boolean };
  /** Fails with `not_found` when the block is missing, with `conflict` when another module of its parent has its blueprint key; so do an insert and a move. */
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
   * Writes nothing: the commit fails with `not_found` when the block is missing, with `run_in_progress` while a run of it is live, or, of a
   * service, a run of a task in it. A run that starts at the same moment waits for the commit, or the commit for it.
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

/** Which blocks a list has; what is left out does not matter. */
export interface BlockFilter {
  /** Directly in it. */
  readonly parentId?: string | undefined;
  readonly level?: Block["level"] | undefined;
  /** Tasks in one of these columns; never empty. */
  readonly status?: readonly Block["status"][] | undefined;
  readonly taskType?: Block["taskType"] | undefined;
  /** Part of the title, in ASCII whatever its case. */
  readonly text?: string | undefined;
  /** Written after it, epoch ms on the store's clock. */
  readonly updatedAfter?: number | undefined;
  /** In this service or in one of its modules. */
  readonly serviceId?: string | undefined;
  readonly pipelineId?: string | undefined;
  /** Its last run waits for a person. */
  readonly needsPerson?: boolean | undefined;
}

/** One page of a list whose filters no index answers: it looks at 1,000 rows at most, and may be short although more follow. */
export interface BlockPage<Row> {
  readonly rows: readonly Row[];
  /** Position to go on from; null: this is the last page. */
  readonly next: string | null;
}

/** A task with its last run and what that has cost. */
export interface BlockWithRun {
  readonly block: Block;
  readonly run: RunRecord | null;
  readonly cost: SpendTotal;
}

/** Reads of services, modules and tasks. */
export interface BlockReads {
  /** One that was removed from the board too. */
  get(workspaceId: string, id: string): Promise<Block | null>;
  /** Children of a block, or the services of the board for `null`, in the order of their inserts, without those that were removed. */
  children(workspaceId: string, parentId: string | null, page: Page): Promise<readonly Block[]>;
  /**
   * Blocks in the order of their inserts. `after` is the `next` of the page before.
   * @throws MillraceError `validation` for an `after` that is none.
   */
  list(workspaceId: string, filter: BlockFilter, page: Page): Promise<BlockPage<Block>>;
  /**
   * The same with the last run of each. Sorted by `title` or by `cost`, the dearest task first, it has open tasks only.
   * @throws MillraceError `validation` for an `after` of another order, and for a status `done` of a sorted page.
   */
  listWithRuns(
    workspaceId: string,
    filter: BlockFilter,
    page: Page & { readonly sort?: "age" | "cost" | "title" },
  ): Promise<BlockPage<BlockWithRun>>;
  withRun(workspaceId: string, id: string): Promise<BlockWithRun | null>;
  /** Number of tasks by column and lane: the open ones all, the done ones up to 1,000 and without lanes. */
  counts(
    workspaceId: string,
    lanes: "none" | "service" | "module" | "pipeline",
  ): Promise<{ readonly open: readonly BoardCount[]; readonly done: number }>;
  /** Number of modules of a service. */
  countModules(workspaceId: string, serviceId: string): Promise<number>;
  /** The oldest module on the board of exactly that title under a parent. */
  moduleByTitle(workspaceId: string, parentId: string, title: string): Promise<Block | null>;
}
