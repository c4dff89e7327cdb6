import { digestText } from "@millrace/kernel";
import { expect, it } from "vitest";
import { sha256 } from "./sha256.js";

// A run may be begun by one host and judged by another: an approval is bound to this digest.
it.each(["", "abc", "äöü 漢字 🙂", "lone \ud800 surrogate", "line\r\nbreaks\u0000", "x".repeat(100_000)])(
  "agrees with every other host's digest: %#",
  async (text) => {
    expect(await sha256(text)).toBe(await digestText(text));
  },
);
