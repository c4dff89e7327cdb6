import type { Estimate, EstimateBar, Gating } from "@millrace/contracts";

/** True if an estimate reaches a bar: any axis that is set is at or above its minimum. A bar without axes is never reached. */
export function reachesBar(bar: EstimateBar, estimate: Pick<Estimate, "complexity" | "risk" | "impact">): boolean {
  const reaches = (min: number | null, value: number): boolean => min !== null && value >= min;
  return reaches(bar.minComplexity, estimate.complexity) || reaches(bar.minRisk, estimate.risk) || reaches(bar.minImpact, estimate.impact);
}

/** Why a step is left out of its run; null when it runs. Goes by the run's own estimate. */
export function skipsStep(gating: Gating | null, estimate: Estimate | null): string | null {
  if (gating === null) return null;
  if (estimate === null) return gating.onMissingEstimate === "skip" ? "this run has no estimate" : null;
  if (reachesBar(gating, estimate)) return null;
  const { complexity, risk, impact } = estimate;
  return `the estimate is below the bar: complexity ${complexity}, risk ${risk}, impact ${impact}`;
}
