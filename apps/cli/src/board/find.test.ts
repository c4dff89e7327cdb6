import { describe, expect, it } from "vitest";
import { uniqueMatch } from "./find.js";

const ids = ["run_abc1", "run_abd2", "run_xyz3"];
const match = (text: string): string => uniqueMatch("run", text, ids, "millrace runs");

describe("uniqueMatch", () => {
  it.each([
    ["run_abc", "run_abc1"],
    ["abd", "run_abd2"],
    ["x", "run_xyz3"],
  ])("'%s' is the start of one id", (text, id) => expect(match(text)).toBe(id));

  it.each(["nope", "", "RUN_ABC1"])("'%s' is none", (text) => {
    expect(() => match(text)).toThrow(expect.objectContaining({ code: "not_found", fix: "list them with: millrace runs" }) as Error);
  });

  it("refuses a start that several ids share, and names them", () => {
    expect(() => match("ab")).toThrow(
      expect.objectContaining({ code: "validation", message: "'ab' is the start of 2 ids: run_abc1, run_abd2" }) as Error,
    );
  });
});
