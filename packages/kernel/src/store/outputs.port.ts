/** Changes of the long texts of runs: outputs, prompts, transcripts. */
export interface OutputChanges {
  /** Keyed: putting the same key again replaces the text. Fails with `not_found` when the run is missing. */
  "put-output": { readonly workspaceId: string; readonly runId: string; readonly key: string; readonly text: string };
}

/** Reads of the long texts of runs. */
export interface OutputReads {
  get(workspaceId: string, key: string): Promise<string | null>;
  /** The texts that exist, by key, in one round trip. */
  getMany(workspaceId: string, keys: readonly string[]): Promise<ReadonlyMap<string, string>>;
}
