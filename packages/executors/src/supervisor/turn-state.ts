import type { AnyMessage, SessionUpdate } from "@agentclientprotocol/sdk";
import type { ProgressFile, SessionModel, UsageFile } from "../jobs/job-files.schema.js";
import { modelLabel } from "../jobs/answer.logic.js";
import { TurnUsage } from "./turn-usage.js";

/** Characters of a message that are kept, from the end. */
const MAX_TEXT_CHARS = 200_000;
const STDERR_TAIL_CHARS = 700;

/** Hears of what is shown or kept while the turn goes on. */
export interface TurnListener {
  onPlan(progress: ProgressFile): void;
  onUsage(usage: UsageFile): void;
}

/** Collects the output of a turn: its last message, its plan, its usage, its model and the end of its stderr. */
export class TurnState {
  readonly #job: { readonly agent: string; readonly call: string };
  readonly #listener: TurnListener;
  readonly #usage = new TurnUsage();
  #model: SessionModel | null;
  #message = "";
  #last = "";
  #stderr = "";

  /** `model` is the state before the session has one; `call` tells this job from others of its key. */
  constructor(job: { readonly agent: string; readonly call: string }, model: SessionModel | null, listener: TurnListener) {
    this.#job = job;
    this.#model = model;
    this.#listener = listener;
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

  /** The usage of the turn so far. */
  get usage(): UsageFile {
    const { agent, call } = this.#job;
    return this.#usage.used({ label: modelLabel(agent, this.#model), priced: this.#model?.actual ?? null, call });
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
    this.#usage.onMessage(message);
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
        this.#listener.onPlan(progressOf(update.entries));
        return;
      case "usage_update":
        if (this.#usage.onCost(update.cost)) this.#listener.onUsage(this.usage);
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
