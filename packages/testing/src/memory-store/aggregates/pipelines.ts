import type { PipelineChanges, PipelineReads } from "@millrace/kernel";
import { copyOf } from "../copy.logic.js";
import type { MemoryHandlers } from "../draft.js";
import { MAX_PAGE, byId, checkLimit, copyOrNull } from "../paging.js";
import { needsWorkspace } from "../row-checks.js";
import { keyOf, type MemoryTables } from "../tables.js";

export const pipelineChanges: MemoryHandlers<PipelineChanges> = {
  "put-pipeline"(draft, { workspaceId, pipeline }) {
    needsWorkspace(draft, workspaceId);
    draft.set(draft.tables.pipelines, keyOf(workspaceId, pipeline.id), { workspaceId, pipeline });
  },
};

export function pipelineReads({ pipelines }: MemoryTables): PipelineReads {
  return {
    get: async (workspaceId, id) => copyOrNull(pipelines.get(keyOf(workspaceId, id))?.pipeline),
    async list(workspaceId, page) {
      const own = [...pipelines.values()].filter((row) => row.workspaceId === workspaceId).map((row) => row.pipeline);
      const rest = own.toSorted(byId).filter((pipeline) => pipeline.id > (page.after ?? ""));
      return copyOf(rest.slice(0, checkLimit(page.limit, MAX_PAGE)));
    },
  };
}
