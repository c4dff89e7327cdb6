import type { OutputRef } from "@millrace/contracts";
import { createRedact, digestText, type Change, type Redact } from "@millrace/kernel";
import type { OrchestrationPorts } from "./ports.js";

/** A text kept under a key: its reference, and the change that must land with it. */
export interface KeptText {
  readonly output: OutputRef;
  readonly write: Change;
}

const shapes: Redact = createRedact();

/** Keeps a text of an agent, an effect or a person for people and later steps. Digested by the host, where it has a faster way. */
export async function keepText(
  { digestText: digest = digestText, redact = shapes }: Pick<OrchestrationPorts, "digestText" | "redact">,
  {
    workspaceId,
    runId,
    key,
    text: given,
  }: { readonly workspaceId: string; readonly runId: string; readonly key: string; readonly text: string },
): Promise<KeptText> {
  const text = redact(given);
  return {
    output: { key, digest: await digest(text), chars: text.length },
    write: { change: "put-output", workspaceId, runId, key, text },
  };
}
