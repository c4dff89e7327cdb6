import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { compareRounds, fingerprint, fingerprints, fingerprintSchema, normalise } from "./findings.logic.js";

const text = fc.oneof(
  fc.string({ unit: "grapheme", maxLength: 200 }),
  fc
    .array(fc.constantFrom("line", "lines", " ", "12", "-", "a.ts", ":", "#L3", "@@", "\n", "X", "to", "and", ","), { maxLength: 30 })
    .map((parts) => parts.join("")),
);
const finding = fc.record({ quotedSource: fc.option(text, { nil: undefined }), body: text });
const round = fc.array(fc.constantFrom<string[]>("a", "b", "c", "d", "e"), { maxLength: 6 });

describe("fingerprints", () => {
  it("are well-formed, stable, and the same for a text and its normal form", () => {
    fc.assert(
      fc.property(finding, ({ quotedSource, body }) => {
        const first = fingerprint({ quotedSource, body });
        expect(fingerprintSchema.safeParse(first).success).toBe(true);
        expect(fingerprint({ quotedSource: normalise(quotedSource ?? ""), body: normalise(body) })).toBe(first);
        expect(fingerprint({ quotedSource, body: ` ${body}\n` })).toBe(first);
      }),
      { numRuns: 2000 },
    );
  });

  it("do not collide on different words", () => {
    fc.assert(
      fc.property(fc.uniqueArray(fc.integer({ min: 0, max: 1_000_000 }), { minLength: 100, maxLength: 300 }), (numbers) => {
        expect(fingerprints(numbers.map((number) => ({ body: `the value is ${number}` })))).toHaveLength(numbers.length);
      }),
      { numRuns: 50 },
    );
  });

  it("of a list do not depend on its order or repetitions", () => {
    fc.assert(
      fc.property(fc.array(finding, { maxLength: 10 }), (findings) => {
        expect(fingerprints([...findings, ...findings].toReversed())).toEqual(fingerprints(findings));
      }),
    );
  });
});

describe("compareRounds", () => {
  it("puts each finding of a round into exactly one class, whatever came before", () => {
    fc.assert(
      fc.property(fc.array(round, { maxLength: 6 }), round, (earlier, now) => {
        const { fresh, repeated, reseeded, gone } = compareRounds(earlier, now);
        expect([...fresh, ...repeated, ...reseeded].toSorted()).toEqual([...new Set(now)].toSorted());
        const before = new Set(earlier.at(-1));
        for (const one of fresh) expect(earlier.flat()).not.toContain(one);
        for (const one of repeated) expect(before.has(one)).toBe(true);
        for (const one of reseeded) expect(before.has(one)).toBe(false);
        for (const one of gone) expect(before.has(one) && !now.includes(one)).toBe(true);
      }),
    );
  });
});
