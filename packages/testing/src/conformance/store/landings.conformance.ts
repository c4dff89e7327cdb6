import type { Change } from "@millrace/kernel";
import { expect } from "vitest";
import { WS, aRecord, boardOf, expectRefusal, seedRun } from "./fixtures.js";
import type { StoreCase, StoreScene } from "./store-case.js";

const OTHER = "ws_b";
const MAIN = "local/app/main";
const join = (runId: string, lane = MAIN, workspaceId = WS): Change => ({ change: "join-landing-queue", workspaceId, runId, lane });
const leave = (runId: string, workspaceId = WS): Change => ({ change: "leave-landing-queue", workspaceId, runId });

/** Four runs of one block, one of them live. */
async function seedRuns({ store }: StoreScene): Promise<void> {
  await seedRun(store);
  for (const id of ["run_b", "run_c", "run_d"]) await store.commit([{ change: "insert-run", record: aRecord(id, { status: "done" }) }]);
}

export const landingCases: readonly StoreCase[] = [
  {
    name: "runs stand in line in the order in which they joined, whatever their ids, and one that joins again keeps its place",
    async run(scene) {
      const { store } = scene;
      await seedRuns(scene);
      expect(await store.landings.position(WS, "run_c")).toBeNull();
      for (const runId of ["run_c", "run_a", "run_b", "run_c"]) await store.commit([join(runId)]);
      expect(await store.landings.position(WS, "run_c")).toEqual({ lane: MAIN, ahead: 0 });
      expect(await store.landings.position(WS, "run_a")).toEqual({ lane: MAIN, ahead: 1 });
      expect(await store.landings.position(WS, "run_b")).toEqual({ lane: MAIN, ahead: 2 });
      expect(await store.landings.line(WS, MAIN, 200)).toEqual(["run_c", "run_a", "run_b"]);
      expect(await store.landings.line(WS, MAIN, 1)).toEqual(["run_c"]);
      await expectRefusal(store.landings.line(WS, MAIN, 0), "validation");
    },
  },
  {
    name: "when a run leaves the line those behind it move up, and one that comes back is the last",
    async run(scene) {
      const { store } = scene;
      await seedRuns(scene);
      await store.commit([join("run_a")]);
      await store.commit([join("run_b")]);
      await store.commit([leave("run_a"), leave("run_d")]);
      expect(await store.landings.position(WS, "run_a")).toBeNull();
      expect(await store.landings.position(WS, "run_b")).toEqual({ lane: MAIN, ahead: 0 });
      await store.commit([join("run_a")]);
      expect(await store.landings.line(WS, MAIN, 200)).toEqual(["run_b", "run_a"]);
    },
  },
  {
    name: "lanes do not know of each other, nor do workspaces",
    async run(scene) {
      const { store } = scene;
      await seedRuns(scene);
      await store.commit([...boardOf(OTHER)]);
      await store.commit([{ change: "insert-run", record: aRecord("run_a", { workspaceId: OTHER, status: "done" }) }]);
      await store.commit([join("run_a")]);
      await store.commit([join("run_b", "local/app/next")]);
      await store.commit([join("run_a", MAIN, OTHER)]);
      expect(await store.landings.position(WS, "run_b")).toEqual({ lane: "local/app/next", ahead: 0 });
      expect(await store.landings.position(OTHER, "run_a")).toEqual({ lane: MAIN, ahead: 0 });
      await store.commit([leave("run_a", OTHER)]);
      expect(await store.landings.line(WS, MAIN, 200)).toEqual(["run_a"]);
      expect(await store.landings.line(OTHER, MAIN, 200)).toEqual([]);
    },
  },
  {
    name: "a place needs its run, and a refused commit neither gives one nor takes one",
    async run(scene) {
      const { store } = scene;
      await seedRuns(scene);
      await expectRefusal(store.commit([join("run_x")]), "not_found");
      await store.commit([join("run_a")]);
      const stale: Change = { change: "update-run", record: aRecord("run_a", { status: "done", revision: 2 }), expected: 9 };
      await expectRefusal(store.commit([leave("run_a"), stale]), "stale_revision");
      await expectRefusal(store.commit([join("run_b"), stale]), "stale_revision");
      expect(await store.landings.line(WS, MAIN, 200)).toEqual(["run_a"]);
    },
  },
];
