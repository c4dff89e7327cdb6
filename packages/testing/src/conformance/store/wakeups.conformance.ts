import type { Change } from "@millrace/kernel";
import { expect } from "vitest";
import { WS, aRecord, boardOf, expectRefusal } from "./fixtures.js";
import type { StoreCase, StoreScene } from "./store-case.js";

const wake = (runId: string, at: number): Change => ({ change: "wake", workspaceId: WS, runId, at });
const unwake = (runId: string): Change => ({ change: "unwake", workspaceId: WS, runId });

/** Runs with a wake-up each: `run_0` is due at the first time, `run_1` at the second ... */
async function sleeping({ store }: StoreScene, ...dueAt: readonly number[]): Promise<void> {
  const runs = dueAt.map((_, index): Change => ({ change: "insert-run", record: aRecord(`run_${index}`, { status: "done" }) }));
  await store.commit([...boardOf(WS), ...runs, ...dueAt.map((at, index) => wake(`run_${index}`, at))]);
}

async function claim({ wakeups }: StoreScene, owner: string, now: number, limit = 10): Promise<readonly string[]> {
  return (await wakeups.claim({ owner, now, leaseMs: 100, limit })).map(({ runId }) => runId);
}

const held = (owner: string, runId = "run_0") => ({ workspaceId: WS, runId, owner, leaseUntil: 0 });

