import type { Pipeline } from "@millrace/contracts";
import type { Page } from "./page.port.js";

/** Changes of the pipelines of a workspace. */
export interface PipelineChanges {
  /** Replaces the pipeline of that id. Fails with `not_found` when the workspace is missing. */
  "put-pipeline": { readonly workspaceId: string; readonly pipeline: Pipeline };
}

/** Reads of the pipelines of a workspace. */
export interface PipelineReads {
  get(workspaceId: string, id: string): Promise<Pipeline | null>;
  /** Ordered by id. `page.after` need not exist. */
  list(workspaceId: string, page: Page): Promise<readonly Pipeline[]>;
}
