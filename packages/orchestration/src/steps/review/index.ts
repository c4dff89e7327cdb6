/**
 * A step that has the task reviewed before anything is built, and lets people answer the findings.
 *
 * Owns: the loop of review, answers, rework and another review, and the status of each review in it. Does not own: the answers, which
 * people give finding by finding at any time (`ReviewService`), and the texts (the outputs table).
 * 1. Every iteration is a review of its own, written in the commit that records it. No answer is ever replaced.
 * 2. Each agent call is a checkpoint of its own. A crash repeats one call, under its key, for that iteration.
 * 3. Once a person asks for the answers to be folded in, the findings are frozen until the engine has finished.
 * 4. It asks people because of its findings, never because a definition asks for an approval.
 * 5. A closed review of the same description is not repeated; an open one is resumed with its answers.
 */
import { coerceFindings, type AgentKind } from "@millrace/agents";
import type { Attachment, HumanAnswer } from "@millrace/contracts";
import { MillraceError } from "@millrace/kernel";
import { match } from "ts-pattern";
import type { RecordedAnswer } from "../../run/model/command.js";
import {
  defineStepKind,
  type DefinedStepKind,
  type FailureRequest,
  type Move,
  type StepContext,
  type WaitDeclarations,
  type WaitRequest,
} from "../../run/model/step-kind.js";
import { invalidAnswer } from "../shared/agent.logic.js";
import { CAP_WAIT } from "../shared/waits.js";
import { reviewChanges } from "./changes.js";
import { collectAnswers, collectedAnswersSchema, type CollectedAnswers } from "./collect-answers.effect.js";
import { readReview, readReviewSchema, type ReadReview } from "./read-review.effect.js";
import { disposition, findingsInShort } from "./review.logic.js";
import { describe, texts, view } from "./describe.js";
import { factSchema, fold, frozen, stateSchema, type Fact, type Round, type State } from "./state.js";

type Now<Is extends State["now"]["is"]> = Extract<State["now"], { is: Is }>;

/** Findings wait for people's answers; a review that has used up its rounds waits like any loop at its cap. */
const WAITS: WaitDeclarations = {
  ...CAP_WAIT,
  review: { notification: "review_required", answers: ["incorporate", "proceed", "extra-round", "reject"] },
};

/** A step that has the task reviewed and lets people answer the findings. */
export const reviewStep: DefinedStepKind = defineStepKind<State, Fact>({
  name: "review",
  state: stateSchema,
  fact: factSchema,
  asks: "ask-agent",
  keepsReviews: true,
  asksByFindings: true,
  // It made final what the task is, and built nothing: the task is ready to be worked on.
  statusWhenLast: { task: "ready" },
  waits: WAITS,
  effects: [readReview, collectAnswers],
  misfit: ({ rework }) =>
    rework === null
      ? { problem: "no-rework", what: "no kind writes the reviewed document anew", fix: "name a helper in its `rework`" }
      : null,
  initial: (_definition, kind) => ({ kind: "review", rework: reworkOf(kind), cap: 0, description: null, now: { is: "reading" } }),
  fold,
  enter: ({ step }) => ({
    to: "effect",
    phase: "read",
    request: { do: "call", name: readReview.name, input: { kind: step.definition.kind } },
  }),
  onResult(context, state, result) {
    const { now } = state;
    if (result.of === "call" && now.is === "reading") return found(context, readReviewSchema.parse(result.value));
    if (result.of === "call" && now.is === "collecting") return collected(context, state, now, collectedAnswersSchema.parse(result.value));
    if (result.of === "ask-agent" && now.is === "reworking") return reworked(context, state, now, result.answer);
    if (result.of === "ask-agent" && now.is === "reviewing") return reviewed(context, state, now, result.answer);
    return { to: "poll-again" };
  },
  answered(context, state, wait, answer) {
    if (state.now.is === "asking") return answered(context, state, state.now, answer);
    throw new MillraceError("wait_mismatch", `'${answer.answer}' does not answer '${wait.id}'`);
  },
  failed: (_context, state, failure) => failed(state, failure),
  consequences: reviewChanges,
  dispatches: (_definition, { id, rework }) => (rework === null ? [id] : [id, rework]),
  describe,
  texts,
  view,
});

