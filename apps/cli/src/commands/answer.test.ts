import { describe, expect, it } from "vitest";
import { checkDigest, optionOf } from "./answer.js";

const subject = "a07447cbea56b201896db8bc31f8a43a9c4cfee91e533e2c3f46cf32ac008983";

describe("checkDigest", () => {
  it.each([subject.slice(0, 8), subject, subject.slice(0, 12).toUpperCase()])("takes '%s'", (typed) => {
    expect(() => checkDigest(typed, { subject })).not.toThrow();
  });

  it("refuses a start that is too short to bind anything", () => {
    expect(() => checkDigest(subject.slice(0, 7), { subject })).toThrow(expect.objectContaining({ code: "validation" }) as Error);
  });

  it.each(["b07447cb", `${subject}0`])("refuses '%s', the digest of something else", (typed) => {
    expect(() => checkDigest(typed, { subject })).toThrow(expect.objectContaining({ code: "digest_mismatch" }) as Error);
  });
});

describe("chosen", () => {
  it("takes an option by its text before its number", () => {
    expect(optionOf("2", ["yes", "no"])).toBe("no");
    expect(optionOf("1", ["2", "1"])).toBe("1");
    expect(optionOf("3", ["yes", "no"])).toBe("3");
    expect(optionOf("free text", [])).toBe("free text");
  });
});
