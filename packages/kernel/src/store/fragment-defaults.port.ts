import type { FragmentDefaults } from "@millrace/contracts";

/** Changes of the fragments that a new service of a workspace gets. */
export interface FragmentDefaultChanges {
  /**
   * Replaces the list. Fails with `stale_revision` unless the revision is `expected` (null: any; 0: none were ever set), with `not_found`
   * when the workspace is missing.
   */
  "put-fragment-defaults": { readonly workspaceId: string; readonly ids: readonly string[]; readonly expected: number | null };
}

/** Reads of the fragments that a new service gets. */
export interface FragmentDefaultReads {
  /** Null: none were ever set. */
  get(workspaceId: string): Promise<FragmentDefaults | null>;
}