function reworkOf({ id, rework }: AgentKind): string {
  if (rework !== null) return rework;
  throw new MillraceError("pipeline_invalid", `no kind writes the document that '${id}' reviews`, { fix: "name a helper in its `rework`" });
}

/** Rule 5. A review of another description is superseded by the new one. */
function found(context: StepContext, { description, nextId, latest, carried }: ReadReview): Move<Fact> {
  const cap = context.input.preset.maxReviewIterations;
  if (latest?.isCurrent === true && latest.status === "incorporated")
    return { facts: [{ is: "closed-before", review: latest.id }], to: "finish", skipApproval: true };
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
function reviewed(context: StepContext, state: State, now: Now<"reviewing">, answer: RecordedAnswer): Move<Fact> {
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
    .returnType<Move<Fact>>()
    .with("pass", () => ({ facts: [{ ...fact, status: "incorporated" }], to: "finish", skipApproval: true }))
    .with("awaiting", () => ({ facts: [{ ...fact, status: "ready" }], ...ask(context, round, { exceeded: false, cap: state.cap }) }))
    .with("exceeded", () => ({ facts: [{ ...fact, status: "exceeded" }], ...ask(context, round, { exceeded: true, cap: state.cap }) }))
    .exhaustive();
}

function answered(context: StepContext, state: State, { round, exceeded }: Now<"asking">, answer: HumanAnswer): Move<Fact> {
  const review = round.id;
  if (answer.answer === "proceed")
    return {
      facts: [{ is: "review-closed", review, how: "proceed", document: round.document, description: state.description ?? "" }],
      to: "finish",
      skipApproval: true,
    };
  if (answer.answer === "extra-round" && exceeded)
    return { facts: [{ is: "round-granted", review }], ...ask(context, round, { exceeded: false, cap: state.cap + 1 }) };
  if (answer.answer === "incorporate" && !exceeded)
    return {
      facts: [{ is: "incorporating", review, feedback: answer.feedback }],
      to: "effect",
      phase: "collect",
      request: { do: "call", name: collectAnswers.name, input: { review, feedback: answer.feedback } },
    };
  throw new MillraceError(
    "wait_mismatch",
    `'${answer.answer}' does not fit a review ${exceeded ? "whose rounds are used up" : "with rounds left"}`,
    {
      fix: exceeded ? "grant one more round, proceed as it is, or reject it" : "fold the answers in, proceed as it is, or reject it",
    },
  );
}

function collected(context: StepContext, state: State, { round }: Now<"collecting">, answers: CollectedAnswers): Move<Fact> {
  const review = round.id;
  return match(answers)
    .returnType<Move<Fact>>()
    .with({ is: "open" }, ({ count }) => ({
      facts: [{ is: "review-reopened", review, because: `${count} finding(s) are open` }],
      ...ask(context, round, { exceeded: false, cap: state.cap }, `${count} of them still open. `),
    }))
    .with({ is: "nothing" }, () => ({
      facts: [{ is: "review-closed", review, how: "nothing-to-fold", document: round.document, description: state.description ?? "" }],
      to: "finish",
      skipApproval: true,
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

function reworked(context: StepContext, state: State, { round, answers }: Now<"reworking">, answer: RecordedAnswer): Move<Fact> {
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

function callReviewer(context: StepContext, document: Round["document"], attached: Attachment[]): Extract<Move<Fact>, { to: "effect" }> {
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

function attachments({ rework }: State, document: Round["document"], answers: readonly Attachment["output"][]): Attachment[] {
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
  // The same decision as at every cap: one more round, as it is, or not at all.
  const on = exceeded ? "cap" : "review";
  return { to: "wait", on: { on, question, options: [], subject: round.output.digest, output: round.output, approvers: 1 } };
}

/** The run fails, and people get the findings back with their answers: no review stays frozen while nothing works on it (W-36). */
function failed(state: State, failure: FailureRequest): Move<Fact> {
  const review = frozen(state.now);
  const because = failure.message.slice(0, 4000);
  return { facts: review === null ? [] : [{ is: "review-reopened", review, because }], to: "fail", failure };
}
