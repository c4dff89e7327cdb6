import { describe, expect, it } from "vitest";
import { examine, ok } from "./finding.js";
import { atLeast, checkNode } from "./checks.js";

describe("the doctor", () => {
  it.each([
    ["2.39.5", true],
    ["2.38.0", true],
    ["2.37.9", false],
    ["3.0", true],
    ["1.99", false],
    ["git", false],
  ])("git %s is new enough: %s", (version, expected) => expect(atLeast(version, [2, 38])).toBe(expected));

  it("names the Node it needs", () => {
    expect(checkNode("24.1.0")).toEqual(ok("node", "24.1.0"));
    expect(checkNode("20.19.0")).toMatchObject({ status: "fail", fix: "install Node 22.18 or later" });
  });

  it("makes a finding of a check that throws", async () => {
    const found = await examine("x", () => {
      throw new Error("broken");
    });
    expect(found).toMatchObject({ name: "x", status: "fail", message: "broken" });
  });
});
