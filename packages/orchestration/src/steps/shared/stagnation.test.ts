import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { repairsInVain, stagnation, type RepairRound, type Round } from "./stagnation.logic.js";

/** `ab.5`: findings a and b, rating 0.5. Without a rating: null. */
function round(text: string): Round {
  const [findings = "", rating] = text.split(".");
  return { findings: findings.split(""), rating: rating === undefined ? null : Number(`0.${rating}`) };
}

/** Replays a recorded loop: the round (from 1) after which it is told to stop, null when it runs to its budget. */
function endsAt(rounds: readonly Round[]): number | null {
  const at = rounds.findIndex((_round, index) => stagnation(rounds.slice(0, index + 1)) !== null);
  return at < 0 ? null : at + 1;
}

describe("P8: recorded loops, each ends by a known round", () => {
  it.each<[string, string, number | null]>([
    ["the same finding over and over", "a.5 a.5 a.5 a.5", 3],
    ["the same findings, and the rating falls", "ab.6 ab.5 ab.4", 3],
    ["one that repeats once, then is repaired", "a.5 a.5 b.5 c.5", null],
    ["the same findings while the rating rises", "a.5 a.6 a.7 a.8", null],
    ["the rating rises, then stays", "a.5 a.6 a.6 a.6", 4],
    ["the rating swings", "a.5 a.6 a.5 a.6", 4],
    ["fewer each time", "abcd.5 abc.5 ab.5 a.5", null],
    ["fewer, then no fewer", "abc.5 ab.5 ab.5 ab.5", 4],
    ["a new one each time", "a.5 b.5 c.5 d.5 e.5 f.5", null],
    ["the old ones and a new one each time", "a.5 ab.5 abc.5 abcd.5", null],
    ["two that take turns: each comes back when the other goes", "a.5 b.5 a.5 b.5", 4],
    ["three that take turns", "a.5 b.5 c.5 a.5 b.5", 5],
    ["repaired, seeded again, and then more of the same", "ab.5 b.5 ab.5 ab.5", 4],
    ["a late repetition of two rounds", "a.5 b.6 c.7 c.7 c.7", 5],
    ["a tester's reports without a rating", "ab ab ab", 3],
    ["two rounds only", "a.5 a.5", null],
    ["a fixer that trades one concern for another and back", "a b ab ab", 4],
  ])("%s: %s", (_name, loop, expected) => {
    expect(endsAt(loop.split(" ").map(round))).toBe(expected);
  });

  it("says how many findings repeat and how many came back", () => {
    expect(stagnation(["a", "b", "ab", "ab"].map(round))).toBe(
      "no progress in 2 rounds: nothing it finds is new (2 repeated), and nothing got better",
    );
    expect(stagnation(["ac", "b", "bc", "ab"].map(round))).toBe(
      "no progress in 2 rounds: nothing it finds is new (1 repeated, 1 were gone and came back), and nothing got better",
    );
  });
});

const rounds = fc.array(fc.record({ findings: fc.subarray(["a", "b", "c", "d"]), rating: fc.constantFrom(null, 0.1, 0.5, 0.9) }), {
  minLength: 1,
  maxLength: 8,
});

describe("stagnation", () => {
  it("needs three rounds, and never speaks while the last has an unseen finding", () => {
    fc.assert(
      fc.property(rounds, (loop) => {
        expect(stagnation(loop.slice(0, 2))).toBeNull();
        expect(stagnation([...loop, { findings: ["a", "b", "c", "d", "new"], rating: 0 }])).toBeNull();
      }),
    );
  });

  it("ends every loop that repeats its last round twice, and none whose rating just rose above all before", () => {
    fc.assert(
      fc.property(rounds, (loop) => {
        const last = loop.at(-1) ?? { findings: [], rating: null };
        expect(stagnation([...loop, last, last])).not.toBeNull();
        expect(stagnation([...loop, last, { ...last, rating: 1 }])).toBeNull();
      }),
    );
  });

  it("looks at a bounded number of rounds: what was before them changes nothing", () => {
    fc.assert(
      fc.property(
        rounds,
        fc.array(
          rounds.map((loop) => loop[0] ?? { findings: [], rating: null }),
          { minLength: 5, maxLength: 5 },
        ),
        (before, kept) => {
          expect(stagnation([...before, ...kept])).toBe(stagnation(kept));
        },
      ),
    );
  });
});

/** `1x`: head 1, failing x; `1`: head 1, not told. */
function repair(text: string): RepairRound {
  return { head: text.slice(0, 1), failing: text.slice(1) === "" ? null : text.slice(1) };
}

describe("recorded repairs: each ends by a known one", () => {
  it.each<[string, string, number | null]>([
    ["the same output on four heads", "1x 2x 3x 4x", 4],
    ["another output in between", "1x 2y 3x 4x 5x", null],
    ["another output, then the same", "1y 2x 3x 4x 5x", 5],
    ["checks that say nothing", "1 2 3 4 5", null],
    ["a head that does not move", "1 1 1 1", 4],
    ["a head that moves at last", "1 1 1 2", null],
    ["first unmoved, then moved with the same output", "1x 1x 2x 3x", 4],
  ])("%s: %s", (_name, text, expected) => {
    const seen = text.split(" ").map(repair);
    const at = seen.findIndex((now, index) => repairsInVain(seen.slice(0, index), now) !== null);
    expect(at < 0 ? null : at + 1).toBe(expected);
  });

  it("count only the heads of the repairs that were in vain", () => {
    expect(repairsInVain(["9y", "1x", "2x", "3x"].map(repair), repair("4x"))).toContain("on 4 heads");
    expect(repairsInVain(["9", "1", "1", "1"].map(repair), repair("1"))).toContain("left the head where it was");
  });

  it("say which of the two it was", () => {
    expect(repairsInVain(["1", "1", "1"].map(repair), repair("1"))).toBe("no progress: 3 repairs in a row left the head where it was");
    expect(repairsInVain(["1x", "2x", "3x"].map(repair), repair("4x"))).toBe(
      "no progress: 3 repairs in a row, and the same fails with the same output on 4 heads",
    );
  });
});
