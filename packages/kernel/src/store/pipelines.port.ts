import type { Pipeline, StoredPipeline } from "@millrace/contracts";
import type { Page } from "./page.port.js";

/** A task that names a pipeline or a preset. */
export interface NamingTask {
  readonly id: string;
  readonly title: string;
}

/** Changes of the pipelines of a workspace. */
export interface PipelineChanges {
  /**
   * Fails with `already_exists` when the workspace has a pipeline of that id, with `limit_reached` when it has `max` pipelines, and with
   * `not_found` when the workspace is missing.
   */
  "insert-pipeline": { readonly workspaceId: string; readonly pipeline: Pipeline; readonly max: number };
  /**
   * Replaces name and steps; the revision is one higher. Fails with `stale_revision` unless the revision is `expected` (null: any), with
   * `not_found` when the pipeline is missing.
   */
  "update-pipeline": { readonly workspaceId: string; readonly pipeline: Pipeline; readonly expected: number | null };
  /**
   * Removes a pipeline and its labels; without it does nothing. `replaceBy`: the pipeline that its tasks name from now on; null: fails with
   * `in_use` while a task on the board names it. Fails with `stale_revision` unless the revision is `expected` (null: any).
   */
  "delete-pipeline": {
    readonly workspaceId: string;
    readonly id: string;
    readonly expected: number | null;
    readonly replaceBy: string | null;
  };
}

/** Reads of the pipelines of a workspace. */
export interface PipelineReads {
  get(workspaceId: string, id: string): Promise<StoredPipeline | null>;
  /** Ordered by id. `page.after` need not exist. */
  list(workspaceId: string, page: Page): Promise<readonly StoredPipeline[]>;
  /** Number of tasks on the board that name each pipeline; one that no task names is left out. */
  uses(workspaceId: string): Promise<ReadonlyMap<string, number>>;
  /** Tasks on the board that name the pipeline, by id, at most `limit` (1..200). */
  usedBy(workspaceId: string, id: string, limit: number): Promise<readonly NamingTask[]>;
}
