import { z } from "zod";

const anything = z.unknown().optional();
const tokens = z.number().int().positive().nullish();

/**
 * Fields of a request that are passed on. Left out on purpose: `user`, `safety_identifier` and `metadata` (identities), `n` (more than one
 * answer), `service_tier` (other prices), `store`, `web_search_options`.
 */
export const requestSchema = z.object({
  model: z.string(),
  messages: z.array(anything),
  max_tokens: tokens,
  max_completion_tokens: tokens,
  stream: z.boolean().nullish(),
  stream_options: z.looseObject({}).nullish(),
  tools: z.array(anything).optional(),
  tool_choice: anything,
  parallel_tool_calls: anything,
  functions: anything,
  function_call: anything,
  response_format: anything,
  temperature: anything,
  top_p: anything,
  frequency_penalty: anything,
  presence_penalty: anything,
  logit_bias: anything,
  logprobs: anything,
  top_logprobs: anything,
  stop: anything,
  seed: anything,
  reasoning_effort: anything,
  verbosity: anything,
  prompt_cache_key: anything,
});

/** A part of a message as far as it is looked at. */
export const partSchema = z.looseObject({
  image_url: z.union([z.string(), z.looseObject({ url: z.string() }).transform(({ url }) => url)]).optional(),
  file: z.looseObject({ file_id: anything }).optional(),
});

/** A message as far as it is looked at. */
export const messageSchema = z.looseObject({ content: anything });
