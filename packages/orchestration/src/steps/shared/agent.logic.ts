/** Questions, unreadable answers and reworks: the same for every step that asks an agent. */
import type { HumanAnswer, HumanWait, Revision, Step, StepFact } from "@millrace/contracts";
import { MillraceError } from "@millrace/kernel";
import type { AnswerProduct, RecordedAnswer } from "../../run/model/command.js";
import type { FailureRequest, Move, StepContext } from "../../run/model/step-kind.js";

/** The wait for an agent's question; null when it asked none. One per attempt: a second question is ignored, and its text counts as the answer. */
export function questionOf(step: Step, answer: RecordedAnswer): Extract<Move, { to: "wait" }>["on"] | null {
  if (answer.question === null || step.decisions.length > 0) return null;
  const { question, options } = answer.question;
  return {
    on: "decision",
    question: question.slice(0, 8000),
    options: options.slice(0, 20).map((option) => option.slice(0, 500)),
    subject: answer.output.digest,
    output: answer.output,
    approvers: 1,
  };
}

/** The failure of a structured answer that does not have its shape; null for any other answer. */
export function invalidAnswer(product: AnswerProduct, excerpt: string): FailureRequest | null {
  if (product.is !== "invalid") return null;
  return {
    kind: "agent",
    code: "answer_invalid",
    message: `the agent's answer does not have the required shape: ${product.issues}`,
    detail: excerpt,
  };
}

/** The move after a person's answer: a decision repeats the request (`again`), requested changes send the step itself back. */
export function answeredOwn<F extends StepFact>(context: StepContext, answer: HumanAnswer, again: Move<F>): Move<F> {
  if (answer.answer === "choose") return again;
  if (answer.answer === "request-changes")
    return { to: "rework", from: context.index, revision: answer.revision, why: answer.revision.feedback };
  throw new MillraceError("wait_mismatch", `a ${context.step.definition.kind} step cannot be answered with '${answer.answer}'`);
}

/** The rework that people ask for at a gate or a merger: back to the nearest earlier step that delivers a change. */
export function sendBackToProducer(
  context: StepContext,
  wait: HumanWait,
  revision: Revision,
): { readonly to: "rework"; readonly from: number; readonly revision: Revision; readonly why: string } {
  for (let index = context.index - 1; index >= 0; index -= 1) {
    const step = context.run.steps[index];
    if (step !== undefined && context.input.kinds.get(step.definition.kind)?.contract.delivers === "change") {
      return { to: "rework", from: index, revision: { ...revision, previous: step.output }, why: revision.feedback };
    }
  }
  throw new MillraceError("wait_mismatch", `no earlier step could act on changes requested at its ${wait.on}`, {
    fix: "approve or reject it",
  });
}
