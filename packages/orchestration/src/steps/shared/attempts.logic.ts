/** Records of the helpers a step has sent, and their account in words: the same for every step kind that sends helpers. */
import { commitShaSchema, failureKindSchema, timestampSchema, type Brief } from "@millrace/contracts";
import { z } from "zod";
import type { RecordedOutcome } from "../../run/model/command.js";
import type { FailureRequest, StepContext } from "../../run/model/step-kind.js";
import { openBreaker } from "./breaker.logic.js";
import { jobFailure } from "./job-failure.logic.js";
import type { VanishedJob } from "./recovery.logic.js";

/** One helper that was sent and came back. */
export const attemptSchema = z.strictObject({
  attempt: z.number().int().positive(),
  at: timestampSchema,
  outcome: z.enum(["completed", "failed"]),
  /** The head it was sent for; null where no head was observed. */
  head: commitShaSchema.nullable(),
  summary: z.string().max(4000),
  /** Why it failed. Missing in records of runs that are older than the breaker. */
  failure: z.strictObject({ kind: failureKindSchema, code: z.string().max(80) }).optional(),
});
/** One helper that was sent and came back. */
export type Attempt = z.infer<typeof attemptSchema>;

/** The fact that a helper came back. */
export const helperReturnedSchema = attemptSchema.extend({ is: z.literal("helper-returned") });
type HelperReturned = z.infer<typeof helperReturnedSchema>;

/** The record of a helper that came back, judged by its own contract. */
export function helperReturned(
  context: StepContext,
  sent: { readonly helper: string; readonly attempt: number; readonly head: string | null },
  outcome: Exclude<RecordedOutcome, VanishedJob>,
): HelperReturned {
  const failure = jobFailure(context, sent.helper, outcome);
  const summary = failure === null ? (outcome.is === "finished" ? outcome.answer.excerpt : "") : `${failure.code}: ${failure.message}`;
  return {
    is: "helper-returned",
    attempt: sent.attempt,
    at: context.at,
    outcome: failure === null ? "completed" : "failed",
    head: sent.head,
    summary: summary.slice(0, 4000),
    ...(failure === null ? {} : { failure: { kind: failure.kind, code: failure.code.slice(0, 80) } }),
  };
}

/** The attempt without the name of its fact. */
export function attemptOf({ is: _, ...attempt }: HelperReturned): Attempt {
  return attempt;
}

/** The failure of a run whose helper cannot work at all; null while the circuit breaker is closed. */
export function breakerFailure(helper: string, log: readonly Attempt[], head: string | null): FailureRequest | null {
  const code = openBreaker(log, head);
  if (code === null) return null;
  const message = `the ${helper} failed twice in a row with ${code} on the same head: ${log.at(-1)?.summary ?? ""}`;
  return { kind: "gate_exhausted", code: "breaker_open", message: message.slice(0, 4000), detail: history(log) };
}

/** The brief on the helpers before it that the next one gets; empty for the first. */
export function earlierAttempts(log: readonly Attempt[]): Brief[] {
  return log.length === 0 ? [] : [{ from: "earlier attempts", text: history(log).slice(-8000) }];
}

/** One line per attempt. */
export function history(log: readonly Attempt[]): string {
  return log
    .map(
      ({ attempt, head, outcome, summary }) =>
        `attempt ${attempt}${head === null ? "" : ` at ${head.slice(0, 10)}`}, ${outcome}: ${summary}`,
    )
    .join("\n");
}
