import type { DecisionInput } from "../model/decision-input.js";

/** The model somebody pinned a call to: its panel's participant, the block, or the workspace for the kind; null: nobody did. */
export function pinnedModel(
  { block, settings }: Pick<DecisionInput, "block" | "settings">,
  kind: string,
  own: string | null,
): string | null {
  return own ?? block.modelId ?? settings.models[kind] ?? null;
}
