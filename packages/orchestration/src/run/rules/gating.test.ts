import type { Estimate, EstimateBar, Gating } from "@millrace/contracts";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { reachesBar, skipsStep } from "./gating.logic.js";

const estimate = (complexity: number, risk = 0, impact = 0): Estimate => ({
  complexity,
  risk,
  impact,
  rationale: "looked",
  model: null,
  at: 1,
});
const bar = (minComplexity: number | null, minRisk: number | null = null, minImpact: number | null = null): EstimateBar => ({
  minComplexity,
  minRisk,
  minImpact,
});
const gating = (minima: EstimateBar, onMissingEstimate: Gating["onMissingEstimate"]): Gating => ({ ...minima, onMissingEstimate });

describe("reachesBar", () => {
  it.each<[string, EstimateBar, Estimate, boolean]>([
    ["no axis set", bar(null), estimate(1, 1, 1), false],
    ["at its minimum", bar(0.5), estimate(0.5), true],
    ["just below", bar(0.5), estimate(0.49, 1, 1), false],
    ["one axis of three is enough", bar(0.9, 0.9, 0.2), estimate(0, 0, 0.2), true],
    ["a minimum of zero is always met", bar(null, 0), estimate(0), true],
  ])("%s", (_name, minima, given, reached) => {
    expect(reachesBar(minima, given)).toBe(reached);
  });

  const unit = fc.double({ min: 0, max: 1, noNaN: true });
  const axis = fc.option(unit, { nil: null });
  const bars = fc.record({ minComplexity: axis, minRisk: axis, minImpact: axis });
  const estimates = fc.tuple(unit, unit, unit).map(([complexity, risk, impact]) => estimate(complexity, risk, impact));

  it("a bigger task reaches every bar that a smaller one does, and a bar that is lifted is reached by no more tasks", () => {
    fc.assert(
      fc.property(bars, estimates, unit, (minima, small, more) => {
        const big = { ...small, risk: Math.max(small.risk, more) };
        expect(reachesBar(minima, small) && !reachesBar(minima, big)).toBe(false);
        const lifted = { ...minima, minComplexity: minima.minComplexity === null ? null : Math.max(minima.minComplexity, more) };
        expect(reachesBar(lifted, small) && !reachesBar(minima, small)).toBe(false);
      }),
    );
  });

  it("a step is left out exactly when its bar is not reached, and says why", () => {
    fc.assert(
      fc.property(bars, estimates, fc.constantFrom("run", "skip"), (minima, given, onMissing) => {
        const why = skipsStep(gating(minima, onMissing), given);
        const told = `the estimate is below the bar: complexity ${given.complexity}, risk ${given.risk}, impact ${given.impact}`;
        expect(why).toBe(reachesBar(minima, given) ? null : told);
      }),
    );
  });
});

describe("skipsStep without what it goes by", () => {
  it("a step without gating runs, whatever the estimate", () => {
    expect(skipsStep(null, null)).toBeNull();
    expect(skipsStep(null, estimate(0))).toBeNull();
  });

  it("a run without an estimate does what its step says of that", () => {
    expect(skipsStep(gating(bar(0), "run"), null)).toBeNull();
    expect(skipsStep(gating(bar(0), "skip"), null)).toBe("this run has no estimate");
  });
});
