import { judgeWork } from "@millrace/agents";
import type { RecordedOutcome } from "../../run/model/command.js";
import type { FailureRequest, StepContext } from "../../run/model/step-kind.js";
import { invalidAnswer, questionOf } from "./agent.logic.js";
import type { VanishedJob } from "./recovery.logic.js";

/**
 * Whether the work is in order and only the answer does not have its shape. Told by the family, not by the code: an executor may give its
 * own failure any code.
 */
export function isUnreadable({ kind }: FailureRequest): boolean {
  return kind === "agent";
}

/** Why the result of a job does not count; null when it does. A question is not judged: the agent stopped to ask before it delivered. */
export function jobFailure(context: StepContext, kind: string, outcome: Exclude<RecordedOutcome, VanishedJob>): FailureRequest | null {
  if (outcome.is === "failed") return { kind: "job_failed", code: outcome.code, message: outcome.message, detail: outcome.detail };
  if (questionOf(context.step, outcome.answer) !== null) return null;
  const contract = context.input.kinds.get(kind)?.contract;
  if (contract !== undefined && outcome.observed !== null) {
    const broken = judgeWork(contract, outcome.observed);
    if (broken !== null) return { kind: "completion", ...broken, detail: outcome.answer.excerpt };
  } else if (contract?.delivers !== "nothing") {
    return {
      kind: "completion",
      code: "not_observed",
      message: `the executor observed nothing of the ${kind}'s work; its word alone does not count`,
      detail: outcome.answer.excerpt,
    };
  }
  return invalidAnswer(outcome.answer.product, outcome.answer.excerpt);
}
