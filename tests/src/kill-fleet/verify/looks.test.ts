import { describe, expect, it } from "vitest";
import type { Look } from "../watch.fixture.js";
import { lookFaults } from "./looks.logic.js";

const look = (events: number, over: Partial<Look> = {}): Look => ({
  events,
  runs: 3,
  live: 2,
  asleep: 0,
  unasked: 0,
  stray: 0,
  ...over,
});

describe("looks at a living fleet", () => {
  it("find nothing while the log grows", () => {
    expect(lookFaults([look(0), look(7), look(7)])).toEqual([]);
  });

  it("find what a server acknowledged and forgot, once, although more follows", () => {
    const what = "2 events that were in the log are not there any more";
    expect(lookFaults([look(9), look(7), look(7), look(12)])).toEqual([{ is: "lost", rule: "log", what }]);
  });

  it.each(["asleep", "unasked", "stray"])("find a run that is %s", (state) => {
    expect(lookFaults([look(9, { [state]: 1 }), look(9)])).toMatchObject([{ is: "lost", rule: "live-look" }]);
  });
});
