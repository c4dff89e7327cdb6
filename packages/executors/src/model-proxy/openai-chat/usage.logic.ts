import { z } from "zod";
import { tokenCount } from "../wire/token-count.schema.js";
import { NOTHING_READ, type Reading } from "../wire/wire-format.port.js";

const answerSchema = z.object({
  usage: z.object({
    prompt_tokens: z.number().int().nonnegative(),
    completion_tokens: tokenCount,
    prompt_tokens_details: z.object({ cached_tokens: tokenCount, cache_write_tokens: tokenCount }).nullish(),
  }),
});

/** The last chunk of a stream has the usage of the whole; some servers tell it with every chunk. */
export function readChatEvent(before: Reading, event: unknown): Reading {
  const now = readChat(event);
  return now.isComplete ? now : before;
}

export function readChat(answer: unknown): Reading {
  const parsed = answerSchema.safeParse(answer);
  if (!parsed.success) return NOTHING_READ;
  const { prompt_tokens: prompt, completion_tokens: outputTokens, prompt_tokens_details: classes } = parsed.data.usage;
  const cacheReadTokens = classes?.cached_tokens ?? 0;
  const cacheWriteTokens = classes?.cache_write_tokens ?? 0;
  const inputTokens = Math.max(0, prompt - cacheReadTokens - cacheWriteTokens);
  return { tokens: { inputTokens, outputTokens, cacheReadTokens, cacheWriteTokens }, isComplete: true };
}
