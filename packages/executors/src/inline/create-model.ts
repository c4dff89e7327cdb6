import { createAnthropic } from "@ai-sdk/anthropic";
import { createOpenAI } from "@ai-sdk/openai";
import { createOpenAICompatible } from "@ai-sdk/openai-compatible";
import { MillraceError } from "@millrace/kernel";
import type { ModelPrice } from "@millrace/agents";
import type { LanguageModel } from "ai";

/** A model for inline calls. */
export interface InlineModel {
  /** Recorded name, `provider:model`. */
  readonly label: string;
  /** The model of the AI SDK. */
  readonly model: LanguageModel;
  /** True on a flat-rate plan, which budgets do not stop. Default false. */
  readonly quotaBased?: boolean;
  /** Price of its tokens. Default: the list price of `label`; a call of a model without one is settled at its reservation. */
  readonly price?: ModelPrice;
}

/** Settings of one model of a provider. */
export interface ModelOptions {
  readonly provider: "anthropic" | "openai" | "openai-compatible";
  readonly model: string;
  /** Kept in memory only: no error and no label contains it. */
  readonly apiKey: string;
  /** Address of the API, `/v1` included. Required for `openai-compatible`. Default: the address of the provider. */
  readonly baseUrl?: string;
}

/**
 * Creates a model of a provider. Sends no request.
 *
 * @throws MillraceError `config_invalid` for the provider `openai-compatible` without `baseUrl`.
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
