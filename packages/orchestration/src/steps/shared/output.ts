import { keepText, type KeptText } from "../../platform/keep-text.js";
import type { EffectContext } from "../../run/model/call-effect.js";

/** A text an effect leaves for people and later steps, under the effect's key unless it leaves several. */
export function textOutput({ ports, run, key }: EffectContext, text: string, under: string = key): Promise<KeptText> {
  return keepText(ports, { workspaceId: run.workspaceId, runId: run.id, key: under, text });
}
