import type { Cursor, LoggedEvent, Store } from "@millrace/kernel";
import { LOG_START } from "@millrace/kernel";
import { expect } from "vitest";
import { WS, aBoardEvent, aRecord, aRunEvent, boardOf, expectRefusal, seedRun } from "./fixtures.js";
import type { StoreCase } from "./store-case.js";

/** Reads on from the cursor until nothing is left, in pages. */
async function follow(store: Store, from: Cursor, limit: number): Promise<readonly LoggedEvent[]> {
  const seen: LoggedEvent[] = [];
  for (let page = 0; page < 100; page += 1) {
    const events = await store.events.read(WS, seen.at(-1)?.cursor ?? from, limit);
    if (events.length === 0) return seen;
    seen.push(...events);
  }
  throw new Error("the log does not end");
}

const append = (firstSequence: number, ...steps: readonly number[]) =>
  ({ change: "append-run-events", workspaceId: WS, runId: "run_a", firstSequence, events: steps.map(aRunEvent) }) as const;

export const eventCases: readonly StoreCase[] = [
  {
    name: "events come back whole, in log order, with their place in the run",
    async run({ store }) {
      await seedRun(store);
      await store.commit([append(1, 0, 1), { change: "append-board-event", workspaceId: WS, event: aBoardEvent("Board") }, append(3, 2)]);
      const log = await store.events.read(WS, LOG_START, 10);
      expect(log.map(({ runId, sequence, entry }) => ({ runId, sequence, entry }))).toEqual([
        { runId: "run_a", sequence: 1, entry: aRunEvent(0) },
        { runId: "run_a", sequence: 2, entry: aRunEvent(1) },
        { runId: null, sequence: null, entry: aBoardEvent("Board") },
        { runId: "run_a", sequence: 3, entry: aRunEvent(2) },
      ]);
      const cursors = log.map(({ cursor }) => cursor);
      expect(new Set([LOG_START, ...cursors]).size).toBe(5);
      expect((await store.events.ofRun(WS, "run_a", 0, 10)).map(({ cursor }) => cursor)).toEqual([cursors[0], cursors[1], cursors[3]]);
      expect(log.map(({ workspaceId }) => workspaceId)).toEqual([WS, WS, WS, WS]);
    },
  },
  {
    name: "a reader that resumes from any cursor misses and repeats nothing",
    async run({ store }) {
      await seedRun(store);
      await store.commit(boardOf("ws_b"));
      for (let sequence = 1; sequence <= 20; sequence += 1) {
        await store.commit([append(sequence, sequence)]);
        await store.commit([{ change: "append-board-event", workspaceId: "ws_b", event: aBoardEvent("noise") }]);
      }
      const whole = await follow(store, LOG_START, 1000);
      expect(whole.map(({ sequence }) => sequence)).toEqual(Array.from({ length: 20 }, (_, index) => index + 1));
      for (const limit of [1, 3, 7]) expect(await follow(store, LOG_START, limit)).toEqual(whole);
      for (const [index, { cursor }] of whole.entries()) expect(await follow(store, cursor, 4)).toEqual(whole.slice(index + 1));
    },
  },
  {
    name: "a reader that follows while writers commit sees every event once",
    async run({ store }) {
      const ids = ["run_1", "run_2", "run_3"];
      await store.commit([
        ...boardOf(WS),
        ...ids.map((id) => ({ change: "insert-run", record: aRecord(id, { status: "done" }) }) as const),
      ]);
      const write = async (runId: string): Promise<void> => {
        for (let sequence = 1; sequence <= 15; sequence += 1) {
          await store.commit([
            { change: "append-run-events", workspaceId: WS, runId, firstSequence: sequence, events: [aRunEvent(sequence)] },
          ]);
        }
      };
      let writing = true;
      const writers = Promise.all(ids.map(write)).finally(() => {
        writing = false;
      });
      const seen: LoggedEvent[] = [];
      for (let turn = 0; turn < 10_000 && (writing || seen.length < 45); turn += 1) {
        seen.push(...(await store.events.read(WS, seen.at(-1)?.cursor ?? LOG_START, 4)));
      }
      await writers;
      expect(seen).toEqual(await store.events.read(WS, LOG_START, 1000));
      expect(seen).toHaveLength(45);
    },
  },
  {
    name: "a taken position of a run is refused as stale, alone or inside a longer append",
    async run({ store }) {
      await seedRun(store);
      await store.commit([append(1, 0, 1, 2)]);
      await expectRefusal(store.commit([append(3, 9)]), "stale_revision");
      await expectRefusal(store.commit([append(1, 9, 9, 9, 9)]), "stale_revision");
      await store.commit([append(4, 3)]);
      expect((await store.events.ofRun(WS, "run_a", 0, 10)).map(({ entry }) => entry)).toEqual([0, 1, 2, 3].map(aRunEvent));
    },
  },
  {
    name: "an append of 40 events is whole and in its order, and a taken position anywhere in it refuses all of it",
    async run({ store }) {
      await seedRun(store);
      const steps = Array.from({ length: 40 }, (_, index) => index);
      await store.commit([append(1, ...steps)]);
      expect((await store.events.ofRun(WS, "run_a", 0, 100)).map(({ entry }) => entry)).toEqual(steps.map(aRunEvent));
      expect((await store.events.read(WS, LOG_START, 100)).map(({ sequence }) => sequence)).toEqual(steps.map((step) => step + 1));
      await store.commit([append(80, 0)]);
      await expectRefusal(store.commit([append(41, ...steps)]), "stale_revision");
      expect(await store.events.ofRun(WS, "run_a", 0, 100)).toHaveLength(41);
    },
  },
  {
    name: "a cursor that no log gives is refused, not taken for the start or the end",
    async run({ store }) {
      await seedRun(store);
      for (const cursor of ["", "x", "-1", "1.2.3", " 1"]) await expectRefusal(store.events.read(WS, cursor, 10), "validation");
    },
  },
  {
    name: "a run's events are read from any of its positions",
    async run({ store }) {
      await seedRun(store);
      await store.commit([append(1, 0, 1, 2, 3)]);
      const places = async (after: number, limit: number): Promise<unknown> =>
        (await store.events.ofRun(WS, "run_a", after, limit)).map(({ sequence }) => sequence);
      expect(await places(0, 10)).toEqual([1, 2, 3, 4]);
      expect(await places(2, 10)).toEqual([3, 4]);
      expect(await places(1, 2)).toEqual([2, 3]);
      expect(await places(4, 10)).toEqual([]);
      expect(await store.events.ofRun(WS, "run_x", 0, 10)).toEqual([]);
      for (const limit of [0, 1001]) {
        await expectRefusal(store.events.read(WS, LOG_START, limit), "validation");
        await expectRefusal(store.events.ofRun(WS, "run_a", 0, limit), "validation");
      }
    },
  },
  {
    name: "the events outside runs are those of every workspace, in log order, and no run's",
    async run({ store }) {
      await store.commit([...boardOf(WS), { change: "insert-run", record: aRecord("run_a") }]);
      await store.commit(boardOf("ws_b"));
      for (const [index, workspaceId] of [WS, "ws_b", WS, "ws_b"].entries()) {
        await store.commit([append(index + 1, index)]);
        await store.commit([{ change: "append-board-event", workspaceId, event: aBoardEvent(`event ${index}`) }]);
      }
      const all = await store.events.outsideRuns(LOG_START, 1000);
      expect(all.map(({ workspaceId, runId, entry }) => ({ workspaceId, runId, entry }))).toEqual(
        [WS, "ws_b", WS, "ws_b"].map((workspaceId, index) => ({ workspaceId, runId: null, entry: aBoardEvent(`event ${index}`) })),
      );
      const [, second, third] = all;
      expect(await store.events.outsideRuns(second?.cursor ?? LOG_START, 1)).toEqual([third]);
      await expectRefusal(store.events.outsideRuns("nowhere", 1), "validation");
      for (const limit of [0, 1001, 1.5]) await expectRefusal(store.events.outsideRuns(LOG_START, limit), "validation");
    },
  },
  {
    name: "the end of the log is behind what is there and before what comes",
    async run({ store }) {
      const start = await store.events.end();
      await store.commit([...boardOf(WS), { change: "insert-run", record: aRecord("run_a") }, append(1, 0)]);
      expect(await follow(store, start, 9)).toHaveLength(1);
      const end = await store.events.end();
      expect(await follow(store, end, 9)).toEqual([]);
      await store.commit([append(2, 1)]);
      expect((await follow(store, end, 9)).map(({ sequence }) => sequence)).toEqual([2]);
    },
  },
];
