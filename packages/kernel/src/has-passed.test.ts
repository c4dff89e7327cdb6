import { describe, expect, it } from "vitest";
import { hasPassed } from "./has-passed.logic.js";

describe("a pause of at most a minute", () => {
  it.each([
    ["is not over before its end", 1_060_000, false],
    ["is over at its end", 1_000_000, true],
    ["F:C9 is over when it was begun by a clock that has been set back by an hour", 4_660_000, true],
    ["goes on when another process's clock is half a second ahead", 1_060_500, false],
  ])("%s", (_title, until, passed) => {
    expect(hasPassed(until, 1_000_000, 60_000)).toBe(passed);
  });
});
