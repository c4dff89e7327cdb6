import { createAnthropic } from "@ai-sdk/anthropic";
import { createOpenAI } from "@ai-sdk/openai";
import { createOpenAICompatible } from "@ai-sdk/openai-compatible";
import { MillraceError } from "@millrace/kernel";
import type { LanguageModel } from "ai";

/** A model an inline kind runs on. */
export interface InlineModel {
  /** `provider:model`, as it is recorded. */
  readonly label: string;
  readonly model: LanguageModel;
  /** Runs on a flat-rate plan that budgets do not stop. Default false. */
  readonly quotaBased?: boolean;
  /** Micro-units of money per million tokens; without it the cost of a call is unknown, not zero. */
  readonly price?: { readonly inputMicros: number; readonly outputMicros: number };
}

export interface ModelOptions {
  readonly provider: "anthropic" | "openai" | "openai-compatible";
  readonly model: string;
  /** Stays in memory; it is in no error and no label. */
  readonly apiKey: string;
  /** Required for `openai-compatible`, with its `/v1`. */
  readonly baseUrl?: string;
}

/**
 * A model of one of the providers. No request is made.
 *
 * @throws MillraceError `config_invalid` for an openai-compatible provider without an address.
 */
export function createModel(options: ModelOptions): InlineModel {
  return { label: `${options.provider}:${options.model}`, model: languageModel(options) };
}

function languageModel({ provider, model, apiKey, baseUrl }: ModelOptions): LanguageModel {
  const base = baseUrl === undefined ? {} : { baseURL: baseUrl };
  switch (provider) {
    case "anthropic":
      return createAnthropic({ apiKey, ...base })(model);
    case "openai":
      return createOpenAI({ apiKey, ...base })(model);
    case "openai-compatible":
      if (baseUrl === undefined)
        throw new MillraceError("config_invalid", `the model '${model}' has no address`, {
          fix: "set the base URL of the OpenAI-compatible server, e.g. http://127.0.0.1:11434/v1",
        });
      return createOpenAICompatible({ name: "openai-compatible", apiKey, baseURL: baseUrl, supportsStructuredOutputs: true })(model);
  }
}
