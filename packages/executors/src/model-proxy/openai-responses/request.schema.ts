import { z } from "zod";

const any = z.unknown().optional();

/**
 * Fields of a request that are passed on. Left out on purpose: `user`, `safety_identifier`, `metadata` and `client_metadata` (identities of
 * person and installation), `service_tier` (other prices), `background` (goes on when its client is gone), `previous_response_id`,
 * `conversation` and `prompt` (stored input of unknown length).
 */
export const requestSchema = z.object({
  model: z.string(),
  input: z.union([z.string(), z.array(any)]),
  max_output_tokens: z.number().int().positive().nullish(),
  stream: z.boolean().nullish(),
  stream_options: any,
  instructions: any,
  tools: z.array(any).optional(),
  tool_choice: any,
  parallel_tool_calls: any,
  reasoning: any,
  text: any,
  include: any,
  store: any,
  temperature: any,
  top_p: any,
  top_logprobs: any,
  truncation: any,
  prompt_cache_key: any,
});

/** An item of the input or a part of one, as far as it is looked at. */
export const itemSchema = z.looseObject({
  type: z.string().nullish(),
  image_url: z.string().nullish(),
  file_url: any,
  file_id: any,
  content: any,
  output: any,
});
