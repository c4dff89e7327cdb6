import type { Change, SpendCap, Store } from "@millrace/kernel";
import { MONTH, WS, aBlock, aRecord, aSpend, seedRun } from "./fixtures.js";

export const TASK_SCOPE = "task/tsk_a";

/** Settled and reserved in a scope. */
export async function total(store: Store, scope = MONTH, workspaceId = WS): Promise<readonly [settled: number, reserved: number]> {
  const { settledMicros, reservedMicros } = await store.spend.total(workspaceId, scope);
  return [settledMicros, reservedMicros];
}

/** Reserves for `run_a` under several caps. */
export function reserveIn(micros: number, ...caps: readonly (readonly [scope: string, max: number | null])[]): Change {
  const named = caps.map(([scope, maxMicros]): SpendCap => ({ scope, maxMicros }));
  return { change: "reserve-spend", workspaceId: WS, runId: "run_a", micros, caps: named };
}

/** Records usage of `run_a`. */
export function spent(key: string, costMicros: number | null, scopes: readonly string[] = [MONTH]): Change {
  return { change: "record-usage", usage: aSpend(key, { costMicros }), scopes };
}

/** The board and live runs `run_a`, `run_1` ... of tasks of their own. */
export async function seedRuns(store: Store, more: number): Promise<readonly string[]> {
  await seedRun(store);
  const ids = Array.from({ length: more }, (_, index) => `run_${index + 1}`);
  for (const id of ids) {
    const blockId = `tsk_${id}`;
    await store.commit([
      { change: "insert-block", block: aBlock({ id: blockId }) },
      { change: "insert-run", record: aRecord(id, { blockId }) },
    ]);
  }
  return ["run_a", ...ids];
}
