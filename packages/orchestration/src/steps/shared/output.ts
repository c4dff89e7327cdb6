import { keepText, type KeptText } from "../../platform/keep-text.js";
import type { EffectContext } from "../../run/model/call-effect.js";

/** A text that an effect leaves for people and later steps. `under`: its key; default: the key of the effect. */
export function textOutput(
  { ports, run, key }: Pick<EffectContext, "ports" | "run" | "key">,
  text: string,
  under: string = key,
): Promise<KeptText> {
  return keepText(ports, { workspaceId: run.workspaceId, runId: run.id, key: under, text });
}
