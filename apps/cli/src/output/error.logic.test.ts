import { MillraceError } from "@millrace/kernel";
import { describe, expect, it } from "vitest";
import { asMillraceError, errorLines } from "./error.logic.js";

describe("errors", () => {
  it("are two lines: what is wrong, and what to do", () => {
    const error = new MillraceError("not_found", "run 'x' does not exist", { fix: "millrace runs" });
    expect(errorLines(error, { stack: false })).toEqual(["error: run 'x' does not exist", "fix: millrace runs"]);
  });

  it("F:E4 show what the program that failed printed, from its end, where people read text", () => {
    const stderr = [
      "\u001B[31mfatal\u001B[0m: detected dubious ownership",
      ...Array.from({ length: 20 }, (_, line) => `line ${line}`),
    ].join("\n");
    const error = new MillraceError("git_failed", "git clone ended with exit code 128", {
      fix: "run it by hand",
      details: { stderr, exitCode: 128 },
    });
    const lines = errorLines(error, { stack: false });
    expect([lines[0], lines[1], lines.at(-2), lines.at(-1)]).toEqual([
      "error: git clone ended with exit code 128",
      "  | line 8",
      "  | line 19",
      "fix: run it by hand",
    ]);
    expect(errorLines(new MillraceError("git_failed", "no", { details: { stderr: " " } }), { stack: false })).toEqual(["error: no"]);
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