export const wakeUpCases: readonly StoreCase[] = [
  {
    name: "what is due is claimed oldest first, up to the limit, and what is not due is left",
    async run(scene) {
      await sleeping(scene, 30, 10, 20, 41);
      expect(await scene.wakeups.claim({ owner: "a", now: 40, leaseMs: 100, limit: 2 })).toEqual([
        { workspaceId: WS, runId: "run_1", owner: "a", leaseUntil: 140 },
        { workspaceId: WS, runId: "run_2", owner: "a", leaseUntil: 140 },
      ]);
      expect(await claim(scene, "b", 40)).toEqual(["run_0"]);
      expect(await claim(scene, "b", 40)).toEqual([]);
      expect(await claim(scene, "b", 41)).toEqual(["run_3"]);
    },
  },
  {
    name: "a claimed run is not handed out again until its lease ends, not even to its owner",
    async run(scene) {
      await sleeping(scene, 10);
      expect(await claim(scene, "a", 50)).toEqual(["run_0"]);
      expect(await claim(scene, "a", 60)).toEqual([]);
      expect(await claim(scene, "b", 149)).toEqual([]);
      expect(await claim(scene, "b", 150)).toEqual(["run_0"]);
    },
  },
  {
    name: "concurrent claims share what is due and never overlap",
    async run(scene) {
      await sleeping(scene, ...Array.from({ length: 20 }, (_, index) => index));
      const shares = await Promise.all(["a", "b", "c", "d", "e", "f"].map((owner) => claim(scene, owner, 100, 4)));
      const all = shares.flat();
      expect(all).toHaveLength(20);
      expect(new Set(all).size).toBe(20);
    },
  },
  {
    name: "a claim may be renewed by its owner until another one has it",
    async run(scene) {
      await sleeping(scene, 10);
      await claim(scene, "a", 50);
      expect(await scene.wakeups.renew(held("a"), 500)).toBe(true);
      expect(await claim(scene, "b", 499)).toEqual([]);
      expect(await claim(scene, "b", 500)).toEqual(["run_0"]);
      expect(await scene.wakeups.renew(held("a"), 900)).toBe(false);
      expect(await claim(scene, "a", 600)).toEqual(["run_0"]);
    },
  },
  {
    name: "a released run is free at once, and only its owner can release it",
    async run(scene) {
      await sleeping(scene, 10);
      await claim(scene, "a", 50);
      await scene.wakeups.release(held("b"));
      expect(await claim(scene, "b", 60)).toEqual([]);
      await scene.wakeups.release(held("a"));
      expect(await claim(scene, "b", 60)).toEqual(["run_0"]);
      expect(await scene.wakeups.renew(held("a"), 900)).toBe(false);
    },
  },
  {
    name: "waking sets the time and keeps the claim",
    async run(scene) {
      await sleeping(scene, 10);
      await claim(scene, "a", 50);
      await scene.store.commit([wake("run_0", 55)]);
      expect(await claim(scene, "b", 60)).toEqual([]);
      expect(await scene.wakeups.renew(held("a"), 300)).toBe(true);
      await scene.wakeups.release(held("a"));
      expect(await claim(scene, "b", 54)).toEqual([]);
      expect(await claim(scene, "b", 55)).toEqual(["run_0"]);
    },
  },
  {
    name: "waking may also move the time later",
    async run(scene) {
      await sleeping(scene, 10);
      await scene.store.commit([wake("run_0", 500)]);
      expect(await claim(scene, "a", 499)).toEqual([]);
      expect(await claim(scene, "a", 500)).toEqual(["run_0"]);
    },
  },
  {
    name: "unwaking removes the wake-up and its claim",
    async run(scene) {
      await sleeping(scene, 10);
      await claim(scene, "a", 50);
      await scene.store.commit([unwake("run_0")]);
      expect(await scene.wakeups.renew(held("a"), 900)).toBe(false);
      await scene.wakeups.release(held("a"));
      expect(await scene.wakeups.nextDueAt()).toBeNull();
      await scene.store.commit([unwake("run_0"), wake("run_0", 70)]);
      expect(await claim(scene, "b", 70)).toEqual(["run_0"]);
    },
  },
  {
    name: "the claims of an owner are given back, and only these",
    async run(scene) {
      await sleeping(scene, 10, 20, 30, 40);
      for (const owner of ["dead", "alive", "dead"]) await claim(scene, owner, 50, 1);
      expect((await scene.wakeups.leaseOwners()).toSorted()).toEqual(["alive", "dead"]);
      expect(await scene.wakeups.releaseOwner("dead")).toBe(2);
      expect(await scene.wakeups.leaseOwners()).toEqual(["alive"]);
      expect(await claim(scene, "b", 50)).toEqual(["run_0", "run_2", "run_3"]);
      expect(await scene.wakeups.releaseOwner("dead")).toBe(0);
    },
  },
  {
    name: "the next due time is that of the unclaimed runs",
    async run(scene) {
      const { wakeups, clock } = scene;
      expect(await wakeups.nextDueAt()).toBeNull();
      await sleeping(scene, 10, 20);
      clock.set(50);
      expect(await wakeups.nextDueAt()).toBe(10);
      await claim(scene, "a", 50, 1);
      expect(await wakeups.nextDueAt()).toBe(20);
      await claim(scene, "a", 50, 1);
      expect(await wakeups.nextDueAt()).toBeNull();
      clock.set(150);
      expect(await wakeups.nextDueAt()).toBe(10);
    },
  },
  {
    name: "named runs are claimed and looked up alone, whatever else is due",
    async run(scene) {
      const { wakeups, clock } = scene;
      await sleeping(scene, 10, 20, 90, 30);
      clock.set(50);
      const named = ["run_1", "run_2", "run_x"].map((runId) => ({ workspaceId: WS, runId }));
      expect(await wakeups.nextDueAt(named)).toBe(20);
      const claimed = await wakeups.claim({ owner: "a", now: 50, leaseMs: 100, limit: 10, only: named });
      expect(claimed).toEqual([{ workspaceId: WS, runId: "run_1", owner: "a", leaseUntil: 150 }]);
      expect(await wakeups.nextDueAt(named)).toBe(90);
      expect(await wakeups.claim({ owner: "a", now: 90, leaseMs: 100, limit: 1, only: named })).toHaveLength(1);
      expect(await wakeups.nextDueAt(named)).toBeNull();
      expect(await wakeups.claim({ owner: "b", now: 90, leaseMs: 100, limit: 10, only: [] })).toEqual([]);
      expect(
        await wakeups.claim({ owner: "b", now: 90, leaseMs: 100, limit: 10, only: [{ workspaceId: "ws_other", runId: "run_0" }] }),
      ).toEqual([]);
      expect(await claim(scene, "b", 90)).toEqual(["run_0", "run_3"]);
    },
  },
  {
    name: "F:C9 a wake-up that was set by a clock which is an hour back by now is due, and no other",
    async run(scene) {
      const { wakeups, clock } = scene;
      clock.set(7_200_000);
      await sleeping(scene, 7_260_000, 1_000);
      expect(await wakeups.realign({ now: 7_200_000, leaseMs: 100 })).toBe(0);
      clock.set(3_600_000);
      expect(await claim(scene, "a", 3_600_000)).toEqual(["run_1"]);
      expect(await wakeups.realign({ now: 3_600_000, leaseMs: 4_000_000 })).toBe(2);
      expect(await wakeups.nextDueAt()).toBe(3_600_000);
      expect(await claim(scene, "a", 3_600_000)).toEqual(["run_0"]);
      expect(await wakeups.realign({ now: 3_600_000, leaseMs: 4_000_000 })).toBe(0);
      await scene.store.commit([wake("run_0", 3_660_000)]);
      expect(await wakeups.realign({ now: 3_600_000, leaseMs: 4_000_000 })).toBe(0);
    },
  },
  {
    name: "F:C9 a claim that was made by a clock which is an hour back by now ends half a lease from now, unless its owner renews it",
    async run(scene) {
      const { wakeups, clock } = scene;
      clock.set(3_600_000);
      await sleeping(scene, 10, 20);
      expect(await wakeups.claim({ owner: "dead", now: 7_200_000, leaseMs: 30_000, limit: 1 })).toHaveLength(1);
      expect(await wakeups.claim({ owner: "alive", now: 7_200_000, leaseMs: 30_000, limit: 1 })).toHaveLength(1);
      expect(await wakeups.realign({ now: 3_600_000, leaseMs: 30_000 })).toBe(2);
      expect(await claim(scene, "b", 3_614_999)).toEqual([]);
      expect(await wakeups.renew(held("alive", "run_1"), 3_640_000)).toBe(true);
      expect(await claim(scene, "b", 3_615_000)).toEqual(["run_0"]);
      expect(await wakeups.realign({ now: 3_615_000, leaseMs: 30_000 })).toBe(0);
    },
  },
  {
    name: "a nudge moves a wake-up earlier, never later, and keeps the claim",
    async run(scene) {
      const { wakeups } = scene;
      await sleeping(scene, 500);
      expect(await wakeups.nudge(WS, "run_0", 60)).toBe(true);
      expect(await wakeups.nextDueAt()).toBe(60);
      expect(await wakeups.nudge(WS, "run_0", 90)).toBe(true);
      expect(await wakeups.nextDueAt()).toBe(60);
      expect(await wakeups.nudge(WS, "run_x", 1)).toBe(false);
      await claim(scene, "a", 60);
      expect(await wakeups.nudge(WS, "run_0", 5)).toBe(true);
      expect(await claim(scene, "b", 60)).toEqual([]);
    },
  },
  {
    name: "a claim without room or without a lease is refused",
    async run(scene) {
      await sleeping(scene, 10);
      await expectRefusal(scene.wakeups.claim({ owner: "a", now: 50, leaseMs: 100, limit: 0 }), "validation");
      await expectRefusal(scene.wakeups.claim({ owner: "a", now: 50, leaseMs: 0, limit: 1 }), "validation");
      expect(await claim(scene, "a", 50)).toEqual(["run_0"]);
    },
  },
];
