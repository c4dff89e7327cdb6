import { describe, expect, it } from "vitest";
import { Attention } from "./attention.js";

const POLL_MS = 30_000;

describe("F:C2 the time in which something was looked at", () => {
  it("grows with the looks, each thing by itself", () => {
    const attention = new Attention();
    expect(attention.record("a", 1000, POLL_MS)).toBe(0);
    expect(attention.record("a", 31_000, POLL_MS)).toBe(30_000);
    expect(attention.record("b", 40_000, POLL_MS)).toBe(0);
    expect(attention.record("a", 91_000, POLL_MS)).toBe(90_000);
  });

  it("does not grow while nothing looks, nor when the clock goes back", () => {
    const attention = new Attention();
    attention.record("a", 0, POLL_MS);
    expect(attention.record("a", 2 * 60 * 60_000, POLL_MS)).toBe(3 * POLL_MS);
    expect(attention.record("a", 60 * 60_000, POLL_MS)).toBe(3 * POLL_MS);
    expect(attention.record("a", 60 * 60_000 + 1000, POLL_MS)).toBe(3 * POLL_MS + 1000);
  });
});
