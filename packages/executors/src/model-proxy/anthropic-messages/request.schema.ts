import { z } from "zod";

const anything = z.unknown().optional();

/**
 * Fields of a request that are passed on. Left out on purpose: `metadata` (identities of person, account and device), `service_tier` and
 * `speed` (other prices), `mcp_servers`, `container` and `fallbacks` (other servers, stored state, other models).
 */
export const requestSchema = z.object({
  model: z.string(),
  messages: z.array(anything),
  max_tokens: z.number().int().positive().optional(),
  stream: z.boolean().optional(),
  system: anything,
  tools: z.array(anything).optional(),
  tool_choice: anything,
  temperature: anything,
  top_p: anything,
  top_k: anything,
  stop_sequences: anything,
  thinking: anything,
  output_config: anything,
  output_format: anything,
  context_management: anything,
  cache_control: anything,
});

/** A block of content as far as it is looked at: where it is from, and the blocks in it. */
export const blockSchema = z.looseObject({
  type: z.string(),
  content: anything,
  // A text names the origin of a search result that is in the request.
  source: z.union([z.looseObject({ type: z.string(), content: anything }), z.string().transform(() => undefined)]).optional(),
});

/** A message as far as it is looked at. */
export const messageSchema = z.looseObject({ content: anything });
