/**
 * A review of what is asked for, before anything is built: an agent finds gaps, people answer, another agent folds the answers into
 * a document, the first looks again; until nothing is left that is not tolerated, or people go on as it is.
 * 1. Every iteration is a row with its findings; what people answered is never replaced (W-15, W-23, W-36).
 * 2. Findings are frozen in the commit that accepts `incorporate`; fold and second look are checkpoints of their own, each keyed by its
 *    iteration: a crash repeats one call and never settles what nobody read (W-14, W-21).
 * 3. An answer that is no list of findings fails the run; it is never a pass (W-35).
 * 4. A review of the same description is taken up where it was left, by whatever run; a settled one is not done again.
 * 5. The settled document and the settled status land in one commit.
 */
import { coerceFindings } from "@millrace/agents";
import {
  outputRefSchema,
  reviewFindingSchema,
  reviewSchema,
  type Attachment,
  type HumanAnswer,
  type HumanWait,
  type OutputRef,
  type Review,
} from "@millrace/contracts";
import { MillraceError, type Change } from "@millrace/kernel";
import { z } from "zod";
import type { SettledAnswer } from "../engine/command.js";
import { defineStepKind, type FactContext, type Move, type StepContext, type StepKind } from "../engine/step-kind.js";
import { disposition } from "../policy/review.logic.js";
import { invalidAnswer } from "./agent.logic.js";

const ID_CHARS = 40;

const stateSchema = z.strictObject({
  role: z.literal("review"),
  /** Passes before people must decide; null until the step is entered. */
  cap: z.number().int().positive().nullable(),
  tolerated: z.enum(["none", "low", "medium", "high"]),
  /** SHA-256 of the description under review. */
  description: z.string(),
  /** The pass that speaks now; null before the first. */
  reviewId: z.string().nullable(),
  iteration: z.number().int().nonnegative(),
  isExceeded: z.boolean(),
  /** What the findings became, once they were folded in. */
  document: outputRefSchema.nullable(),
  /** What the next agent's answer is. */
  asking: z.enum(["review", "document"]),
});
const factSchema = z.discriminatedUnion("is", [
  z.strictObject({ is: z.literal("review-began"), cap: z.number().int().positive(), tolerated: stateSchema.shape.tolerated }),
  z.strictObject({ is: z.literal("review-description"), description: z.string() }),
  z.strictObject({ is: z.literal("taken-up"), review: reviewSchema }),
  z.strictObject({ is: z.literal("already-settled"), reviewId: z.string() }),
  z.strictObject({
    is: z.literal("reviewed"),
    reviewId: z.string(),
    /** The pass it takes the place of. */
    supersedes: z.string().nullable(),
    iteration: z.number().int().positive(),
    status: z.enum(["ready", "exceeded", "incorporated"]),
    findings: z.array(reviewFindingSchema),
    model: z.string().nullable(),
  }),
  z.strictObject({ is: z.literal("incorporating"), feedback: z.string() }),
  z.strictObject({ is: z.literal("reopened"), open: z.number().int() }),
  z.strictObject({ is: z.literal("folded"), document: outputRefSchema }),
  z.strictObject({ is: z.literal("review-round-granted") }),
  z.strictObject({ is: z.literal("review-settled") }),
]);
type State = z.infer<typeof stateSchema>;
type Fact = z.infer<typeof factSchema>;

export const reviewStep: StepKind = defineStepKind<State, Fact>({
  role: "review",
  state: stateSchema,
  fact: factSchema,
  initial: () => ({
    role: "review",
    cap: null,
    tolerated: "none",
    description: "",
    reviewId: null,
    iteration: 0,
    isExceeded: false,
    document: null,
    asking: "review",
  }),
  fold,
  enter({ step, facts }) {
    const { maxReviewIterations: cap, toleratedConcern: tolerated } = facts.preset;
    return { facts: [{ is: "review-began", cap, tolerated }], ...call("read", "read-review", { kind: step.definition.kind }) };
  },
  settled(context, state, result) {
    if (result.of === "ask-agent")
      return state.asking === "document" ? folded(context, result.answer) : reviewed(context, state, result.answer);
    if (result.of !== "call") return { to: "again" };
    return result.name === "read-review" ? read(context, state, result.value) : collected(context, state, result.value);
  },
  answered,
  consequences,
  dispatches: (_definition, kind) => [kind.id, reworkerOf(kind.id)],
});

/** `requirements-review` is folded by `requirements-rework`. */
function reworkerOf(kind: string): string {
  return kind.replace(/-review$/, "-rework");
}

