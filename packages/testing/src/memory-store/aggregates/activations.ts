import type { ActivationChanges, ActivationReads } from "@millrace/kernel";
import type { MemoryHandlers } from "../draft.js";
import { copyOrNull } from "../paging.js";
import { needsRun } from "../row-checks.js";
import { keyOf, type MemoryTables } from "../tables.js";

export const activationChanges: MemoryHandlers<ActivationChanges> = {
  "put-activation"(draft, { activation }) {
    needsRun(draft, activation.workspaceId, activation.runId);
    draft.set(draft.tables.activations, keyOf(activation.workspaceId, activation.runId, activation.vendor), activation);
  },
  "delete-activations"(draft, { workspaceId, runId }) {
    const { activations } = draft.tables;
    for (const [key, row] of activations) if (row.workspaceId === workspaceId && row.runId === runId) draft.delete(activations, key);
  },
};

export function activationReads({ activations }: MemoryTables): ActivationReads {
  return {
    get: async (workspaceId, runId, vendor) => copyOrNull(activations.get(keyOf(workspaceId, runId, vendor))),
    async deleteExpired(now) {
      const expired = [...activations].filter(([, row]) => row.expiresAt < now);
      for (const [key] of expired) activations.delete(key);
      return expired.length;
    },
  };
}
