import { z } from "zod";

/**
 * Recovery of lost jobs. A job that vanished is dispatched again under a new key; a crash and a host that
 * was taken away have separate budgets, because the second says nothing about the job.
 */
const MAX_CRASH_RECOVERIES = 1;
const MAX_TRANSIENT_RECOVERIES = 5;

export const evictionsSchema = z.strictObject({ crash: z.number().int().nonnegative(), transient: z.number().int().nonnegative() });
export type Evictions = z.infer<typeof evictionsSchema>;

export const NO_EVICTIONS: Evictions = { crash: 0, transient: 0 };

export const evictedFactSchema = z.strictObject({ is: z.literal("evicted"), transient: z.boolean(), message: z.string().max(4000) });
export type EvictedFact = z.infer<typeof evictedFactSchema>;

export function countEviction(evictions: Evictions, fact: EvictedFact): Evictions {
  return fact.transient ? { ...evictions, transient: evictions.transient + 1 } : { ...evictions, crash: evictions.crash + 1 };
}

/** The eviction as a fact, and whether the budget allows another dispatch. */
export function recover(
  evictions: Evictions,
  lost: { readonly transient: boolean; readonly message: string },
): { readonly fact: EvictedFact; readonly again: boolean } {
  const fact: EvictedFact = { is: "evicted", transient: lost.transient, message: lost.message.slice(0, 4000) };
  return { fact, again: lost.transient ? evictions.transient < MAX_TRANSIENT_RECOVERIES : evictions.crash < MAX_CRASH_RECOVERIES };
}

export function evictedMessage(evictions: Evictions, message: string): string {
  return `${message} (dispatched again ${evictions.crash + evictions.transient} time(s) before)`;
}
