import { z } from "zod";
import { tokenCount } from "../wire/token-count.schema.js";
import { NOTHING_READ, type Reading } from "../wire/wire-format.port.js";

const answerSchema = z.object({
  usage: z.object({
    input_tokens: z.number().int().nonnegative(),
    output_tokens: tokenCount,
    input_tokens_details: z.object({ cached_tokens: tokenCount, cache_write_tokens: tokenCount }).nullish(),
  }),
});
const lastEventSchema = z.object({
  type: z.enum(["response.completed", "response.incomplete", "response.failed"]),
  response: z.unknown(),
});

/** The event that ends a stream has the whole answer. */
export function readResponseEvent(before: Reading, event: unknown): Reading {
  const parsed = lastEventSchema.safeParse(event);
  return parsed.success ? readResponse(parsed.data.response) : before;
}

export function readResponse(answer: unknown): Reading {
  const parsed = answerSchema.safeParse(answer);
  if (!parsed.success) return NOTHING_READ;
  const { input_tokens: input, output_tokens: outputTokens, input_tokens_details: classes } = parsed.data.usage;
  const cacheReadTokens = classes?.cached_tokens ?? 0;
  const cacheWriteTokens = classes?.cache_write_tokens ?? 0;
  const inputTokens = Math.max(0, input - cacheReadTokens - cacheWriteTokens);
  return { tokens: { inputTokens, outputTokens, cacheReadTokens, cacheWriteTokens }, isComplete: true };
}
