/** The pipeline of a merge on demand. */
export const MERGE_PIPELINE_ID = "pl_merge";
