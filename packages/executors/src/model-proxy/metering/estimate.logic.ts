import { costOf, type ModelPrice } from "@millrace/agents";
import { MIN_RESERVATION_MICROS } from "@millrace/contracts";

/**
 * Bytes of a request that are taken for one token. Prose and code have three to four; a token has one at least, so that the input of a
 * call costs twice its estimate at most, beside the prompts that a provider adds itself.
 */
const BYTES_PER_TOKEN = 2;

/** Size and price of a call before it is made. */
export interface CallSize {
  readonly bodyBytes: number;
  readonly outputTokens: number;
  /** Null: unknown. */
  readonly price: ModelPrice | null;
  /** For a call without a price, in millionths. */
  readonly unpricedMicros: number;
}

/** What a call may cost, in millionths: its input in the dearest class, and all the output that it allows. */
export function estimateOf({ bodyBytes, outputTokens, price, unpricedMicros }: CallSize): number {
  if (price === null) return Math.max(MIN_RESERVATION_MICROS, unpricedMicros);
  const inputMicros = Math.max(price.inputMicros, price.cacheWriteMicros);
  const tokens = { inputTokens: Math.ceil(bodyBytes / BYTES_PER_TOKEN), outputTokens, cacheReadTokens: 0, cacheWriteTokens: 0 };
  return Math.max(MIN_RESERVATION_MICROS, costOf(tokens, { ...price, inputMicros }));
}
