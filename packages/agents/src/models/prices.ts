import type { TokenCounts } from "@millrace/kernel";

/** Price of a million tokens of each class, in micros (millionths of the currency). */
export interface ModelPrice {
  readonly inputMicros: number;
  readonly outputMicros: number;
  readonly cacheReadMicros: number;
  readonly cacheWriteMicros: number;
}

/** What the tokens cost, in micros, rounded up: each class by its own price. */
export function costOf(tokens: TokenCounts, price: ModelPrice): number {
  const cost =
    tokens.inputTokens * price.inputMicros +
    tokens.outputTokens * price.outputMicros +
    tokens.cacheReadTokens * price.cacheReadMicros +
    tokens.cacheWriteTokens * price.cacheWriteMicros;
  return Math.ceil(cost / 1_000_000);
}

/** A price in units of the currency, as providers print it: input, output, cache read, cache write. */
function units(input: number, output: number, cacheRead: number, cacheWrite: number): ModelPrice {
  const [inputMicros, outputMicros, cacheReadMicros, cacheWriteMicros] = [input, output, cacheRead, cacheWrite].map((price) =>
    Math.round(price * 1_000_000),
  ) as [number, number, number, number];
  return { inputMicros, outputMicros, cacheReadMicros, cacheWriteMicros };
}

/** OpenAI has no price for writes to its cache: they are ordinary input. */
function openAi(input: number, output: number, cacheRead: number): ModelPrice {
  return units(input, output, cacheRead, input);
}

/**
 * List prices per million tokens in US dollars, standard tier, cache writes for five minutes. Anthropic:
 * platform.claude.com/docs/en/about-claude/pricing; OpenAI: developers.openai.com/api/docs/pricing; both as of November 2026. A model whose
 * price depends on the length of the prompt is left out: an unpriced model is settled at its reservation, a wrong price would be believed.
 */
export const listPrices: Readonly<Record<string, ModelPrice>> = {
  "claude-opus-5-5": units(4, 20, 0.2, 5),
  "claude-opus-5": units(5, 25, 0.5, 6.25),
  "claude-opus-4-8": units(5, 25, 0.5, 6.25),
  "claude-opus-4-7": units(5, 25, 0.5, 6.25),
  "claude-opus-4-6": units(5, 25, 0.5, 6.25),
  "claude-opus-4-5": units(5, 25, 0.5, 6.25),
  "claude-opus-4-1": units(15, 75, 1.5, 18.75),
  "claude-sonnet-5-5": units(2, 10, 0.1, 2.5),
  "claude-sonnet-5": units(2, 10, 0.2, 2.5),
  "claude-sonnet-4-6": units(3, 15, 0.3, 3.75),
  "claude-sonnet-4-5": units(3, 15, 0.3, 3.75),
  "claude-haiku-4-5": units(1, 5, 0.1, 1.25),
  "gpt-5.5": openAi(5, 30, 0.5),
  "gpt-5.4": openAi(2.5, 15, 0.25),
  "gpt-5.4-mini": openAi(0.75, 4.5, 0.075),
  "gpt-5.4-nano": openAi(0.2, 1.25, 0.02),
  "gpt-5": openAi(1.25, 10, 0.125),
  "gpt-5-mini": openAi(0.25, 2, 0.025),
  "gpt-5-nano": openAi(0.05, 0.4, 0.005),
  "gpt-4.1": openAi(2, 8, 0.5),
  "gpt-4.1-mini": openAi(0.4, 1.6, 0.1),
  "gpt-4.1-nano": openAi(0.1, 0.4, 0.025),
};

/** Providers whose models are sold at these prices; a compatible server sells its own. */
const PROVIDERS: ReadonlySet<string> = new Set(["anthropic", "openai"]);

const NAME = /^(?:([a-z0-9-]+)[:/])?(.+?)(?:-(?:\d{8}|\d{4}-\d{2}-\d{2}|latest))?$/;

/** List price of a model: `anthropic:claude-sonnet-4-5`, `openai/gpt-5`, or its name alone, with or without a date. Null when unknown. */
export function priceOf(model: string): ModelPrice | null {
  const [, provider, name = ""] = NAME.exec(model) ?? [];
  if (provider !== undefined && !PROVIDERS.has(provider)) return null;
  return Object.hasOwn(listPrices, name) ? (listPrices[name] ?? null) : null;
}
