import type { Actor, Workspace, WorkspaceSettings } from "@millrace/contracts";
import type { Page } from "./page.port.js";

/** Fields of a workspace that may change. Only those that are set are written; `undefined` is not set. */
export interface WorkspacePatch {
  readonly name?: string | undefined;
  readonly description?: string | null | undefined;
  /** Fails with `not_found` when the workspace has no such merge preset. */
  readonly defaultPresetId?: string | undefined;
  readonly accountId?: string | undefined;
  /** Set once, by the request to delete it. */
  readonly deletion?: { readonly at: number; readonly by: Actor } | undefined;
}

/** Changes of the board itself. */
export interface WorkspaceChanges {
  /** Fails with `conflict` when the id is in use, with `limit_reached` when its account has `maxOfAccount` workspaces already. */
  "insert-workspace": { readonly workspace: Workspace; readonly maxOfAccount?: number };
  /**
   * Fails with `not_found` when the workspace is missing, with `stale_revision` unless its revision is `expected`; null: whatever it is.
   * The revision is one higher then.
   */
  "patch-workspace": {
    readonly workspaceId: string;
    readonly patch: WorkspacePatch;
    readonly expected: number | null;
    /** Of the account it moves to: fails with `limit_reached` when that has as many workspaces already. Default: no limit. */
    readonly maxOfAccount?: number;
    /** Fails with `run_in_progress` while a run is live in it. Default: it may. */
    readonly isIdle?: boolean;
  };
  /**
   * Replaces all settings. Fails with `not_found` when the workspace is missing, with `stale_revision` unless the revision of its settings
   * is `expected`; null: whatever it is. That revision is one higher then.
   */
  "put-settings": { readonly workspaceId: string; readonly settings: WorkspaceSettings; readonly expected: number | null };
}

/**
 * Changes that erase a workspace. They cover every table that has rows of a workspace, whatever module they belong to: a store knows them
 * from its schema.
 */
export interface WorkspaceErasure {
  /**
   * Erases rows of the workspace, of each table at most `limit`, and those that others point at last. The workspace itself stays. Repeating
   * it until `isEmpty` erases all.
   */
  "erase-workspace": { readonly workspaceId: string; readonly limit: number };
  /** Removes the workspace itself; one that is gone already stays so. Fails with `conflict` while a row of it is left. */
  "remove-workspace": { readonly workspaceId: string };
}

/** Reads of boards. */
export interface WorkspaceReads {
  get(id: string): Promise<Workspace | null>;
  /** Oldest first, of the whole store. */
  list(page: Page): Promise<readonly Workspace[]>;
  /**
   * Workspaces of these accounts, null standing for none, whose name contains `text` in upper or lower case (default: any); the newest
   * first. `page.after` is the position of the last one of the page before.
   * @throws MillraceError `validation` for an `after` that is no position.
   */
  ofAccounts(accountIds: readonly (string | null)[], text: string | undefined, page: Page): Promise<readonly Workspace[]>;
  /** Number of workspaces of an account, those that are being deleted among them. */
  countOf(accountId: string): Promise<number>;
  /** Those that are being deleted, the longest first, at most `limit` (1..200). Costs one index lookup when there are none. */
  deleting(limit: number): Promise<readonly Workspace[]>;
  /** True if no table has a row of the workspace, beside the workspace itself. */
  isEmpty(id: string): Promise<boolean>;
}
