import { PassThrough } from "node:stream";
import { MillraceError } from "@millrace/kernel";
import { describe, expect, it } from "vitest";
import { createOutput, type Output } from "./output.js";

function capture(options: { readonly json?: boolean; readonly terminal?: boolean; readonly env?: Record<string, string> } = {}): {
  readonly output: Output;
  readonly out: string[];
  readonly err: string[];
} {
  const out: string[] = [];
  const err: string[] = [];
  const isTTY = options.terminal === true;
  const input = Object.assign(new PassThrough(), { isTTY });
  const io = {
    out: { isTTY, columns: 80, rows: 24, write: (text: string) => out.push(text) },
    err: { write: (text: string) => err.push(text) },
    env: options.env ?? {},
    in: input,
  };
  return { output: createOutput(io, { json: options.json === true }), out, err };
}

const error = new MillraceError("conflict", "no", { fix: "yes" });

describe("output", () => {
  it("keeps results on stdout, and notes and errors on stderr", () => {
    const { output, out, err } = capture();
    output.line("result");
    output.note("working");
    output.document({ a: 1 });
    output.error(error);
    expect({ out, err }).toEqual({ out: ["result\n"], err: ["working\n", "error: no\n", "fix: yes\n"] });
  });

  it("prints nothing but JSON with --json", () => {
    const { output, out, err } = capture({ json: true, terminal: true });
    output.line("result");
    output.note("working");
    output.redraw(["tree"]);
    output.document({ a: 1 });
    output.error(error);
    expect(out).toEqual(['{"a":1}\n']);
    expect(err).toEqual(['{"error":{"code":"conflict","message":"no","fix":"yes"}}\n']);
    expect(output.interactive).toBe(false);
  });

  it.each([
    ["at a terminal", { terminal: true }, true],
    ["with NO_COLOR", { terminal: true, env: { NO_COLOR: "1" } }, false],
    ["with an empty NO_COLOR", { terminal: true, env: { NO_COLOR: "" } }, true],
    ["at a dumb terminal", { terminal: true, env: { TERM: "dumb" } }, false],
    ["in a pipe", {}, false],
    ["in a pipe with FORCE_COLOR", { env: { FORCE_COLOR: "1" } }, true],
    ["with NO_COLOR and FORCE_COLOR", { env: { FORCE_COLOR: "1", NO_COLOR: "1" } }, false],
  ])("colours %s: %o %s", (_where, options, coloured) => {
    expect(capture(options).output.colours.red("x") !== "x").toBe(coloured);
  });

  it("draws over what it drew, and moves it out of the way of a note", () => {
    const { output, out } = capture({ terminal: true });
    output.redraw(["one", "two"]);
    output.redraw(["three"]);
    output.note("a note");
    output.redraw(["four"]);
    expect(out).toEqual(["one\ntwo\n", "\u001B[2A\u001B[0J", "three\n", "\u001B[1A\u001B[0J", "four\n"]);
  });
});
