import { z } from "zod";

const any = z.unknown().optional();

/**
 * Fields of a request that are passed on. Left out on purpose: `metadata` (identities of person, account and device), `service_tier` and
 * `speed` (other prices), `mcp_servers`, `container` and `fallbacks` (other servers, stored state, other models).
 */
export const requestSchema = z.object({
  model: z.string(),
  messages: z.array(any),
  max_tokens: z.number().int().positive().optional(),
  stream: z.boolean().optional(),
  system: any,
  tools: z.array(any).optional(),
  tool_choice: any,
  temperature: any,
  top_p: any,
  top_k: any,
  stop_sequences: any,
  thinking: any,
  output_config: any,
  output_format: any,
  context_management: any,
  cache_control: any,
});

/** A block of content as far as it is looked at: where it is from, and the blocks in it. */
export const blockSchema = z.looseObject({
  type: z.string(),
  content: any,
  // A text names the origin of a search result that is in the request.
  source: z.union([z.looseObject({ type: z.string(), content: any }), z.string().transform(() => undefined)]).optional(),
});

/** A message as far as it is looked at. */
export const messageSchema = z.looseObject({ content: any });
