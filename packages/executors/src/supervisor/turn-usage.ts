import type { AnyMessage } from "@agentclientprotocol/sdk";
import { costOf, priceOf } from "@millrace/agents";
import { z } from "zod";
import type { UsageFile } from "../jobs/job-files.schema.js";

const count = z.number().int().nonnegative();

// Token counts are not part of the stable protocol yet; this is the form in which agents send them with the answer to a prompt.
const promptResultSchema = z.object({
  result: z.object({
    stopReason: z.string(),
    usage: z.object({
      totalTokens: count.nullish(),
      inputTokens: count,
      outputTokens: count,
      thoughtTokens: count.nullish(),
      cachedReadTokens: count.nullish(),
      cachedWriteTokens: count.nullish(),
    }),
  }),
});
type ReportedTokens = z.infer<typeof promptResultSchema>["result"]["usage"];

/** Adds up what an agent reports of a turn: its cost so far as it works, its tokens with its answer. */
export class TurnUsage {
  #tokens: UsageFile["tokens"] = null;
  #costMicros: number | null = null;

  onMessage(message: AnyMessage): void {
    const parsed = promptResultSchema.safeParse(message);
    if (parsed.success) this.#tokens = countsOf(parsed.data.result.usage);
  }

  /** `cost` is cumulative for the session. False when it says nothing new; one in another currency than the price list's is unknown. */
  onCost(cost: { readonly amount: number; readonly currency: string } | null | undefined): boolean {
    if (cost?.currency !== "USD" || !Number.isFinite(cost.amount)) return false;
    const before = this.#costMicros;
    // A session that restarts its count has not given anything back.
    this.#costMicros = Math.max(before ?? 0, Math.ceil(cost.amount * 1_000_000));
    return this.#costMicros !== before;
  }

  /** The usage so far. A cost that was not reported is that of the tokens at the price of `priced`, where both are known. */
  used({ label, priced, call }: { readonly label: string; readonly priced: string | null; readonly call: string }): UsageFile {
    const price = priced === null ? null : priceOf(priced);
    const byTokens = this.#tokens === null || price === null ? null : costOf(this.#tokens, price);
    return { model: label, tokens: this.#tokens, costMicros: this.#costMicros ?? byTokens, call };
  }
}

/** Some agents count cached tokens as input too, and reasoning beside the output; the total tells. */
function countsOf(reported: ReportedTokens): UsageFile["tokens"] {
  const { totalTokens, inputTokens, outputTokens } = reported;
  const thoughts = reported.thoughtTokens ?? 0;
  const cacheReadTokens = reported.cachedReadTokens ?? 0;
  const cacheWriteTokens = reported.cachedWriteTokens ?? 0;
  const cached = cacheReadTokens + cacheWriteTokens;
  const total = totalTokens ?? inputTokens + outputTokens + thoughts + cached;
  const hasCachedInInput = cached > 0 && inputTokens >= cached && total <= inputTokens + outputTokens + thoughts;
  const plainInput = hasCachedInInput ? inputTokens - cached : inputTokens;
  const hasThoughtsInOutput = total <= plainInput + outputTokens + cached;
  return {
    inputTokens: plainInput,
    outputTokens: hasThoughtsInOutput ? outputTokens : outputTokens + thoughts,
    cacheReadTokens,
    cacheWriteTokens,
  };
}
