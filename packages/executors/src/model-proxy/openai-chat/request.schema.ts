import { z } from "zod";

const any = z.unknown().optional();
const tokens = z.number().int().positive().nullish();

/**
 * Fields of a request that are passed on. Left out on purpose: `user`, `safety_identifier` and `metadata` (identities), `n` (more than one
 * answer), `service_tier` (other prices), `store`, `web_search_options`.
 */
export const requestSchema = z.object({
  model: z.string(),
  messages: z.array(any),
  max_tokens: tokens,
  max_completion_tokens: tokens,
  stream: z.boolean().nullish(),
  stream_options: z.looseObject({}).nullish(),
  tools: z.array(any).optional(),
  tool_choice: any,
  parallel_tool_calls: any,
  functions: any,
  function_call: any,
  response_format: any,
  temperature: any,
  top_p: any,
  frequency_penalty: any,
  presence_penalty: any,
  logit_bias: any,
  logprobs: any,
  top_logprobs: any,
  stop: any,
  seed: any,
  reasoning_effort: any,
  verbosity: any,
  prompt_cache_key: any,
});

/** A part of a message as far as it is looked at. */
export const partSchema = z.looseObject({
  image_url: z.union([z.string(), z.looseObject({ url: z.string() }).transform(({ url }) => url)]).optional(),
  file: z.looseObject({ file_id: any }).optional(),
});

/** A message as far as it is looked at. */
export const messageSchema = z.looseObject({ content: any });
