import type { AnyMessage, SessionUpdate } from "@agentclientprotocol/sdk";
import { z } from "zod";
import type { ExitFile, ProgressFile, SessionModel } from "../jobs/job-files.schema.js";

/** Characters of a message that are kept, from the end. */
const MAX_TEXT_CHARS = 200_000;
const STDERR_TAIL_CHARS = 700;

// Token counts are not part of the stable protocol yet; this is the form in which some agents send them.
const promptResultSchema = z.object({
  result: z.object({
    stopReason: z.string(),
    usage: z.object({ inputTokens: z.number().int().nonnegative(), outputTokens: z.number().int().nonnegative() }),
  }),
});

/** Collects the output of a turn: its last message, its plan, its usage, its model and the end of its stderr. */
export class TurnState {
  readonly #onPlan: (progress: ProgressFile) => void;
  #model: SessionModel | null;
  #message = "";
  #last = "";
  #stderr = "";
  #tokens: { readonly inputTokens: number; readonly outputTokens: number } | null = null;
  #costMicros: number | null = null;

  /** `model` is the state before the session has one; `onPlan` is called with each plan of the agent. */
  constructor(model: SessionModel | null, onPlan: (progress: ProgressFile) => void) {
    this.#model = model;
    this.#onPlan = onPlan;
  }

  /** The last message: the text after the last tool call, or before it when there is none. */
  get text(): string {
    return (this.#message.trim() === "" ? this.#last : this.#message).trim();
  }

  /** The last 700 characters of stderr. */
  get stderr(): string {
    return this.#stderr.trim();
  }

  get model(): SessionModel | null {
    return this.#model;
  }

  /** The usage of the turn, recorded for `model`; null when the agent reported none. */
  usageOf(model: string): ExitFile["usage"] {
    return this.#tokens === null ? null : { model, ...this.#tokens, costMicros: this.#costMicros };
  }

  onModel(model: SessionModel): void {
    this.#model = model;
  }

  onStderr(text: string): void {
    this.#stderr = `${this.#stderr}${text}`.slice(-STDERR_TAIL_CHARS);
  }

  /** The whole output of a plain command. */
  onOutput(text: string): void {
    this.#message = text;
  }

  onMessage(message: AnyMessage): void {
    const parsed = promptResultSchema.safeParse(message);
    if (parsed.success)
      this.#tokens = { inputTokens: parsed.data.result.usage.inputTokens, outputTokens: parsed.data.result.usage.outputTokens };
  }

  onUpdate(update: SessionUpdate): void {
    switch (update.sessionUpdate) {
      case "agent_message_chunk":
        if (update.content.type === "text") this.#message = `${this.#message}${update.content.text}`.slice(-MAX_TEXT_CHARS);
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
