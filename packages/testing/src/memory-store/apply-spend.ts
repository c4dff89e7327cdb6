import { budgetExhausted, type Change, type UsageRow } from "@millrace/kernel";
import type { Draft } from "./draft.js";
import { needsRun, requireRun } from "./row-checks.js";
import { keyOf } from "./tables.js";

/** Counts a key once. What it cost is what it said, else what its run had reserved for it. */
export function recordUsage(draft: Draft, usage: UsageRow, scopes: readonly string[]): void {
  const { tables } = draft;
  const key = keyOf(usage.workspaceId, usage.key);
  if (tables.usage.has(key)) return;
  needsRun(draft, usage.workspaceId, usage.runId);
  draft.set(tables.usage, key, usage);
  const cost = usage.costMicros ?? tables.reservations.get(keyOf(usage.workspaceId, usage.runId))?.micros ?? 0;
  for (const scope of scopes) add(draft, keyOf(usage.workspaceId, scope), { settledMicros: cost, reservedMicros: 0 });
}

export function reserveSpend(draft: Draft, change: Extract<Change, { change: "reserve-spend" }>): void {
  const { reservations } = draft.tables;
  const key = keyOf(change.workspaceId, change.runId);
  const before = reservations.get(key);
  for (const scope of before?.scopes ?? [])
    add(draft, keyOf(change.workspaceId, scope), { settledMicros: 0, reservedMicros: -(before?.micros ?? 0) });
  if (change.micros === 0) return draft.delete(reservations, key);
  // What is given back within the same commit belongs to nobody.
  draft.atEnd(() => requireRun(draft, change.workspaceId, change.runId, reservations.has(key)));
  draft.set(reservations, key, { micros: change.micros, scopes: change.caps.map(({ scope }) => scope) });
  for (const { scope, maxMicros } of change.caps) {
    const total = add(draft, keyOf(change.workspaceId, scope), { settledMicros: 0, reservedMicros: change.micros });
    if (maxMicros !== null && total > maxMicros) throw budgetExhausted(scope, maxMicros);
  }
}

/** Settled and reserved together, afterwards. */
function add(draft: Draft, key: string, more: { readonly settledMicros: number; readonly reservedMicros: number }): number {
  const { spend } = draft.tables;
  const before = spend.get(key) ?? { settledMicros: 0, reservedMicros: 0 };
  const after = {
    settledMicros: before.settledMicros + more.settledMicros,
    reservedMicros: before.reservedMicros + more.reservedMicros,
  };
  draft.set(spend, key, after);
  return after.settledMicros + after.reservedMicros;
}
