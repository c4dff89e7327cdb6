import { expect, it } from "vitest";
import { TurnUsage } from "./turn-usage.js";

const job = { label: "agent:claude", priced: null, call: "c1" };

function answered(usage: object): TurnUsage {
  const turn = new TurnUsage();
  turn.onMessage({ jsonrpc: "2.0", id: 1, result: { stopReason: "end_turn", usage } });
  return turn;
}

it("F:B2 a cost without token counts is kept, and nothing that was not reported is zero", () => {
  const turn = new TurnUsage();
  expect(turn.used(job)).toEqual({ model: "agent:claude", tokens: null, costMicros: null, call: "c1" });
  expect(turn.onCost({ amount: 0.01, currency: "USD" })).toBe(true);
  expect(turn.used(job)).toEqual({ model: "agent:claude", tokens: null, costMicros: 10_000, call: "c1" });
});

it("F:B2 a cost is cumulative, never goes down, and is unknown in another currency", () => {
  const turn = new TurnUsage();
  expect([null, undefined, { amount: 3, currency: "EUR" }].map((cost) => turn.onCost(cost))).toEqual([false, false, false]);
  expect([0.2, 0.5, 0.5, 0.1].map((amount) => turn.onCost({ amount, currency: "USD" }))).toEqual([true, true, false, false]);
  expect(turn.used(job).costMicros).toBe(500_000);
});

it.each([
  ["classes beside each other", { inputTokens: 10, outputTokens: 5, cachedReadTokens: 100, cachedWriteTokens: 20, totalTokens: 135 }],
  ["classes without a total", { inputTokens: 10, outputTokens: 5, cachedReadTokens: 100, cachedWriteTokens: 20 }],
  [
    "cached tokens counted as input too",
    { inputTokens: 130, outputTokens: 5, cachedReadTokens: 100, cachedWriteTokens: 20, totalTokens: 135 },
  ],
  [
    "reasoning beside the output",
    { inputTokens: 10, outputTokens: 2, thoughtTokens: 3, cachedReadTokens: 100, cachedWriteTokens: 20, totalTokens: 135 },
  ],
  [
    "reasoning in the output",
    { inputTokens: 10, outputTokens: 5, thoughtTokens: 3, cachedReadTokens: 100, cachedWriteTokens: 20, totalTokens: 135 },
  ],
])("F:B4 %s", (_name, usage) => {
  expect(answered(usage).used(job).tokens).toEqual({ inputTokens: 10, outputTokens: 5, cacheReadTokens: 100, cacheWriteTokens: 20 });
});

it("F:B4 tokens of a model with a list price have a cost, unless the agent reports one", () => {
  const turn = answered({ inputTokens: 1_000_000, outputTokens: 0, cachedReadTokens: 1_000_000 });
  expect(turn.used({ ...job, priced: "anthropic/claude-sonnet-4-5" }).costMicros).toBe(3_300_000);
  expect(turn.used({ ...job, priced: "acme/unheard-of" }).costMicros).toBeNull();
  turn.onCost({ amount: 1, currency: "USD" });
  expect(turn.used({ ...job, priced: "anthropic/claude-sonnet-4-5" }).costMicros).toBe(1_000_000);
});
