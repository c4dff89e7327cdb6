import type { TokenCounts } from "@millrace/kernel";
import { z } from "zod";
import { tokenCount } from "../wire/token-count.schema.js";
import { NOTHING_READ, type Reading } from "../wire/wire-format.port.js";

const count = z.number().int().nonnegative().nullish();
const countsSchema = z.object({
  input_tokens: count,
  output_tokens: count,
  cache_read_input_tokens: count,
  cache_creation_input_tokens: count,
});
const usageSchema = countsSchema.extend({
  iterations: z
    .array(
      z.object({
        input_tokens: tokenCount,
        output_tokens: tokenCount,
        cache_read_input_tokens: tokenCount,
        cache_creation_input_tokens: tokenCount,
      }),
    )
    .nullish(),
});
const eventSchema = z.discriminatedUnion("type", [
  z.object({ type: z.literal("message_start"), message: z.object({ usage: usageSchema }) }),
  z.object({ type: z.literal("message_delta"), usage: usageSchema }),
  z.object({ type: z.literal("message_stop") }),
]);
const answerSchema = z.object({ type: z.literal("message"), usage: usageSchema });

/** Counts of a delta are those of the whole message so far; what it does not tell is as the start has told. */
export function readMessageEvent(before: Reading, event: unknown): Reading {
  const parsed = eventSchema.safeParse(event);
  if (!parsed.success) return before;
  switch (parsed.data.type) {
    case "message_start":
      return { tokens: countsOf(null, parsed.data.message.usage), isComplete: false };
    case "message_delta":
      return { tokens: countsOf(before.tokens, parsed.data.usage), isComplete: false };
    case "message_stop":
      return { ...before, isComplete: before.tokens !== null };
  }
}

export function readMessage(answer: unknown): Reading {
  const parsed = answerSchema.safeParse(answer);
  return parsed.success ? { tokens: countsOf(null, parsed.data.usage), isComplete: true } : NOTHING_READ;
}

/** The counts beside the iterations leave out those that only compacted the context. */
function countsOf(before: TokenCounts | null, { iterations, ...usage }: z.infer<typeof usageSchema>): TokenCounts {
  const told = {
    inputTokens: usage.input_tokens ?? before?.inputTokens ?? 0,
    outputTokens: usage.output_tokens ?? before?.outputTokens ?? 0,
    cacheReadTokens: usage.cache_read_input_tokens ?? before?.cacheReadTokens ?? 0,
    cacheWriteTokens: usage.cache_creation_input_tokens ?? before?.cacheWriteTokens ?? 0,
  };
  const sum = (of: (one: NonNullable<typeof iterations>[number]) => number): number =>
    (iterations ?? []).reduce((total, one) => total + of(one), 0);
  return {
    inputTokens: Math.max(
      told.inputTokens,
      sum((one) => one.input_tokens),
    ),
    outputTokens: Math.max(
      told.outputTokens,
      sum((one) => one.output_tokens),
    ),
    cacheReadTokens: Math.max(
      told.cacheReadTokens,
      sum((one) => one.cache_read_input_tokens),
    ),
    cacheWriteTokens: Math.max(
      told.cacheWriteTokens,
      sum((one) => one.cache_creation_input_tokens),
    ),
  };
}
