import { expect, it } from "vitest";
import { keptSince } from "./retention.logic.js";

it("F:C15 details are kept for as many days as a workspace says, or for ever", () => {
  expect(keptSince(2, 200_000_000)).toBe(200_000_000 - 172_800_000);
  expect(keptSince(null, 200_000_000)).toBeNull();
});
