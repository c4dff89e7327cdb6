import { describe, expect, it } from "vitest";
import { ago, duration, harmless, harmlessJson, indented, oneLine, printable, table } from "./format.logic.js";

describe("format", () => {
  it.each([
    [0, "0 ms"],
    [999, "999 ms"],
    [1000, "1.0 s"],
    [59_940, "59.9 s"],
    [59_960, "1 min 00 s"],
    [185_000, "3 min 05 s"],
    [7_800_000, "2 h 10 min"],
  ])("%d ms reads '%s'", (ms, text) => expect(duration(ms)).toBe(text));

  it.each([
    [0, "just now"],
    [12_000, "12 s ago"],
    [300_000, "5 min ago"],
    [3 * 3_600_000, "3 h ago"],
    [72 * 3_600_000, "3 d ago"],
  ])("%d ms before now is '%s'", (ms, text) => expect(ago(1_000_000_000_000 - ms, 1_000_000_000_000)).toBe(text));

  it("H:S6 writes out in text what would steer a terminal or hide what is said", () => {
    expect(harmless("a\u001B[2Jb\u001B]0;title\u0007c\rd\u0000e\u009B\tf\ng")).toBe("a\\x1b[2Jb\\x1b]0;title\\x07c\\rd\\x00e\\x9b\tf\ng");
    expect(harmless("\u202Ecod\u2066e\u200B \u{E0041}")).toBe("\\u202ecod\\u2066e\\u200b \\u{e0041}");
    expect(harmless("naïve 👩‍🚀 עברית")).toBe("naïve 👩‍🚀 עברית");
    expect(harmless(harmless("\u001B"))).toBe("\\x1b");
  });

  it("leaves the colours of programs out, and nothing else", () => {
    expect(printable("\u001B[1;31mred\u001B[0m \u001B[2Jgone\r\nnext")).toBe("red \\x1b[2Jgone\nnext");
    expect(oneLine("first\n  second\u001B[31m!", 40)).toBe("first second!");
  });

  it("H:S6 has JSON without an unsafe character, of the same value", () => {
    const value = { title: "a\u009B31m\u202E\u{E0041}\u007F" };
    const json = harmlessJson(value);
    expect(json).toMatch(/^[\x20-\x7e]*$/);
    expect(JSON.parse(json)).toEqual(value);
  });

  it("cuts a line at its width with an ellipsis", () => {
    expect(oneLine("abcdef", 6)).toBe("abcdef");
    expect(oneLine("abcdefg", 6)).toBe("abcde…");
  });

  it("pads every column but the last", () => {
    expect(
      table([
        ["A", "B"],
        ["long", "x"],
        ["s", ""],
      ]),
    ).toEqual(["A     B", "long  x", "s"]);
  });

  it("keeps blank lines inside a text and drops those at its end", () => {
    expect(indented("a\n\nb\n\n", "| ")).toEqual(["| a", "|", "| b"]);
    expect(indented(" \n", "| ")).toEqual([]);
  });
});
