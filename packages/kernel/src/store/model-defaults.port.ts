/** Model of an agent kind in a workspace, for blocks that pin none. */
export interface ModelDefault {
  readonly kind: string;
  /** Id of a model of the catalogue, or a `provider:model` label. */
  readonly model: string;
  /** From 1; one higher with each change. */
  readonly revision: number;
}

/** Changes of the models of a workspace, one row for each agent kind. */
export interface ModelDefaultChanges {
  /**
   * Fails with `stale_revision` unless the revision is `expected` (null: any; 0: there is none yet), with `not_found` when the workspace is
   * missing.
   */
  "put-model-default": {
    readonly workspaceId: string;
    readonly kind: string;
    readonly model: string;
    readonly expected: number | null;
  };
  /** Without one does nothing. Fails with `stale_revision` unless the revision is `expected` (null: any). */
  "delete-model-default": { readonly workspaceId: string; readonly kind: string; readonly expected: number | null };
}

/** Reads of the models of a workspace. */
export interface ModelDefaultReads {
  get(workspaceId: string, kind: string): Promise<ModelDefault | null>;
  /** All of them, by kind; at most 1,000. */
  list(workspaceId: string): Promise<readonly ModelDefault[]>;
}
