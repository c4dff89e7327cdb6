import type { Block, MergePreset, RunEvent, TaskType, Workspace } from "@millrace/contracts";
import type { Page } from "./page.port.js";

/** A run as stored: the columns a store indexes, and the document only the engine reads. */
export interface RunRecord {
  readonly id: string;
  readonly workspaceId: string;
  readonly blockId: string;
  /** The service the block lives in, and the type of the task: task limits count by them. Set when the run is inserted; `place-runs` changes the service. */
  readonly serviceId: string | null;
  readonly taskType: TaskType | null;
  /** Pipeline that it runs, and the digest of the steps it copied from it. Set when the run is inserted, never changed. */
  readonly pipeline: { readonly id: string; readonly digest: string };
  /** `running` needs the driver, `waiting` needs a person, `paused` is held in front of an effect; these, and `stopping`, are live. */
  readonly status: "running" | "waiting" | "paused" | "stopping" | "done" | "failed" | "cancelled";
  readonly revision: number;
  readonly createdAt: number;
  readonly updatedAt: number;
  /** Shape version of `document`; the engine upcasts older ones and refuses newer ones. */
  readonly shapeVersion: number;
  /** JSON of a run, opaque to a store: `fromRecord` of the engine upcasts and checks it, once, when it is read. */
  readonly document: unknown;
  /** Set by `end-run` only: the event that ended the run after `document` was written. */
  readonly ended?: RunEvent;
}

/** The columns of a run that a list shows. */
export interface RunSummary {
  readonly id: string;
  readonly workspaceId: string;
  readonly blockId: string;
  readonly pipeline: RunRecord["pipeline"];
  readonly status: RunRecord["status"];
  readonly revision: number;
  readonly createdAt: number;
  readonly updatedAt: number;
}

/** Most live runs of a service, counted by an index and refused by the database. */
export interface RunLimit {
  readonly serviceId: string;
  /** Counts only runs of this type; null: of every type. */
  readonly taskType: TaskType | null;
  /** Live runs allowed, the new one included. */
  readonly max: number;
}

/** Address of the run whose context to read. */
export interface RunContextQuery {
  readonly workspaceId: string;
  readonly blockId: string;
  /** Null: of a block without a run. */
  readonly runId: string | null;
}

/** Everything a turn of the engine needs beside the run's document, as one read sees it. */
export interface RunContext {
  /** Stored revision of the run; null when there is none. */
  readonly revision: number | null;
  /** The block and its ancestors, from the inside out, up to its service; at most 8. Empty when the block is missing. */
  readonly path: readonly Block[];
  readonly workspace: Workspace | null;
  /** The block's own, else the default of the workspace. */
  readonly preset: MergePreset | null;
  /** Models that the workspace sets, by agent kind. */
  readonly models: Readonly<Record<string, string>>;
}

/** Changes of runs. */
export interface RunChanges {
  /**
   * Fails with `run_in_progress` while the block has another live run, with `conflict` when the id is in use, or when the run is live
   * and the block is merged, with `task_limit` when `limit.max` runs are live already, with `not_found` when the block is missing or was
   * removed from the board.
   * `isBehindMerge`: the run takes up the steps behind the merge of its block, so that a merged one is no obstacle. Default: false.
   */
  "insert-run": { readonly record: RunRecord; readonly limit?: RunLimit | null; readonly isBehindMerge?: boolean };
  /** Fails with `stale_revision` unless the stored revision is `expected`. Never creates a run. */
  "update-run": { readonly record: RunRecord; readonly expected: number };
  /**
   * Ends a run as failed without reading or writing its document: `ended` is kept beside it, and the revision is one higher. Fails with
   * `stale_revision` unless the stored revision is `expected`.
   */
  "end-run": { readonly workspaceId: string; readonly id: string; readonly expected: number; readonly ended: RunEvent };
  /** Notes of the runs of a block which service it lives in now. A block without runs stays so. Stands behind `keep-block-idle`. */
  "place-runs": { readonly workspaceId: string; readonly blockId: string; readonly serviceId: string };
}

/** A live run, and since when nothing has moved it (epoch ms). */
export interface RunAddressRow {
  readonly workspaceId: string;
  readonly runId: string;
  readonly status: RunRecord["status"];
  readonly updatedAt: number;
}

/** Live runs by status. */
export interface LiveCounts {
  readonly running: number;
  readonly waiting: number;
  readonly paused: number;
  readonly stopping: number;
}

/** Reads of runs. */
export interface RunReads {
  get(workspaceId: string, id: string): Promise<RunRecord | null>;
  /** The columns of a run without its document: readable when the document is not. */
  summary(workspaceId: string, id: string): Promise<RunSummary | null>;
  /** The stored revision, without the document: cheap proof that nothing moved the run since. */
  revision(workspaceId: string, id: string): Promise<number | null>;
  /** The context of a run in one round trip. Parts that are missing are null or empty. */
  context(query: RunContextQuery): Promise<RunContext>;
  liveOfBlock(workspaceId: string, blockId: string): Promise<RunSummary | null>;
  /** Live runs of every workspace, by status. */
  liveCounts(): Promise<LiveCounts>;
  /** Runs of every workspace that are `running` or `stopping` and have no wake-up, the longest unmoved first, at most `limit` (1..200). */
  stuck(limit: number): Promise<readonly RunAddressRow[]>;
  /** Newest first. */
  list(
    workspaceId: string,
    filter: { readonly blockId?: string; readonly pipelineId?: string; readonly live?: boolean; readonly paused?: boolean },
    page: Page,
  ): Promise<readonly RunSummary[]>;
}
