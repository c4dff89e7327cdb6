import fc from "fast-check";
import { expect, it } from "vitest";
import { fromPostgres, toPostgres } from "./postgres-text.logic.js";

const text = fc.array(fc.constantFrom("\0", "\uE000", "0", "a", "\u{1F600}")).map((parts) => parts.join(""));

it("every text comes back as it was, without a NUL on the way", () => {
  fc.assert(
    fc.property(text, (value) => {
      const stored = toPostgres(value);
      expect(stored).not.toContain("\0");
      expect(fromPostgres({ stored, count: 1, none: null })).toEqual({ stored: value, count: 1, none: null });
    }),
  );
});

it("a text without either character is stored as it is", () => {
  expect(["plain ü", 5, null].map(toPostgres)).toEqual(["plain ü", 5, null]);
});
