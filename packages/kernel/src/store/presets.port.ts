import type { MergePreset } from "@millrace/contracts";

/** Changes of the merge presets of a workspace. */
export interface PresetChanges {
  /** Replaces the preset of that id. Fails with `not_found` when the workspace is missing. */
  "put-preset": { readonly preset: MergePreset };
}

/** Reads of the merge presets of a workspace. */
export interface PresetReads {
  get(workspaceId: string, id: string): Promise<MergePreset | null>;
  /** The preset that the workspace names as its default; null when it names none. */
  getDefault(workspaceId: string): Promise<MergePreset | null>;
}
