import { expect, it } from "vitest";
import { costOf, priceOf } from "./prices.js";

const MILLION = 1_000_000;
const tokens = { inputTokens: MILLION, outputTokens: MILLION, cacheReadTokens: MILLION, cacheWriteTokens: MILLION };
const none = { inputTokens: 0, outputTokens: 0, cacheReadTokens: 0, cacheWriteTokens: 0 };

it("F:B4 each class of tokens has its own price", () => {
  const price = { inputMicros: 3_000_000, outputMicros: 15_000_000, cacheReadMicros: 300_000, cacheWriteMicros: 3_750_000 };
  expect(priceOf("anthropic:claude-sonnet-4-5")).toEqual(price);
  expect(costOf(tokens, price)).toBe(22_050_000);
  expect(costOf({ ...none, cacheReadTokens: MILLION }, price)).toBe(300_000);
  expect(costOf({ ...none, cacheWriteTokens: MILLION }, price)).toBe(3_750_000);
});

it("F:B4 a cost is rounded up, so that what is spent in small calls is never free", () => {
  expect(costOf({ ...none, cacheReadTokens: 1 }, { inputMicros: 1, outputMicros: 1, cacheReadMicros: 1, cacheWriteMicros: 1 })).toBe(1);
  expect(costOf(none, { inputMicros: 1, outputMicros: 1, cacheReadMicros: 1, cacheWriteMicros: 1 })).toBe(0);
});

it.each([
  ["claude-sonnet-4-5", true],
  ["claude-sonnet-4-5-20250929", true],
  ["openai/gpt-5-2025-08-07", true],
  ["openai:gpt-5-mini", true],
  ["openai:gpt-9", false],
  ["openai-compatible:gpt-5", false],
  ["toString", false],
  ["", false],
])("F:B4 the price of '%s' is known: %s", (model, isKnown) => {
  expect(priceOf(model) !== null).toBe(isKnown);
});
