import type { SpendChanges, SpendReads, SpendTotal } from "@millrace/kernel";
import { budgetExhausted } from "@millrace/kernel";
import type { Draft, MemoryHandlers } from "../draft.js";
import { needsRun } from "../row-checks.js";
import { keyOf, type MemoryTables } from "../tables.js";

const NOTHING: SpendTotal = { settledMicros: 0, reservedMicros: 0 };

export const spendChanges: MemoryHandlers<SpendChanges> = {
  "reserve-spend"(draft, { workspaceId, runId, micros, caps }) {
    const { reservations } = draft.tables;
    const key = keyOf(workspaceId, runId);
    const before = reservations.get(key);
    for (const scope of before?.scopes ?? []) addSpend(draft, keyOf(workspaceId, scope), { reservedMicros: -(before?.micros ?? 0) });
    if (micros === 0) return draft.delete(reservations, key);
    needsRun(draft, workspaceId, runId);
    draft.set(reservations, key, { micros, scopes: caps.map(({ scope }) => scope) });
    for (const { scope, maxMicros } of caps) {
      const total = addSpend(draft, keyOf(workspaceId, scope), { reservedMicros: micros });
      if (maxMicros !== null && total > maxMicros) throw budgetExhausted(scope, maxMicros);
    }
  },
};

/** Adds to the total of a scope. Returns settled and reserved together, afterwards. */
export function addSpend(draft: Draft, key: string, { settledMicros = 0, reservedMicros = 0 }: Partial<SpendTotal>): number {
  const { spend } = draft.tables;
  const before = spend.get(key) ?? NOTHING;
  const after = { settledMicros: before.settledMicros + settledMicros, reservedMicros: before.reservedMicros + reservedMicros };
  draft.set(spend, key, after);
  return after.settledMicros + after.reservedMicros;
}

export function spendReads({ spend }: MemoryTables): SpendReads {
  return {
    total: async (workspaceId, scope) => ({ ...(spend.get(keyOf(workspaceId, scope)) ?? NOTHING) }),
    async totals(workspaceId, scopes) {
      const found = scopes.flatMap((scope) => {
        const total = spend.get(keyOf(workspaceId, scope));
        return total === undefined ? [] : [[scope, { ...total }] as const];
      });
      return new Map(found);
    },
  };
}
