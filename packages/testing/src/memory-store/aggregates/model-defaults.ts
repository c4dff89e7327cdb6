import type { ModelDefaultChanges, ModelDefaultReads } from "@millrace/kernel";
import { copyOf } from "../copy.logic.js";
import type { MemoryHandlers } from "../draft.js";
import { compare, copyOrNull } from "../paging.js";
import { needsWorkspace } from "../row-checks.js";
import { keyOf, type MemoryTables } from "../tables.js";
import { checkRevision } from "./pipelines.js";

export const modelDefaultChanges: MemoryHandlers<ModelDefaultChanges> = {
  "put-model-default"(draft, { workspaceId, kind, model, expected }) {
    const { modelDefaults } = draft.tables;
    const key = keyOf(workspaceId, kind);
    needsWorkspace(draft, workspaceId);
    const revision = modelDefaults.get(key)?.own.revision ?? 0;
    checkRevision("model of", { id: kind, revision }, expected);
    draft.set(modelDefaults, key, { workspaceId, own: { kind, model, revision: revision + 1 } });
  },
  "delete-model-default"(draft, { workspaceId, kind, expected }) {
    const { modelDefaults } = draft.tables;
    const key = keyOf(workspaceId, kind);
    const row = modelDefaults.get(key);
    if (row !== undefined) checkRevision("model of", { id: kind, revision: row.own.revision }, expected);
    draft.delete(modelDefaults, key);
  },
};

export function modelDefaultReads(tables: MemoryTables): ModelDefaultReads {
  return {
    get: async (workspaceId, kind) => copyOrNull(tables.modelDefaults.get(keyOf(workspaceId, kind))?.own),
    async list(workspaceId) {
      const own = [...tables.modelDefaults.values()].filter((row) => row.workspaceId === workspaceId).map((row) => row.own);
      return copyOf(own.toSorted((a, b) => compare(a.kind, b.kind)));
    },
  };
}
