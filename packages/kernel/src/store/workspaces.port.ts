import type { Workspace, WorkspaceSettings } from "@millrace/contracts";
import type { Page } from "./page.port.js";

/** Fields of a workspace that may change. Only those that are set are written; `undefined` is not set. */
export interface WorkspacePatch {
  readonly name?: string | undefined;
  readonly description?: string | null | undefined;
  /** Fails with `not_found` when the workspace has no such merge preset. */
  readonly defaultPresetId?: string | undefined;
  readonly accountId?: string | undefined;
  readonly deletingAt?: number | undefined;
}

/** Changes of the board itself. */
export interface WorkspaceChanges {
  /** Fails with `conflict` when the id is in use, with `limit_reached` when its account has `maxOfAccount` workspaces already. */
  "insert-workspace": { readonly workspace: Workspace; readonly maxOfAccount?: number };
  /**
   * Fails with `not_found` when the workspace is missing, with `stale_revision` unless its revision is `expected`; null: whatever it is.
   * The revision is one higher then.
   */
  "patch-workspace": { readonly workspaceId: string; readonly patch: WorkspacePatch; readonly expected: number | null };
  /**
   * Replaces all settings. Fails with `not_found` when the workspace is missing, with `stale_revision` unless the revision of its settings
   * is `expected`; null: whatever it is. That revision is one higher then.
   */
  "put-settings": { readonly workspaceId: string; readonly settings: WorkspaceSettings; readonly expected: number | null };
}

/** Reads of boards. */
export interface WorkspaceReads {
  get(id: string): Promise<Workspace | null>;
  /** Oldest first. */
  list(page: Page): Promise<readonly Workspace[]>;
}