function fold(state: State, fact: Fact): State {
  switch (fact.is) {
    case "review-began":
      return { ...state, cap: fact.cap, tolerated: fact.tolerated };
    case "review-description":
      return { ...state, description: fact.description };
    case "taken-up": {
      const { id, iteration, document, status } = fact.review;
      const isExceeded = status === "exceeded";
      return { ...state, reviewId: id, iteration, document, isExceeded, cap: Math.max(state.cap ?? 1, iteration) };
    }
    case "reviewed":
      return { ...state, reviewId: fact.reviewId, iteration: fact.iteration, isExceeded: fact.status === "exceeded" };
    case "incorporating":
      return { ...state, asking: "document" };
    case "reopened":
      return { ...state, asking: "review" };
    case "folded":
      return { ...state, document: fact.document, asking: "review" };
    case "review-round-granted":
      return { ...state, cap: (state.cap ?? 1) + 1, isExceeded: false };
    case "already-settled":
    case "review-settled":
      return state;
  }
}

const readSchema = z.object({ description: z.string(), latest: reviewSchema.nullable() });

function read(context: StepContext, state: State, value: unknown): Move<Fact> {
  const { description, latest } = readSchema.parse(value);
  const seen: Fact = { is: "review-description", description };
  if (latest === null) return { facts: [seen], ...look(context, null) };
  if (latest.status === "incorporated")
    return { facts: [seen, { is: "already-settled", reviewId: latest.id }], to: "finish", unasked: true };
  const takenUp: Fact = { is: "taken-up", review: latest };
  const after = fold(fold(state, seen), takenUp);
  return { facts: [seen, takenUp], to: "wait", on: ask(context, after, null, null) };
}

/** One pass of the reviewer, over the document when there is one. */
function look({ step }: StepContext, document: OutputRef | null): Extract<Move<Fact>, { to: "effect" }> {
  const attachments: Attachment[] = document === null ? [] : [{ from: "the document under review", output: document }];
  return { to: "effect", phase: "review", request: { do: "ask-agent", kind: step.definition.kind, briefs: [], attachments } };
}

function reviewed(context: StepContext, state: State, answer: SettledAnswer): Move<Fact> {
  const failure = invalidAnswer(answer.product, answer.excerpt);
  if (failure !== null) return { to: "fail", failure };
  const findings = coerceFindings(answer.product.is === "valid" ? answer.product.value : null);
  if (findings === null)
    return {
      to: "fail",
      failure: { kind: "agent", code: "answer_invalid", message: "the review is no list of findings", detail: answer.excerpt },
    };
  const iteration = state.iteration + 1;
  const says = disposition(findings, { iteration, cap: state.cap ?? 1, tolerated: state.tolerated });
  const { run, index, step } = context;
  const fact: Extract<Fact, { is: "reviewed" }> = {
    is: "reviewed",
    // An id has 64 characters; the end of a run's is what tells it from others.
    reviewId: `rev_${run.id.slice(-ID_CHARS)}_${index}_${step.attempt}_${iteration}`,
    supersedes: state.reviewId,
    iteration,
    status: says === "pass" ? "incorporated" : says === "exceeded" ? "exceeded" : "ready",
    findings: [...findings],
    model: answer.model,
  };
  const output = { output: answer.output, model: answer.model };
  if (says === "pass") return { facts: [fact, { is: "review-settled" }], output, to: "finish", unasked: true };
  const titles = findings.slice(0, 3).map(({ severity, title }) => `[${severity}] ${title}`);
  return { facts: [fact], output, to: "wait", on: ask(context, fold(state, fact), answer.output, { count: findings.length, titles }) };
}

function ask(
  { step }: StepContext,
  state: State,
  output: OutputRef | null,
  found: { readonly count: number; readonly titles: readonly string[] } | null,
): Extract<Move, { to: "wait" }>["on"] {
  const what = found === null ? "findings" : `${found.count} finding(s), the worst: ${found.titles.join("; ")}`;
  const then = state.isExceeded
    ? `No pass is left after ${state.iteration}: grant another, go on as it is, or reject.`
    : "Answer or dismiss each, then have the answers folded in; or go on as it is.";
  return {
    on: "review",
    question: `${step.definition.kind} has ${what}. ${then}`,
    options: [],
    shown: state.reviewId ?? "",
    output,
    approvers: 1,
  };
}

