import { describe, expect, it } from "vitest";
import { laneOf } from "./lane.logic.js";
import { wasPaused } from "./tries.logic.js";

describe("the landing queue of a run (F:C1)", () => {
  it("F:C1 is one per forge, repository and base", () => {
    const at = { forge: "memory", id: "sample", base: "main" };
    const lanes = [
      at,
      { ...at, forge: "github" },
      { ...at, id: "other" },
      { ...at, base: "release" },
      { ...at, id: "samplemain", base: "" },
    ];
    expect(new Set(lanes.map(laneOf)).size).toBe(lanes.length);
    expect(laneOf({ ...at })).toBe(laneOf(at));
  });

  it("F:C1 is left by a pause of an outage, and by nothing that is no effect", () => {
    const request = { do: "call", name: "x", input: null } as const;
    const tried = (tries: number) => ({
      activity: { is: "effect", effect: { key: "k", request, requestedAt: 1, tries, hold: null } } as const,
    });
    expect([wasPaused(tried(4)), wasPaused(tried(5)), wasPaused({ activity: { is: "pending" } })]).toEqual([false, true, false]);
  });
});
