import type { EffectRequest } from "@millrace/contracts";
import type { DecisionInput } from "../model/decision-input.js";

/** Of a label; a longer one is cut. */
const LABEL_CHARS = 200;

/** The model a call is pinned to: by its panel's participant, the block, or the workspace for the kind; null: by none of them. */
export function pinnedModel(
  { block, settings }: Pick<DecisionInput, "block" | "settings">,
  kind: string,
  own: string | null,
): string | null {
  return own ?? block.modelId ?? settings.models[kind] ?? null;
}

/** The `provider:model` label a request will run on, as far as it is known before the call; null for requests that ask no agent. */
export function modelLabel(request: EffectRequest, input: Pick<DecisionInput, "block" | "settings" | "models">): string | null {
  if (request.do !== "ask-agent" && request.do !== "start-job") return null;
  const own = request.do === "ask-agent" ? (request.participant?.model ?? null) : null;
  const label = pinnedModel(input, request.kind, own) ?? input.models.get(request.kind)?.[request.do]?.label ?? null;
  return label?.slice(0, LABEL_CHARS) ?? null;
}
