import { LOG_START, type RunPart } from "@millrace/kernel";
import { expect } from "vitest";
import { WS, aNotification, aRecord, aRunEvent, aSpend, expectRefusal, raise, resolve, seedRun } from "./fixtures.js";
import type { StoreCase } from "./store-case.js";

const PARTS: readonly RunPart[] = ["events", "outputs", "notifications", "usage"];
const run = { workspaceId: WS, runId: "run_a" } as const;

export const retentionCases: readonly StoreCase[] = [
  {
    name: "RET-03 each part of a finished run goes by itself, once, and never that of a live run or of one that is held",
    async run({ store }) {
      await seedRun(store);
      await store.commit([
        { change: "append-run-events", ...run, firstSequence: 1, events: [aRunEvent(0), aRunEvent(1)] },
        { change: "put-output", ...run, key: "one", text: "four" },
        raise(aNotification("ntf_1")),
        raise(aNotification("ntf_2")),
        { change: "record-usage", usage: aSpend("use_1") },
      ]);
      await store.commit([resolve("ntf_1", "acted", 50)]);
      const trim = (part: RunPart, id = "run_a") => store.commit([{ change: "trim-run", workspaceId: WS, id, part }]);
      const due = async (part: RunPart, before = 1000) => (await store.retention.untrimmed(WS, part, before, 9)).map(({ id }) => id);
      for (const part of PARTS) await expectRefusal(trim(part), "run_in_progress");
      expect(await due("events")).toEqual([]);
      await store.commit([
        { change: "update-run", record: aRecord("run_a", { status: "done", revision: 2, updatedAt: 100 }), expected: 1 },
      ]);
      expect([await due("events", 100), await due("events", 101)]).toEqual([[], ["run_a"]]);
      expect(await store.retention.amount(WS, "outputs", 101)).toEqual({ rows: 1, characters: 4 });
      // Its notifications go when none is open any more.
      expect(await due("notifications")).toEqual([]);
      await store.commit([resolve("ntf_2", "acted", 60)]);
      expect(await due("notifications")).toEqual(["run_a"]);

      await store.commit([{ change: "hold-run", workspaceId: WS, id: "run_a", isHeld: true }]);
      expect([await due("events"), await store.retention.isHeld(WS, "run_a")]).toEqual([[], true]);
      await trim("events");
      expect(await store.events.ofRun(WS, "run_a", 0, 9)).toHaveLength(2);
      await store.commit([{ change: "hold-run", workspaceId: WS, id: "run_a", isHeld: false }]);
      await expectRefusal(store.commit([{ change: "hold-run", workspaceId: WS, id: "run_x", isHeld: true }]), "not_found");

      for (const part of PARTS) {
        await trim(part);
        await trim(part);
        expect([part, await due(part), (await store.retention.amount(WS, part, 1000)).rows]).toEqual([part, [], 0]);
      }
      expect(await store.outputs.get(WS, "one")).toBeNull();
      expect(await store.usage.ofRun(WS, "run_a")).toEqual([]);
      expect(await store.notifications.ofRun(WS, "run_a")).toEqual([]);
      expect(await store.runs.get(WS, "run_a")).not.toBeNull();
    },
  },
  {
    name: "RET-03 a position before events that went has expired, one behind them has not",
    async run({ store }) {
      await seedRun(store);
      const log = async () => (await store.events.read(WS, LOG_START, 99)).map(({ cursor }) => cursor);
      await store.commit([{ change: "append-run-events", ...run, firstSequence: 1, events: [aRunEvent(0), aRunEvent(1)] }]);
      const before = await log();
      await store.commit([{ change: "update-run", record: aRecord("run_a", { status: "done", revision: 2 }), expected: 1 }]);
      await store.commit([{ change: "trim-run", workspaceId: WS, id: "run_a", part: "events" }]);
      const expired = await Promise.all([LOG_START, ...before].map((cursor) => store.events.isExpired(WS, cursor)));
      expect(expired).toEqual([false, true, false]);
      expect(await store.events.isExpired("ws_b", before[0] ?? "")).toBe(false);
    },
  },
  {
    name: "RET-03 the audit goes oldest first, so many entries at a time",
    async run({ store }) {
      await seedRun(store);
      for (const at of [3, 1, 2])
        await store.commit([
          {
            change: "append-board-event",
            workspaceId: WS,
            event: { version: 1, at, actor: { type: "human", id: "ada" }, event: { type: "workspace-created", name: "Board" } },
          },
        ]);
      expect((await store.retention.auditAmount(WS, 3)).rows).toBe(2);
      await store.commit([{ change: "trim-audit", workspaceId: WS, before: 3, limit: 1 }]);
      const left = async () => (await store.audit.ofWorkspace(WS, {}, { limit: 9 })).map(({ at }) => at);
      expect(await left()).toEqual([3, 2]);
      await store.commit([{ change: "trim-audit", workspaceId: WS, before: 3, limit: 9 }]);
      expect(await left()).toEqual([3]);
    },
  },
];
