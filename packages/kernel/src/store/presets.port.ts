import type { MergePreset, StoredPreset } from "@millrace/contracts";
import type { NamingTask } from "./pipelines.port.js";

/** Changes of the merge presets of a workspace. */
export interface PresetChanges {
  /**
   * Fails with `already_exists` when the workspace has a preset of that name or id, with `limit_reached` when it has `max` presets (default:
   * no limit), and with `not_found` when the workspace is missing.
   */
  "insert-preset": {
    readonly preset: MergePreset;
    readonly createdAt: number;
    readonly max?: number;
  };
  /**
   * Replaces a preset; the revision is one higher. Fails with `stale_revision` unless the revision is `expected` (null: any), with
   * `already_exists` when another one has its name, with `not_found` when it is missing.
   */
  "update-preset": { readonly preset: MergePreset; readonly expected: number | null };
  /**
   * Removes a preset; without it does nothing. `replaceBy`: the preset that its tasks name from now on. Fails with `in_use` when it is the
   * default of the workspace, or when `replaceBy` is null and a task on the board names it; with `stale_revision` unless the revision is `expected`
   * (null: any), with `not_found` when `replaceBy` is missing.
   */
  "delete-preset": {
    readonly workspaceId: string;
    readonly id: string;
    readonly expected: number | null;
    readonly replaceBy: string | null;
  };
}

/** Reads of the merge presets of a workspace. */
export interface PresetReads {
  get(workspaceId: string, id: string): Promise<StoredPreset | null>;
  /** The preset that the workspace names as its default; null when it names none. */
  getDefault(workspaceId: string): Promise<StoredPreset | null>;
  /** All of them, the oldest first: at most 200. */
  list(workspaceId: string): Promise<readonly StoredPreset[]>;
  /** Number of tasks on the board that name each preset; one that no task names is left out. */
  uses(workspaceId: string): Promise<ReadonlyMap<string, number>>;
  /** Tasks on the board that name the preset, by id, at most `limit` (1..200). */
  usedBy(workspaceId: string, id: string, limit: number): Promise<readonly NamingTask[]>;
}
