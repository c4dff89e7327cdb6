import { describe, expect, it } from "vitest";
import type { Snapshot } from "../snapshots.fixture.js";
import { snapshotViolations } from "./snapshots.logic.js";

const snapshot = (events: number, over: Partial<Snapshot> = {}): Snapshot => ({
  events,
  runs: 3,
  live: 2,
  asleep: 0,
  unnotified: 0,
  stray: 0,
  ...over,
});

describe("looks at a living fleet", () => {
  it("find nothing while the log grows", () => {
    expect(snapshotViolations([snapshot(0), snapshot(7), snapshot(7)])).toEqual([]);
  });

  it("find what a server acknowledged and forgot, once, although more follows", () => {
    const what = "2 events that were in the log are not there any more";
    expect(snapshotViolations([snapshot(9), snapshot(7), snapshot(7), snapshot(12)])).toEqual([{ is: "lost", rule: "log", what }]);
  });

  it.each(["asleep", "unnotified", "stray"])("find a run that is %s", (state) => {
    expect(snapshotViolations([snapshot(9, { [state]: 1 }), snapshot(9)])).toMatchObject([{ is: "lost", rule: "live-look" }]);
  });
});
