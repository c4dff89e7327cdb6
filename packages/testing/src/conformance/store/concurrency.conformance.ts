import type { Change } from "@millrace/kernel";
import { expect } from "vitest";
import { MONTH, TASK, WS, aBlock, aRecord, aRunEvent, boardOf, reserve, seedRun } from "./fixtures.js";
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
  {
    name: "steps of many runs at once land whole or not at all, each by itself, and each read sees its own",
    async run({ store, connect }) {
      await store.commit([...boardOf(WS), ...Array.from({ length: RUNS }, (_, index) => startOf(index)).flat()]);
      const stores = [store, await connect()];
      const isStale = (index: number): boolean => index % 8 === 3;
      const reads = await Promise.allSettled(
        Array.from({ length: RUNS }, (_, index) =>
          (stores[index % 2] ?? store).commit(stepOf(index, isStale(index) ? 7 : 1), {
            contextOf: { workspaceId: WS, blockId: `tsk_${index}`, runId: `run_${index}` },
          }),
        ),
      );
      for (const [index, read] of reads.entries()) {
        const events = (await store.events.ofRun(WS, `run_${index}`, 0, 10)).map(({ entry }) => entry);
        const output = await store.outputs.get(WS, `out-${index}`);
        const block = await store.blocks.get(WS, `tsk_${index}`);
        if (isStale(index)) {
          expect(read).toMatchObject({ status: "rejected", reason: { code: "stale_revision" } });
          expect({ events, output, progress: block?.progress }).toEqual({ events: [], output: null, progress: 0 });
          continue;
        }
        expect({ events, output }).toEqual({ events: [aRunEvent(index), aRunEvent(index + 1)], output: `text ${index}` });
        expect(block).toMatchObject({ status: "in_progress", progress: 0.5, runId: `run_${index}` });
        expect(await store.runs.revision(WS, `run_${index}`)).toBe(3);
        expect(read).toEqual({
          status: "fulfilled",
          value: await store.runs.context({ workspaceId: WS, blockId: `tsk_${index}`, runId: `run_${index}` }),
        });
      }
      expect((await store.spend.total(WS, MONTH)).reservedMicros).toBe(5 * RUNS);
    },
  },
  {
    name: "commits at once that write the same row both land, one after the other",
    async run({ store }) {
      await seedRun(store);
      const put = (text: string) => ({ change: "put-output", workspaceId: WS, runId: "run_a", key: "same", text }) as const;
      const patch = (progress: number) => ({ change: "patch-block", workspaceId: WS, id: TASK, patch: { progress } }) as const;
      await Promise.all([0.1, 0.2, 0.3, 0.4].map((progress) => store.commit([put(`at ${progress}`), patch(progress)])));
      const { progress } = (await store.blocks.get(WS, TASK)) ?? {};
      expect([0.1, 0.2, 0.3, 0.4]).toContain(progress);
      expect(await store.outputs.get(WS, "same")).toBe(`at ${progress}`);
      await store.commit([put("first"), put("second"), patch(0.5), patch(0.6)]);
      expect([await store.outputs.get(WS, "same"), (await store.blocks.get(WS, TASK))?.progress]).toEqual(["second", 0.6]);
    },
  },
];

const RUNS = 24;

function startOf(index: number): readonly Change[] {
  const blockId = `tsk_${index}`;
  return [
    { change: "insert-block", block: aBlock({ id: blockId }) },
    { change: "insert-run", record: aRecord(`run_${index}`, { blockId }) },
    reserve(`run_${index}`, 5),
  ];
}

function stepOf(index: number, expected: number): readonly Change[] {
  const [runId, blockId] = [`run_${index}`, `tsk_${index}`];
  return [
    { change: "update-run", record: aRecord(runId, { blockId, revision: 3 }), expected },
    { change: "append-run-events", workspaceId: WS, runId, firstSequence: 2, events: [aRunEvent(index), aRunEvent(index + 1)] },
    { change: "put-output", workspaceId: WS, runId, key: `out-${index}`, text: `text ${index}` },
    { ...reserve(runId, 5), assumedUnchanged: true } as Change,
    { change: "patch-block", workspaceId: WS, id: blockId, patch: { status: "in_progress", progress: 0.5, runId } },
    { change: "wake", workspaceId: WS, runId, at: 100 + index },
  ];
}
