import { z } from "zod";

const anything = z.unknown().optional();

/**
 * Fields of a request that are passed on. Left out on purpose: `user`, `safety_identifier`, `metadata` and `client_metadata` (identities of
 * person and installation), `service_tier` (other prices), `background` (goes on when its client is gone), `previous_response_id`,
 * `conversation` and `prompt` (stored input of unknown length).
 */
export const requestSchema = z.object({
  model: z.string(),
  input: z.union([z.string(), z.array(anything)]),
  max_output_tokens: z.number().int().positive().nullish(),
  stream: z.boolean().nullish(),
  stream_options: anything,
  instructions: anything,
  tools: z.array(anything).optional(),
  tool_choice: anything,
  parallel_tool_calls: anything,
  reasoning: anything,
  text: anything,
  include: anything,
  store: anything,
  temperature: anything,
  top_p: anything,
  top_logprobs: anything,
  truncation: anything,
  prompt_cache_key: anything,
});

/** An item of the input or a part of one, as far as it is looked at. */
export const itemSchema = z.looseObject({
  type: z.string().nullish(),
  image_url: z.string().nullish(),
  file_url: anything,
  file_id: anything,
  content: anything,
  output: anything,
});
