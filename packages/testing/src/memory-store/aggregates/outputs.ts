import type { OutputChanges, OutputReads } from "@millrace/kernel";
import type { MemoryHandlers } from "../draft.js";
import { needsRun } from "../row-checks.js";
import { keyOf, type MemoryTables } from "../tables.js";

export const outputChanges: MemoryHandlers<OutputChanges> = {
  "put-output"(draft, { workspaceId, runId, key, text }) {
    needsRun(draft, workspaceId, runId);
    draft.set(draft.tables.outputs, keyOf(workspaceId, key), { runId, text });
  },
};

export function outputReads({ outputs }: MemoryTables): OutputReads {
  return {
    get: async (workspaceId, key) => outputs.get(keyOf(workspaceId, key))?.text ?? null,
    getMany: async (workspaceId, keys) =>
      new Map(
        keys.flatMap((key) => {
          const text = outputs.get(keyOf(workspaceId, key))?.text;
          return text === undefined ? [] : [[key, text] as const];
        }),
      ),
  };
}
