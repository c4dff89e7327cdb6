import type { MergePreset } from "@millrace/contracts";

/** Changes of the merge presets of a workspace. */
export interface PresetChanges {
  /** Replaces the preset of that id. Fails with `not_found` when the workspace is missing. */
  "put-preset": { readonly preset: MergePreset };
}

/** Reads of the merge presets of a workspace. */
export interface PresetReads {
  get(workspaceId: string, id: string): Promise<MergePreset | null>;
  /** The preset marked as default; of several, the one with the lowest id. */
  getDefault(workspaceId: string): Promise<MergePreset | null>;
}
