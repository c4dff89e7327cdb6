import { MillraceError } from "@millrace/kernel";
import { describe, expect, it } from "vitest";
import { asMillraceError, errorLines } from "./error.logic.js";

describe("errors", () => {
  it("are two lines: what is wrong, and what to do", () => {
    const error = new MillraceError("not_found", "run 'x' does not exist", { fix: "millrace runs" });
    expect(errorLines(error, { stack: false })).toEqual(["error: run 'x' does not exist", "fix: millrace runs"]);
  });

  it("have no fix line when there is none", () => {
    expect(errorLines(new MillraceError("conflict", "no"), { stack: false })).toEqual(["error: no"]);
  });

  it("show code, stack and cause only while debugging", () => {
    const error = asMillraceError(new TypeError("x is not a function"));
    expect(error.code).toBe("internal");
    expect(errorLines(error, { stack: false })).toHaveLength(2);
    expect(errorLines(error, { stack: true }).join("\n")).toMatch(/code: internal[\s\S]*TypeError: x is not a function\n +at /);
  });

  it("stay the same error when they are ours", () => {
    const error = new MillraceError("conflict", "no");
    expect(asMillraceError(error)).toBe(error);
    expect(asMillraceError("thrown text").message).toBe("thrown text");
  });
});
