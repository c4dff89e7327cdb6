import type { Block } from "@millrace/contracts";

/** A block with the given members; every other one has the value of a new block. */
export function emptyBlock(
  known: Pick<Block, "id" | "workspaceId" | "level" | "parentId" | "title" | "createdAt"> & Partial<Block>,
): Block {
  return {
    description: "",
    status: "planned",
    progress: 0,
    runId: null,
    pullRequest: null,
    merged: null,
    repository: null,
    checks: null,
    presetId: null,
    pipelineId: null,
    taskType: "feature",
    moduleName: null,
    modelId: null,
    testEnvironment: "ephemeral",
    testing: null,
    estimate: null,
    confidence: null,
    document: null,
    references: [],
    removedAt: null,
    ...known,
  };
}
