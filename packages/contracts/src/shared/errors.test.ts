import { describe, expect, it } from "vitest";
import { errorCodeSchema, errorTable } from "../index.js";

describe("the error table", () => {
  it("has a row for every code, and none beside", () => {
    expect(Object.keys(errorTable).toSorted()).toEqual(errorCodeSchema.options.toSorted());
  });

  it("pauses runs only for errors that pass", () => {
    const held = Object.values(errorTable).filter(({ holds }) => holds !== undefined);
    expect(new Set(held.map(({ holds }) => holds))).toEqual(new Set(["budget", "limit", "outage", "quota"]));
    expect(held).toHaveLength(4);
    expect(held.every(({ retry }) => retry === "passing")).toBe(true);
  });
});
