/**
 * A step that has what is asked for reviewed before anything is built, and lets people answer.
 *
 * Owns: the loop review, answers, document, review again; which row stands where in it. Does not own: the answers, which people give
 * row by row at any time (`ReviewService`), and the texts (the outputs table).
 * 1. Every iteration is a review of its own, written in the commit that records it. Nothing anybody answered is replaced.
 * 2. Each agent call is a checkpoint of its own. A crash repeats one call, under its key, for that iteration.
 * 3. From "fold the answers in" on, findings are frozen and nobody can settle the review beside the engine.
 * 4. It asks people because of what was found, never because a definition asks for an approval.
 * 5. A settled review of the same description is not made again; an unsettled one is taken up with its answers.
 */
import { coerceFindings } from "@millrace/agents";
import type { Attachment, HumanAnswer } from "@millrace/contracts";
import { MillraceError } from "@millrace/kernel";
import { match } from "ts-pattern";
import { collectedAnswersSchema, type CollectedAnswers } from "./collect-answers.effect.js";
import { readReviewSchema, type ReadReview } from "./read-review.effect.js";
import type { RecordedAnswer } from "../../run/model/command.js";
import {
  defineStepKind,
  type FailureRequest,
  type Move,
  type StepContext,
  type StepKind,
  type WaitRequest,
} from "../../run/model/step-kind.js";
import { disposition, findingsInShort } from "./review.logic.js";
import { invalidAnswer } from "../shared/agent.logic.js";
import {
  foldReview,
  frozen,
  reviewChanges,
  reviewFactSchema,
  reviewStateSchema,
  type ReviewFact,
  type ReviewState,
  type Round,
} from "./state.js";

type Now<Is extends ReviewState["now"]["is"]> = Extract<ReviewState["now"], { is: Is }>;

/** Which kind writes the document a kind reviews. */
const REWORK_OF: Readonly<Record<string, string>> = {
  "requirements-review": "requirements-rework",
  "clarity-review": "clarity-rework",
};

export const reviewStep: StepKind = defineStepKind<ReviewState, ReviewFact>({
  name: "review",
  state: reviewStateSchema,
  fact: reviewFactSchema,
  initial: (definition) => ({ kind: "review", rework: reworkOf(definition.kind), cap: 0, description: null, now: { is: "reading" } }),
  fold: foldReview,
  enter: ({ step }) => ({
    to: "effect",
    phase: "read",
    request: { do: "call", name: "read-review", input: { kind: step.definition.kind } },
  }),
  onResult(context, state, result) {
    const { now } = state;
    if (result.of === "call" && now.is === "reading") return found(context, readReviewSchema.parse(result.value));
    if (result.of === "call" && now.is === "collecting") return collected(context, state, now, collectedAnswersSchema.parse(result.value));
    if (result.of === "ask-agent" && now.is === "reworking") return reworked(context, state, now, result.answer);
    if (result.of === "ask-agent" && now.is === "reviewing") return reviewed(context, state, now, result.answer);
    return { to: "again" };
  },
  answered(context, state, wait, answer) {
    if (state.now.is === "asking") return answered(context, state, state.now, answer);
    throw new MillraceError("wait_mismatch", `'${answer.answer}' does not answer '${wait.id}'`);
  },
  failed: (_context, state, failure) => failed(state, failure),
  consequences: reviewChanges,
  dispatches: ({ kind }) => [kind, reworkOf(kind)],
});

function reworkOf(kind: string): string {
  const rework = REWORK_OF[kind];
  if (rework !== undefined) return rework;
  throw new MillraceError("pipeline_invalid", `nobody writes the document that '${kind}' reviews`, {
    fix: `review steps are: ${Object.keys(REWORK_OF).join(", ")}`,
  });
}

/** Rule 5. A review of another description has had its day: the new one takes its place. */
function found(context: StepContext, { description, nextId, latest, carried }: ReadReview): Move<ReviewFact> {
  const cap = context.input.preset.maxReviewIterations;
  if (latest?.isCurrent === true && latest.status === "incorporated")
    return { facts: [{ is: "closed-before", review: latest.id }], to: "finish", unasked: true };
  if (latest?.isCurrent === true && carried !== null) {
    const round: Round = { id: latest.id, iteration: latest.iteration, document: latest.document, ...carried };
    const exceeded = latest.status === "exceeded" && latest.iteration >= cap;
    return {
      facts: [{ is: "review-resumed", round, status: exceeded ? "exceeded" : "ready", description, cap }],
      ...ask(context, round, { exceeded, cap }),
    };
  }
  const supersedes = latest === null || latest.status === "incorporated" ? null : { id: latest.id, iteration: latest.iteration };
  return {
    facts: [{ is: "review-begun", next: nextId, description, cap, supersedes }],
    ...callReviewer(context, null, []),
  };
}

/** A reply that is no list of findings is an error, never a review without findings (W-35). */
function reviewed(context: StepContext, state: ReviewState, now: Now<"reviewing">, answer: RecordedAnswer): Move<ReviewFact> {
  const findings = coerceFindings(answer.product.is === "valid" ? answer.product.value : null);
  if (findings === null)
    return failed(
      state,
      invalidAnswer(answer.product, answer.excerpt) ?? {
        kind: "agent",
        code: "answer_invalid",
        message: `the ${context.step.definition.kind} listed no findings${answer.question === null ? "" : ": it asked a question instead"}`,
        detail: answer.excerpt,
      },
    );
  const { id, iteration, document } = now;
  const round: Round = { id, iteration, document, output: answer.output, inShort: findingsInShort(findings) };
  const outcome = disposition(findings, { iteration, cap: state.cap, tolerated: context.input.preset.toleratedConcern });
  const fact = {
    is: "reviewed" as const,
    round,
    description: state.description ?? "",
    model: answer.model,
    findings: [...findings],
    supersedes: now.supersedes?.id ?? null,
  };
  return match(outcome)
    .returnType<Move<ReviewFact>>()
    .with("pass", () => ({ facts: [{ ...fact, status: "incorporated" }], to: "finish", unasked: true }))
    .with("awaiting", () => ({ facts: [{ ...fact, status: "ready" }], ...ask(context, round, { exceeded: false, cap: state.cap }) }))
    .with("exceeded", () => ({ facts: [{ ...fact, status: "exceeded" }], ...ask(context, round, { exceeded: true, cap: state.cap }) }))
    .exhaustive();
}

