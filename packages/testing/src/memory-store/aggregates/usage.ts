import type { UsageChanges, UsageReads } from "@millrace/kernel";
import { copyOf } from "../copy.logic.js";
import type { MemoryHandlers } from "../draft.js";
import { compare } from "../paging.js";
import { needsRun } from "../row-checks.js";
import { keyOf, type MemoryTables } from "../tables.js";
import { addSpend } from "./spend.js";

export const usageChanges: MemoryHandlers<UsageChanges> = {
  /** Counts a key once. Its cost is its own, else the amount its run has reserved. */
  "record-usage"(draft, { usage, scopes = [] }) {
    const { tables } = draft;
    const key = keyOf(usage.workspaceId, usage.key);
    needsRun(draft, usage.workspaceId, usage.runId);
    if (tables.usage.has(key)) return;
    const cost = usage.costMicros ?? tables.reservations.get(keyOf(usage.workspaceId, usage.runId))?.micros ?? 0;
    const settledMicros = scopes.length === 0 ? 0 : cost;
    draft.set(tables.usage, key, { ...usage, settledMicros });
    for (const scope of scopes) addSpend(draft, keyOf(usage.workspaceId, scope), { settledMicros });
  },
};

export function usageReads({ usage }: MemoryTables): UsageReads {
  return {
    ofRun: async (workspaceId, runId) =>
      copyOf(
        [...usage.values()]
          .filter((row) => row.workspaceId === workspaceId && row.runId === runId)
          .toSorted((a, b) => a.at - b.at || compare(a.key, b.key)),
      ),
  };
}
