import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { countVotes } from "./voting.logic.js";

/** `1:0.9 2:0.4` is one voter's ballot. */
const ballot = (text: string) =>
  text.split(" ").map((one) => {
    const [draft, value] = one.split(":");
    return { draft: Number(draft), value: Number(value), rationale: "" };
  });

describe("countVotes", () => {
  it.each<[string, number, readonly string[], number, boolean]>([
    ["a clear winner", 2, ["1:0.2 2:0.9", "1:0.4 2:0.7"], 1, false],
    ["a tie goes to the first, and is close", 2, ["1:0.5 2:0.5"], 0, true],
    ["just closer than a tenth", 2, ["1:0.9 2:0.81"], 0, true],
    ["exactly a tenth apart", 2, ["1:0.1 2:0"], 0, false],
    ["a quarter apart", 2, ["1:0.75 2:0.5"], 0, false],
    ["a draft without a score counts as 0", 3, ["1:0.1 3:0.3"], 2, false],
    ["one draft is never close", 1, ["1:0.05"], 0, false],
    ["a score given twice counts once, the first", 2, ["1:0.1 1:0.9 2:0.5"], 1, false],
    ["scores of drafts that do not exist change nothing", 2, ["1:0.6 2:0.2 7:1"], 0, false],
  ])("%s", (_name, drafts, ballots, winner, isClose) => {
    expect(countVotes(drafts, ballots.map(ballot))).toMatchObject({ winner, isClose });
  });

  it("no votes: the first draft, with no confidence", () => {
    expect(countVotes(3, [])).toEqual({ winner: 0, confidence: 0, means: [0, 0, 0], isClose: true });
  });

  const value = fc.double({ min: 0, max: 1, noNaN: true });
  const elections = fc.integer({ min: 1, max: 5 }).chain((drafts) =>
    fc.tuple(
      fc.constant(drafts),
      fc.array(
        fc
          .subarray(Array.from({ length: drafts }, (_, at) => at + 1))
          .chain((scored) =>
            fc.tuple(...scored.map((draft) => fc.record({ draft: fc.constant(draft), value, rationale: fc.constant("") }))),
          ),
        { minLength: 1, maxLength: 6 },
      ),
    ),
  );

  it("the winner has the highest mean, the first of its equals, and its mean is the confidence", () => {
    fc.assert(
      fc.property(elections, ([drafts, ballots]) => {
        const { winner, confidence, means } = countVotes(drafts, ballots);
        expect(means).toHaveLength(drafts);
        expect(confidence).toBe(Math.max(...means));
        expect(winner).toBe(means.indexOf(confidence));
        for (const mean of means) expect(mean >= 0 && mean <= 1).toBe(true);
      }),
    );
  });

  it("the order of voters changes no winner that is not close", () => {
    fc.assert(
      fc.property(elections, ([drafts, ballots]) => {
        const counted = countVotes(drafts, ballots);
        const turned = countVotes(drafts, ballots.toReversed());
        expect(counted.isClose || turned.winner === counted.winner).toBe(true);
      }),
    );
  });
});
