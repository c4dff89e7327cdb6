import { expect } from "vitest";
import { TASK, WS, aRecord, aRunEvent, boardOf, seedRun } from "./fixtures.js";
import type { StoreCase } from "./store-case.js";

/** Codes of the attempts that were refused; an attempt that landed is left out. */
async function refusals(attempts: readonly Promise<unknown>[]): Promise<readonly unknown[]> {
  const outcomes = await Promise.allSettled(attempts);
  return outcomes.flatMap((outcome) => (outcome.status === "rejected" ? [(outcome.reason as { code?: unknown }).code] : []));
}

export const concurrencyCases: readonly StoreCase[] = [
  {
    name: "of many commits that start a run of one block, one lands",
    async run({ store, connect }) {
      await store.commit(boardOf(WS));
      const stores = [store, await connect()];
      const attempts = Array.from({ length: 12 }, (_, index) =>
        (stores[index % 2] ?? store).commit([{ change: "insert-run", record: aRecord(`run_${index}`) }]),
      );
      expect(await refusals(attempts)).toEqual(Array.from({ length: 11 }, () => "run_in_progress"));
      const runs = await store.runs.list(WS, {}, { limit: 200 });
      expect(runs).toHaveLength(1);
      expect((await store.runs.liveOfBlock(WS, TASK))?.id).toBe(runs[0]?.id);
    },
  },
  {
    name: "of many commits from one revision, one lands, with its events and no other's",
    async run({ store, connect }) {
      await seedRun(store);
      const stores = [store, await connect()];
      const attempts = Array.from({ length: 12 }, (_, index) =>
        (stores[index % 2] ?? store).commit([
          { change: "put-output", workspaceId: WS, runId: "run_a", key: `by-${index}`, text: "x" },
          { change: "update-run", record: aRecord("run_a", { revision: 2, updatedAt: 100 + index }), expected: 1 },
          { change: "append-run-events", workspaceId: WS, runId: "run_a", firstSequence: 2, events: [aRunEvent(index)] },
        ]),
      );
      expect(await refusals(attempts)).toEqual(Array.from({ length: 11 }, () => "stale_revision"));
      const winner = ((await store.runs.get(WS, "run_a"))?.updatedAt ?? 0) - 100;
      expect((await store.events.ofRun(WS, "run_a", 0, 10)).map(({ entry }) => entry)).toEqual([aRunEvent(winner)]);
      const outputs = await store.outputs.getMany(
        WS,
        Array.from({ length: 12 }, (_, index) => `by-${index}`),
      );
      expect([...outputs.keys()]).toEqual([`by-${winner}`]);
    },
  },
];
