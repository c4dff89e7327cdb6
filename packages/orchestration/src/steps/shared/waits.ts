/** Waits that steps of several kinds open. */
import type { WaitDeclarations } from "../../run/model/step-kind.js";

/** An agent asked a question in place of its answer. */
export const DECISION_WAIT = { decision: { notification: "decision_required", answers: ["choose"] } } as const satisfies WaitDeclarations;

/** Answers of people to a loop that stands still: one more round, on with the result as it is, or the end of the run. */
export const ROUND_ANSWERS = ["extra-round", "proceed", "reject"] as const;

/** A loop has used up its rounds: people grant one more, accept the result as it is, or reject it. */
export const CAP_WAIT = {
  cap: { notification: "decision_required", answers: ROUND_ANSWERS },
} as const satisfies WaitDeclarations;
