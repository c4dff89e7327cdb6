import type { Run, Verdict } from "@millrace/contracts";
import { describe, expect, it } from "vitest";
import { newRun } from "../../spec/defaults.js";
import { sha } from "../../spec/results.js";
import { evidenceBefore, gatesToRevisit, greenVerdict, staleness } from "./evidence.logic.js";

const verdictOf = (gate: string, patch: Partial<Verdict> = {}): Verdict => ({
  gate,
  head: sha("2"),
  base: sha("b"),
  settings: "policy-1",
  checkSettings: "forge-1",
  observed: [],
  says: "green",
  because: "all green",
  at: 1,
  ...patch,
});

/** A run of these steps whose gates have come to these verdicts, by their position; a gate without one never judged. */
function runWith(steps: readonly string[], verdicts: Readonly<Record<number, Verdict>> = {}): Run {
  const run = newRun(steps);
  return {
    ...run,
    steps: run.steps.map((step, index) => {
      const verdict = verdicts[index];
      return verdict === undefined ? step : { ...step, state: { ...step.state, verdict } };
    }),
  };
}
const gives = (gate: string): boolean => gate === "ci" || gate === "conflicts";
const [green, red] = [verdictOf("ci"), verdictOf("ci", { says: "red" })];

describe("the evidence before a step", () => {
  it("is the nearest verdict of each gate that gives evidence, the nearest gate first", () => {
    const run = runWith(["ci", "conflicts", "researcher", "ci", "merger", "ci"], { 0: red, 1: verdictOf("conflicts"), 3: green, 5: red });
    expect(evidenceBefore(run, 4, gives)).toEqual([
      { index: 3, verdict: green },
      { index: 1, verdict: verdictOf("conflicts") },
    ]);
    expect(evidenceBefore(run, 4, (gate) => gate === "ci")).toEqual([{ index: 3, verdict: green }]);
    expect(evidenceBefore(run, 0, gives)).toEqual([]);
  });

  it("is none of a gate that is red, or that never judged", () => {
    expect(evidenceBefore(runWith(["ci", "merger"], { 0: red }), 1, gives)).toEqual([{ index: 0, verdict: null }]);
    expect(evidenceBefore(runWith(["ci", "merger"]), 1, gives)).toEqual([{ index: 0, verdict: null }]);
  });
});

describe("the verdict to merge by", () => {
  it("is the nearest, when every gate is green", () => {
    const other = verdictOf("conflicts");
    expect(
      greenVerdict([
        { index: 2, verdict: green },
        { index: 1, verdict: other },
      ]),
    ).toBe(green);
  });

  it.each([
    ["the nearest gate is not green", [null, green]],
    ["another gate is not green", [green, null]],
    ["there is no gate", []],
  ])("is none where %s", (_name, verdicts) => {
    expect(greenVerdict(verdicts.map((verdict, index) => ({ index, verdict })))).toBeNull();
  });
});

describe("evidence is stale", () => {
  const now = { head: sha("2"), baseHead: sha("b"), behind: false, checkSettings: "forge-1" };
  const stale = (patch: Partial<typeof now>, settings = "policy-1", verdicts: readonly Verdict[] = [green]) =>
    staleness(
      verdicts.map((verdict, index) => ({ index, verdict })),
      { ...now, ...patch },
      settings,
    );

  it.each([
    ["once the head moved", { head: sha("3") }, "policy-1", "the head moved from 2222222222 to 3333333333"],
    ["once the base moved", { baseHead: sha("c") }, "policy-1", "the base moved from bbbbbbbbbb to cccccccccc"],
    ["once the branch is behind", { behind: true }, "policy-1", "the branch is behind its base bbbbbbbbbb"],
    ["under other settings", {}, "policy-2", "the settings of the checks changed"],
    [
      "F:A2 under other commands, limits or required checks",
      { checkSettings: "forge-2" },
      "policy-1",
      "the settings of the checks changed",
    ],
  ])("%s", (_name, patch, settings, because) => {
    expect(stale(patch, settings)).toEqual({ because, baseMoved: "baseHead" in patch || "behind" in patch });
  });

  it("when that of any gate is, and never otherwise", () => {
    const moved = { because: "the head moved from 1111111111 to 2222222222", baseMoved: false };
    expect(stale({}, "policy-1", [green, verdictOf("license", { head: sha("1") })])).toEqual(moved);
    expect(stale({ baseHead: sha("c") }, "policy-1", [green, verdictOf("license", { head: sha("1"), base: sha("c") })])).toEqual(moved);
    expect(stale({}, "policy-1", [green, verdictOf("license")])).toBeNull();
    expect(staleness([{ index: 0, verdict: null }], now, "policy-1")).toBeNull();
  });
});

describe("fresh evidence is sought", () => {
  const at = (...positions: number[]) => positions.map((index) => ({ index, verdict: green }));

  it("from the first of the gates directly before the merger, when they give all of it", () => {
    expect(gatesToRevisit(newRun(["coder", "conflicts", "ci", "merger"]), 3, at(2))).toBe(1);
  });

  it("from the earliest gate that gives any, when one stands further before", () => {
    expect(gatesToRevisit(newRun(["coder", "ci", "reviewer", "conflicts", "merger"]), 4, at(3, 1))).toBe(1);
    expect(gatesToRevisit(newRun(["coder", "ci", "reviewer", "merger"]), 3, at(1))).toBe(1);
  });

  it("at the merger itself where no gate is before it", () => {
    expect(gatesToRevisit(newRun(["coder", "merger"]), 1, [])).toBe(1);
  });
});
