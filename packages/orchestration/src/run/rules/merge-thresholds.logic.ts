import type { MergeAssessment, MergePreset } from "@millrace/contracts";

/**
 * Why a change may not merge by itself; null when it may. Ceilings are inclusive. A missing assessment
 * and one without a rationale never merge: bare low scores come from a merger that did not look.
 */
export function withholdsMerge(
  assessment: MergeAssessment | null,
  preset: Pick<MergePreset, "maxComplexity" | "maxRisk" | "maxImpact">,
): string | null {
  if (assessment === null) return "the merger gave no readable assessment";
  if (assessment.rationale.trim() === "") return "the merger gave no rationale";
  const over = (["complexity", "risk", "impact"] as const).filter((axis) => assessment[axis] > ceiling(preset, axis));
  if (over.length === 0) return null;
  return over.map((axis) => `${axis} ${assessment[axis]} is above ${ceiling(preset, axis)}`).join(", ");
}

function ceiling(preset: Pick<MergePreset, "maxComplexity" | "maxRisk" | "maxImpact">, axis: "complexity" | "risk" | "impact"): number {
  return axis === "complexity" ? preset.maxComplexity : axis === "risk" ? preset.maxRisk : preset.maxImpact;
}

/** The preset of a workspace that keeps none. */
export const BALANCED_PRESET = {
  name: "Balanced",
  maxComplexity: 0.5,
  maxRisk: 0.4,
  maxImpact: 0.5,
  ciMaxAttempts: 10,
  maxReviewIterations: 6,
  toleratedConcern: "none",
  releaseWatchMinutes: 30,
  releaseMaxAttempts: 1,
} as const;
