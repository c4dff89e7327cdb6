import type { FragmentDefaultChanges, FragmentDefaultReads } from "@millrace/kernel";
import type { MemoryHandlers } from "../draft.js";
import { copyOrNull } from "../paging.js";
import { needsWorkspace } from "../row-checks.js";
import type { MemoryTables } from "../tables.js";
import { checkRevision } from "./pipelines.js";

export const fragmentDefaultChanges: MemoryHandlers<FragmentDefaultChanges> = {
  "put-fragment-defaults"(draft, { workspaceId, ids, expected }) {
    const { fragmentDefaults } = draft.tables;
    needsWorkspace(draft, workspaceId);
    const revision = fragmentDefaults.get(workspaceId)?.revision ?? 0;
    checkRevision("fragment defaults of", { id: workspaceId, revision }, expected);
    draft.set(fragmentDefaults, workspaceId, { ids: [...ids], revision: revision + 1 });
  },
};

export function fragmentDefaultReads({ fragmentDefaults }: MemoryTables): FragmentDefaultReads {
  return { get: async (workspaceId) => copyOrNull(fragmentDefaults.get(workspaceId)) };
}
