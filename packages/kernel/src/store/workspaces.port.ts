import type { Workspace, WorkspaceSettings } from "@millrace/contracts";
import type { Page } from "./page.port.js";

/** Changes of the board itself. */
export interface WorkspaceChanges {
  /** Fails with `conflict` when the id is in use. */
  "insert-workspace": { readonly workspace: Workspace };
  /** Replaces all settings. Fails with `not_found` when the workspace is missing. */
  "put-settings": { readonly workspaceId: string; readonly settings: WorkspaceSettings };
}

/** Reads of boards. */
export interface WorkspaceReads {
  get(id: string): Promise<Workspace | null>;
  /** Oldest first. */
  list(page: Page): Promise<readonly Workspace[]>;
}
