import { describe, expect, it } from "vitest";
import { canonicalJson, digestJson, digestText } from "./digest.js";
import { assertFound, isMillraceError, MillraceError } from "./errors.js";

describe("digests", () => {
  it("are the SHA-256 of the text", async () => {
    expect(await digestText("abc")).toBe("ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
  });

  it("do not depend on the order of keys, and do on everything else", async () => {
    expect(canonicalJson({ b: [1, { d: null, c: "x" }], a: true })).toBe('{"a":true,"b":[1,{"c":"x","d":null}]}');
    expect(await digestJson({ a: 1, b: 2 })).toBe(await digestJson({ b: 2, a: 1 }));
    expect(await digestJson([1, 2])).not.toBe(await digestJson([2, 1]));
  });
});

describe("errors", () => {
  it("leave a process with code, message and fix, and without their cause", () => {
    const error = new MillraceError("validation", "no title", { fix: "give one", details: { field: "title" }, cause: new Error("secret") });
    expect(error.toEnvelope()).toEqual({
      error: { code: "validation", message: "no title", fix: "give one", details: { field: "title" } },
    });
    expect(JSON.stringify(error.toEnvelope())).not.toContain("secret");
  });

  it("are recognised by code, never by text", () => {
    expect(isMillraceError(new MillraceError("conflict", "x"), "conflict")).toBe(true);
    expect(isMillraceError(new MillraceError("conflict", "x"), "not_found")).toBe(false);
    expect(isMillraceError(new Error("conflict"))).toBe(false);
    expect(() => assertFound(null, "run", "run_1")).toThrowError(
      expect.objectContaining({ code: "not_found", message: "run 'run_1' does not exist" }),
    );
  });
});
