import type { OutputRef } from "@millrace/contracts";
import { digestText, type Change } from "@millrace/kernel";
import type { EffectContext } from "./effect.js";

/** A text an effect leaves for people and later steps: the reference, and the write that must land with it. */
export async function textOutput(
  { run, key }: EffectContext,
  text: string,
): Promise<{ readonly output: OutputRef; readonly write: Change }> {
  return {
    output: { key, digest: await digestText(text), chars: text.length },
    write: { change: "put-output", workspaceId: run.workspaceId, runId: run.id, key, text },
  };
}
