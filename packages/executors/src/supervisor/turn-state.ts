import type { AnyMessage, SessionUpdate } from "@agentclientprotocol/sdk";
import { z } from "zod";
import type { ExitFile, ProgressFile } from "../jobs/job-files.schema.js";

const LONGEST_TEXT = 200_000;

// Token counts are not part of the stable protocol yet; agents that have them send this.
const promptResultSchema = z.object({
  result: z.object({
    stopReason: z.string(),
    usage: z.object({ inputTokens: z.number().int().nonnegative(), outputTokens: z.number().int().nonnegative() }),
  }),
});

/** Gathers what a turn said, planned and spent from its updates. */
export class TurnState {
  readonly #onPlan: (progress: ProgressFile) => void;
  #message = "";
  #last = "";
  #tokens: { readonly inputTokens: number; readonly outputTokens: number } | null = null;
  #costMicros: number | null = null;

  constructor(onPlan: (progress: ProgressFile) => void) {
    this.#onPlan = onPlan;
  }

  /** The last message: what came after the last tool call, or the last there was. */
  get text(): string {
    return (this.#message.trim() === "" ? this.#last : this.#message).trim();
  }

  /** What the turn spent on `model`; null when the agent did not say. */
  usageOf(model: string): ExitFile["usage"] {
    return this.#tokens === null ? null : { model, ...this.#tokens, costMicros: this.#costMicros };
  }

  onMessage(message: AnyMessage): void {
    const parsed = promptResultSchema.safeParse(message);
    if (parsed.success)
      this.#tokens = { inputTokens: parsed.data.result.usage.inputTokens, outputTokens: parsed.data.result.usage.outputTokens };
  }

  onUpdate(update: SessionUpdate): void {
    switch (update.sessionUpdate) {
      case "agent_message_chunk":
        if (update.content.type === "text") this.#message = `${this.#message}${update.content.text}`.slice(-LONGEST_TEXT);
        return;
      case "tool_call":
        if (this.#message.trim() !== "") this.#last = this.#message;
        this.#message = "";
        return;
      case "plan":
        this.#onPlan(progressOf(update.entries));
        return;
      case "usage_update":
        if (update.cost?.currency === "USD") this.#costMicros = Math.round(update.cost.amount * 1_000_000);
        return;
      default:
    }
  }
}

function progressOf(
  entries: readonly { readonly content: string; readonly status: "pending" | "in_progress" | "completed" }[],
): ProgressFile {
  const items = entries.slice(0, 200).map(({ content, status }) => ({ label: content.slice(0, 500), status }));
  return { completed: items.filter((item) => item.status === "completed").length, total: items.length, items };
}
