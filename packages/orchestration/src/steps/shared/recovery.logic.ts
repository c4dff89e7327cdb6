/** Recovery of lost jobs: a job that vanished is dispatched again under a new key. */
import { z } from "zod";
import type { RecordedOutcome } from "../../run/model/command.js";
import type { Move } from "../../run/model/step-kind.js";

/** How often a job that crashed, and one whose host went away, is dispatched again. */
const MAX_CRASH_RECOVERIES = 1;
const MAX_TRANSIENT_RECOVERIES = 5;

/** Jobs that were lost so far. `crash`: of their own; `transient`: with their host, which says nothing about the job. Each has its own budget. */
export const evictionsSchema = z.strictObject({ crash: z.number().int().nonnegative(), transient: z.number().int().nonnegative() });
/** Jobs that were lost so far, by their cause. */
export type Evictions = z.infer<typeof evictionsSchema>;

/** Nothing was lost yet. */
export const NO_EVICTIONS: Evictions = { crash: 0, transient: 0 };

/** The fact that a job was lost. */
export const evictedFactSchema = z.strictObject({ is: z.literal("evicted"), transient: z.boolean(), message: z.string().max(4000) });
/** The fact that a job was lost. */
export type EvictedFact = z.infer<typeof evictedFactSchema>;

/** The count after one more loss. */
export function countEviction(evictions: Evictions, fact: EvictedFact): Evictions {
  return fact.transient ? { ...evictions, transient: evictions.transient + 1 } : { ...evictions, crash: evictions.crash + 1 };
}

/** The dispatch that is repeated. */
type Dispatch = Extract<Move<never>, { to: "effect" }>;

/** A job that ended without a result. */
export type VanishedJob = Extract<RecordedOutcome, { is: "lost" } | { is: "out-of-quota" }>;

export function hasVanished(outcome: RecordedOutcome): outcome is VanishedJob {
  return outcome.is === "lost" || outcome.is === "out-of-quota";
}

/**
 * What follows: the same dispatch under a new key, or the end of the run when that was done too often. A provider's used-up window
 * is no failure: it is not counted, and the dispatch waits until the window opens.
 */
export function recover(evictions: Evictions, vanished: VanishedJob, dispatch: Dispatch): Move<EvictedFact> {
  if (vanished.is === "out-of-quota")
    return { ...dispatch, hold: { because: "quota", until: vanished.resetAt, message: vanished.message.slice(0, 2000) } };
  const fact: EvictedFact = { is: "evicted", transient: vanished.transient, message: vanished.message.slice(0, 4000) };
  const again = vanished.transient ? evictions.transient < MAX_TRANSIENT_RECOVERIES : evictions.crash < MAX_CRASH_RECOVERIES;
  if (again) return { facts: [fact], ...dispatch };
  const message = `${vanished.message} (dispatched again ${evictions.crash + evictions.transient} time(s) before)`;
  return { facts: [fact], to: "fail", failure: { kind: "evicted", code: "job_lost", message, detail: null } };
}