function answered(context: StepContext, state: ReviewState, { round, exceeded }: Now<"asking">, answer: HumanAnswer): Move<ReviewFact> {
  const review = round.id;
  if (answer.answer === "proceed")
    return {
      facts: [{ is: "review-closed", review, how: "proceed", document: round.document, description: state.description ?? "" }],
      to: "finish",
      unasked: true,
    };
  if (answer.answer === "extra-round" && exceeded)
    return { facts: [{ is: "round-granted", review }], ...ask(context, round, { exceeded: false, cap: state.cap + 1 }) };
  if (answer.answer === "incorporate" && !exceeded)
    return {
      facts: [{ is: "incorporating", review, feedback: answer.feedback }],
      to: "effect",
      phase: "collect",
      request: { do: "call", name: "collect-answers", input: { review, feedback: answer.feedback } },
    };
  throw new MillraceError(
    "wait_mismatch",
    `'${answer.answer}' does not fit a review ${exceeded ? "whose rounds are used up" : "with rounds left"}`,
    {
      fix: exceeded ? "grant one more round, proceed as it is, or reject it" : "fold the answers in, proceed as it is, or reject it",
    },
  );
}

function collected(context: StepContext, state: ReviewState, { round }: Now<"collecting">, answers: CollectedAnswers): Move<ReviewFact> {
  const review = round.id;
  return match(answers)
    .returnType<Move<ReviewFact>>()
    .with({ is: "open" }, ({ count }) => ({
      facts: [{ is: "review-reopened", review, because: `${count} finding(s) are open` }],
      ...ask(context, round, { exceeded: false, cap: state.cap }, `${count} of them still open. `),
    }))
    .with({ is: "nothing" }, () => ({
      facts: [{ is: "review-closed", review, how: "nothing-to-fold", document: round.document, description: state.description ?? "" }],
      to: "finish",
      unasked: true,
    }))
    .with({ is: "answers" }, ({ texts, nextId }) => ({
      facts: [{ is: "answers-collected", texts, next: nextId }],
      to: "effect",
      phase: "rework",
      request: {
        do: "ask-agent",
        kind: state.rework,
        briefs: [],
        attachments: attachments(state, round.document, texts),
      },
    }))
    .exhaustive();
}

function reworked(
  context: StepContext,
  state: ReviewState,
  { round, answers }: Now<"reworking">,
  answer: RecordedAnswer,
): Move<ReviewFact> {
  if (answer.excerpt.trim() === "" || answer.question !== null)
    return failed(state, {
      kind: "agent",
      code: answer.question === null ? "document_empty" : "document_missing",
      message:
        answer.question === null
          ? `the ${state.rework} wrote an empty document`
          : `the ${state.rework} asked a question instead of writing the document: ${answer.question.question}`,
      detail: null,
    });
  const document = answer.output;
  return {
    facts: [{ is: "reworked", review: round.id, document, model: answer.model }],
    ...callReviewer(context, document, attachments(state, document, answers)),
  };
}

function callReviewer(
  context: StepContext,
  document: Round["document"],
  attached: Attachment[],
): Extract<Move<ReviewFact>, { to: "effect" }> {
  const brief =
    "The attached document was written from the task's description and takes its place: review the document. What was answered or left out on purpose is attached as well; do not raise it again.";
  return {
    to: "effect",
    phase: "review",
    request: {
      do: "ask-agent",
      kind: context.step.definition.kind,
      briefs: document === null ? [] : [{ from: "millrace", text: brief }],
      attachments: attached,
    },
  };
}

function attachments({ rework }: ReviewState, document: Round["document"], answers: readonly Attachment["output"][]): Attachment[] {
  return [...(document === null ? [] : [{ from: rework, output: document }]), ...answers.map((output) => ({ from: "people", output }))];
}

function ask(
  { step }: StepContext,
  round: Round,
  { exceeded, cap }: { readonly exceeded: boolean; readonly cap: number },
  note = "",
): { readonly to: "wait"; readonly on: WaitRequest } {
  const found = `${step.definition.kind} has ${round.inShort}. Iteration ${round.iteration} of ${cap}`;
  const question = exceeded
    ? `${found}: no round is left. Grant one more, go on as it is, or reject.`
    : `${found}. ${note}Reply to each or dismiss it, then have the answers folded in; or go on as it is.`;
  // What people decide at the cap is what they decide at every cap: one more round, as it is, or not at all.
  const on = exceeded ? "cap" : "review";
  return { to: "wait", on: { on, question, options: [], subject: round.output.digest, output: round.output, approvers: 1 } };
}

/** The run fails, and people get the findings back with their answers: nothing is frozen that nobody works on (W-36). */
function failed(state: ReviewState, failure: FailureRequest): Move<ReviewFact> {
  const review = frozen(state.now);
  const because = failure.message.slice(0, 4000);
  return { facts: review === null ? [] : [{ is: "review-reopened", review, because }], to: "fail", failure };
}
