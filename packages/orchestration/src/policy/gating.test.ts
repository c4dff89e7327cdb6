import type { Estimate, Gating } from "@millrace/contracts";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { reachesBar, skipsStep } from "./gating.logic.js";

const bar = (patch: Partial<Gating> = {}): Gating => ({
  minComplexity: null,
  minRisk: null,
  minImpact: null,
  onMissingEstimate: "run",
  ...patch,
});
const axes = (complexity: number, risk: number, impact: number) => ({ complexity, risk, impact });
const estimate = (complexity: number, risk: number, impact: number): Estimate => ({
  ...axes(complexity, risk, impact),
  rationale: "",
  model: null,
  at: 1,
});

describe("which steps an estimate leaves out (16.2)", () => {
  it.each<[string, Gating | null, Estimate | null, boolean]>([
    ["no gating, no estimate", null, null, true],
    ["no gating, a low estimate", null, estimate(0, 0, 0), true],
    ["no estimate, and it runs without one", bar({ minRisk: 0.5 }), null, true],
    ["no estimate, and it is skipped without one", bar({ minRisk: 0.5, onMissingEstimate: "skip" }), null, false],
    ["one axis at its minimum", bar({ minRisk: 0.5 }), estimate(0, 0.5, 0), true],
    ["one axis just below", bar({ minRisk: 0.5 }), estimate(1, 0.49, 1), false],
    ["one of two reaches", bar({ minRisk: 0.9, minImpact: 0.3 }), estimate(0, 0.1, 0.4), true],
    ["none of two reaches", bar({ minRisk: 0.9, minComplexity: 0.9 }), estimate(0.1, 0.1, 1), false],
    ["a minimum of nothing is reached by nothing", bar({ minImpact: 0 }), estimate(0, 0, 0), true],
    ["no axis at all", bar(), estimate(1, 1, 1), false],
  ])("table of estimates: %s", (_name, gating, given, runs) => {
    expect(skipsStep(gating, given) === null).toBe(runs);
  });

  it("says what the estimate was, or that there is none", () => {
    expect(skipsStep(bar({ minRisk: 0.5 }), estimate(0.1, 0.2, 0.3))).toBe(
      "the estimate is below the bar: complexity 0.1, risk 0.2, impact 0.3",
    );
    expect(skipsStep(bar({ minRisk: 0.5, onMissingEstimate: "skip" }), null)).toBe("this run has no estimate");
  });

  it("a higher estimate never leaves out what a lower one runs, and each axis counts for itself", () => {
    const unit = fc.double({ min: 0, max: 1, noNaN: true });
    const min = fc.option(unit, { nil: null });
    fc.assert(
      fc.property(min, min, min, unit, unit, unit, unit, (minComplexity, minRisk, minImpact, a, b, c, more) => {
        const given = { minComplexity, minRisk, minImpact };
        const reaches = reachesBar(given, axes(a, b, c));
        const each = [minComplexity !== null && a >= minComplexity, minRisk !== null && b >= minRisk, minImpact !== null && c >= minImpact];
        expect(reaches).toBe(each.includes(true));
        const higher = axes(Math.max(a, more), Math.max(b, more), Math.max(c, more));
        expect(!reaches || reachesBar(given, higher)).toBe(true);
      }),
    );
  });
});