function answered(context: StepContext, state: State, wait: HumanWait, answer: HumanAnswer): Move<Fact> {
  if (answer.answer === "proceed") return { facts: [{ is: "review-settled" }], to: "finish", unasked: true };
  if (answer.answer === "extra-round" && state.isExceeded) {
    const granted: Fact = { is: "review-round-granted" };
    return { facts: [granted], to: "wait", on: ask(context, fold(state, granted), wait.output, null) };
  }
  if (answer.answer === "incorporate" && !state.isExceeded)
    return {
      facts: [{ is: "incorporating", feedback: answer.feedback }],
      ...call("collect", "collect-answers", { reviewId: state.reviewId ?? "", feedback: answer.feedback }),
    };
  throw new MillraceError("wait_mismatch", `'${answer.answer}' does not answer this review`, {
    fix: state.isExceeded ? "grant another round, proceed, or reject" : "answer its findings and incorporate, or proceed",
  });
}

const collectedSchema = z.object({ open: z.number().int(), answers: outputRefSchema.nullable() });

function collected(context: StepContext, state: State, value: unknown): Move<Fact> {
  const { open, answers } = collectedSchema.parse(value);
  if (open > 0) {
    const reopened: Fact = { is: "reopened", open };
    return { facts: [reopened], to: "wait", on: ask(context, fold(state, reopened), context.step.output, null) };
  }
  // Nothing was said that a document could take in: no call is made for it.
  if (answers === null) return { facts: [{ is: "review-settled" }], to: "finish", unasked: true };
  const attachments: Attachment[] = [
    ...(state.document === null ? [] : [{ from: "the document so far", output: state.document }]),
    { from: "people", output: answers },
  ];
  const kind = reworkerOf(context.step.definition.kind);
  return { to: "effect", phase: "fold", request: { do: "ask-agent", kind, briefs: [], attachments } };
}

function folded(context: StepContext, answer: SettledAnswer): Move<Fact> {
  if (answer.excerpt.trim() === "")
    return {
      to: "fail",
      failure: { kind: "agent", code: "document_empty", message: "the answers were folded into an empty document", detail: null },
    };
  return { facts: [{ is: "folded", document: answer.output }], ...look(context, answer.output) };
}

function call(phase: string, name: string, input: { readonly [key: string]: string }): Extract<Move<Fact>, { to: "effect" }> {
  return { to: "effect", phase, request: { do: "call", name, input } };
}

function consequences(fact: Fact, context: FactContext): readonly Change[] {
  const state = stateSchema.parse(context.run.steps[context.index]?.role);
  const { reviewId } = state;
  const status = (from: readonly Review["status"][], to: Review["status"]): readonly Change[] =>
    reviewId === null ? [] : [{ change: "set-review-status", workspaceId: context.run.workspaceId, id: reviewId, from, status: to }];
  switch (fact.is) {
    case "reviewed":
      return insertPass(fact, state, context);
    case "taken-up":
      return fact.review.status === "exceeded" ? [] : status(["ready", "incorporating", "reviewing"], "ready");
    case "incorporating":
      return status(["ready"], "incorporating");
    case "reopened":
      return status(["incorporating"], "ready");
    case "folded":
      return status(["incorporating"], "reviewing");
    case "review-round-granted":
      return status(["exceeded"], "ready");
    case "review-settled":
      return [...status(["ready", "exceeded", "incorporating", "incorporated"], "incorporated"), ...settleDocument(state, context)];
    case "review-began":
    case "review-description":
    case "already-settled":
      return [];
  }
}

function insertPass(fact: Extract<Fact, { is: "reviewed" }>, state: State, { run, index, at }: FactContext): readonly Change[] {
  const { workspaceId, blockId } = run;
  const review: Review = {
    id: fact.reviewId,
    workspaceId,
    blockId,
    runId: run.id,
    kind: run.steps[index]?.definition.kind ?? "",
    iteration: fact.iteration,
    status: fact.status,
    document: state.document,
    description: state.description,
    model: fact.model,
    createdAt: at,
  };
  const items = fact.findings.map((finding, position) => ({
    ...finding,
    id: `f${position + 1}`,
    workspaceId,
    reviewId: fact.reviewId,
    position,
    status: "open" as const,
    reply: null,
  }));
  const { supersedes } = fact;
  if (supersedes === null) return [{ change: "insert-review", review, items }];
  return [
    { change: "insert-review", review, items },
    { change: "set-review-status", workspaceId, id: supersedes, from: ["reviewing"], status: "superseded" },
  ];
}

/** Every step from here on is told the document instead of the description. */
function settleDocument(state: State, { run, index }: FactContext): readonly Change[] {
  if (state.document === null) return [];
  const document = { kind: run.steps[index]?.definition.kind ?? "", output: state.document, description: state.description };
  return [{ change: "patch-block", workspaceId: run.workspaceId, id: run.blockId, patch: { document } }];
}
