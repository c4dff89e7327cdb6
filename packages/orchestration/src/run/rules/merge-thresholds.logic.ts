import type { Block, MergeAssessment, MergePreset } from "@millrace/contracts";

type Ceilings = Pick<MergePreset, "who" | "maxComplexity" | "maxRisk" | "maxImpact">;

/**
 * Why a change may not merge by itself; null when it may. Ceilings are inclusive, and one of 0 lets nothing through. A missing
 * assessment and one without a rationale never merge: bare low scores come from a merger that did not look.
 */
export function withholdsMerge(assessment: MergeAssessment | null, preset: Ceilings): string | null {
  if (preset.who === "people") return "its preset leaves every merge to people";
  if (assessment === null) return "the merger gave no readable assessment";
  if (assessment.rationale.trim() === "") return "the merger gave no rationale";
  const over = (["complexity", "risk", "impact"] as const).flatMap((axis) => {
    const highest = ceiling(preset, axis);
    if (assessment[axis] > highest) return [`${axis} ${assessment[axis]} is above ${highest}`];
    return highest === 0 ? [`a ceiling of 0 for ${axis} lets nothing through`] : [];
  });
  return over.length === 0 ? null : over.join(", ");
}

function ceiling(preset: Ceilings, axis: "complexity" | "risk" | "impact"): number {
  return axis === "complexity" ? preset.maxComplexity : axis === "risk" ? preset.maxRisk : preset.maxImpact;
}

/** The preset that every workspace begins with. */
export const BALANCED_PRESET = {
  name: "Balanced",
  who: "automatic",
  maxComplexity: 0.5,
  maxRisk: 0.4,
  maxImpact: 0.5,
  ciMaxAttempts: 10,
  maxReworks: 3,
  maxReviewIterations: 6,
  toleratedConcern: "none",
  releaseWatchMinutes: 30,
  releaseMaxAttempts: 1,
} as const;

/**
 * The preset that holds for a block; `found`: its own, else the default of the workspace. Where the block names one that is not there, or
 * the workspace keeps none, people merge: a ceiling that cannot be read lets nothing through.
 */
export function presetInForce({ workspaceId, presetId }: Pick<Block, "workspaceId" | "presetId">, found: MergePreset | null): MergePreset {
  if (found !== null && (presetId === null || presetId === found.id)) return found;
  return { ...BALANCED_PRESET, ...found, who: "people", id: found?.id ?? "people-only", workspaceId };
}
