import type { PipelineLabelChanges, PipelineLabelReads } from "@millrace/kernel";
import { copyOf } from "../copy.logic.js";
import type { MemoryHandlers } from "../draft.js";
import { compare, copyOrNull } from "../paging.js";
import { needsWorkspace } from "../row-checks.js";
import { keyOf, type MemoryTables } from "../tables.js";
import { checkRevision } from "./pipelines.js";

export const pipelineLabelChanges: MemoryHandlers<PipelineLabelChanges> = {
  "organize-pipeline"(draft, { workspaceId, pipelineId, labels, archived, expected }) {
    const { pipelineLabels } = draft.tables;
    const key = keyOf(workspaceId, pipelineId);
    needsWorkspace(draft, workspaceId);
    const { said } = pipelineLabels.get(key) ?? { said: { pipelineId, labels: [], archived: false, revision: 0 } };
    checkRevision("organization of pipeline", { id: pipelineId, revision: said.revision }, expected);
    const given = { ...(labels === undefined ? {} : { labels: [...labels] }), ...(archived === undefined ? {} : { archived }) };
    draft.set(pipelineLabels, key, { workspaceId, said: { ...said, ...given, revision: said.revision + 1 } });
  },
};

export function pipelineLabelReads({ pipelineLabels }: MemoryTables): PipelineLabelReads {
  return {
    get: async (workspaceId, pipelineId) => copyOrNull(pipelineLabels.get(keyOf(workspaceId, pipelineId))?.said),
    async list(workspaceId) {
      const own = [...pipelineLabels.values()].filter((row) => row.workspaceId === workspaceId).map(({ said }) => said);
      return copyOf(own.toSorted((a, b) => compare(a.pipelineId, b.pipelineId)));
    },
  };
}
