import type { PipelineOrganization } from "@millrace/contracts";

/** What people say about one pipeline. */
export interface OrganizedPipeline extends PipelineOrganization {
  readonly pipelineId: string;
}

/** Changes of what people of a workspace say about its pipelines, built-in ones too. */
export interface PipelineLabelChanges {
  /**
   * Sets what is given and keeps the rest; the revision is one higher. Fails with `stale_revision` unless the revision is `expected`
   * (null: any; 0: nothing was said yet), with `not_found` when the workspace is missing.
   */
  "organize-pipeline": {
    readonly workspaceId: string;
    readonly pipelineId: string;
    readonly labels?: readonly string[] | undefined;
    readonly archived?: boolean | undefined;
    readonly expected: number | null;
  };
}

/** Reads of what people say about pipelines. */
export interface PipelineLabelReads {
  /** Null: nothing was said. */
  get(workspaceId: string, pipelineId: string): Promise<OrganizedPipeline | null>;
  /** Of every pipeline of the workspace about which something was said, by id; at most 500. */
  list(workspaceId: string): Promise<readonly OrganizedPipeline[]>;
}
