import { describe, expect, it } from "vitest";
import { createRandom } from "./random.logic.js";
import { planDatabaseFaults, missingFaults } from "./database-faults.logic.js";

const WANTED = { kills: 200, restarts: 10, drops: 50 };
const ALL = { kills: 200, happened: { fast: 5, immediate: 5, terminated: 20, cut: 30 } };

describe("the database faults of a fleet", () => {
  const plan = planDatabaseFaults(createRandom(1), WANTED);
  const times = (...names: readonly string[]): readonly number[] => plan.filter(({ name }) => names.includes(name)).map(({ at }) => at);

  it("is as much as is asked for, of every kind", () => {
    expect(times("fast")).toHaveLength(5);
    expect(times("immediate")).toHaveLength(5);
    expect(times("terminated", "cut")).toHaveLength(50);
    expect(times("terminated").length).toBeGreaterThan(15);
    expect(times("cut").length).toBeGreaterThan(15);
  });

  it("comes in the order of the kills, spread over all of them, the last one before the last kill", () => {
    const all = plan.map(({ at }) => at);
    expect(all).toEqual(all.toSorted((a, b) => a - b));
    expect(times("fast", "immediate").map((at) => Math.floor(at / 20))).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9]);
    expect(Math.max(...all)).toBeLessThan(200);
  });

  it("that never happened is a fault, kills too", () => {
    expect(missingFaults(WANTED, ALL)).toEqual([]);
    expect(missingFaults(WANTED, { kills: 199, happened: { fast: 4, immediate: 5, terminated: 20, cut: 29 } })).toEqual([
      { is: "wrong", rule: "did-not-happen", what: "199 of 200 kills happened" },
      { is: "wrong", rule: "did-not-happen", what: "9 of 10 restarts happened" },
      { is: "wrong", rule: "did-not-happen", what: "49 of 50 dropped connections happened" },
    ]);
  });
});
