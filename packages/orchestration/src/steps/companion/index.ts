/**
 * A step that grades an earlier step's output and sends it back until it passes, the rounds are used up, or they lead nowhere.
 * 1. Its own reworks are bounded by the preset, which may allow none; more are a person's to grant, one at a time (I6).
 * 2. Rounds that repeat each other park before the budget is used up, and the question says why (P8).
 * 3. A comment that must be fixed holds the work whatever its rating; nits alone send nothing back.
 * 4. Every look but the first is told the rounds before it, so that it tells what is new from what is still there.
 */
import { companionAssessmentSchema, type Brief, type CompanionAssessment, type ReviewComment, type Revision } from "@millrace/contracts";
import { MillraceError } from "@millrace/kernel";
import { STOPS_WITHOUT_PROGRESS } from "../../run/model/flags.js";
import { defineStepKind, type DefinedStepKind, type Move, type StepContext, type WaitRequest } from "../../run/model/step-kind.js";
import { compareRounds, fingerprints, severityOf, type Fingerprint } from "../shared/findings.logic.js";
import { stagnation } from "../shared/stagnation.logic.js";
import { CAP_WAIT } from "../shared/waits.js";
import { describe, view } from "./describe.js";
import { factSchema, fold, stateSchema, type FindingCounts, type Fact, type State } from "./state.js";

/** Characters of the brief on the rounds before, the newest kept. */
const BRIEF_CHARS = 8000;

/** A step that grades the output of the step before it. */
export const companionStep: DefinedStepKind = defineStepKind<State, Fact>({
  name: "companion",
  state: stateSchema,
  fact: factSchema,
  asks: "ask-agent",
  mayBePanelled: true,
  waits: CAP_WAIT,
  initial: (definition, kind) => ({
    kind: "companion",
    bar: definition.bar ?? kind.bar,
    reworks: 0,
    maxReworks: null,
    ratings: [],
  }),
  fold,
  enter: (context, state) => ({
    facts: state.maxReworks === null ? [{ is: "budgeted", maxReworks: context.input.preset.maxReworks }] : [],
    to: "effect",
    phase: "grade",
    request: { do: "ask-agent", kind: context.step.definition.kind, briefs: earlierRounds(state) },
  }),
  onResult(context, state, result) {
    if (result.of !== "ask-agent") return { to: "poll-again" };
    const { answer } = result;
    const output = { output: answer.output, model: answer.model };
    const assessment = companionAssessmentSchema.safeParse(answer.product.is === "valid" ? answer.product.value : null);
    if (!assessment.success) {
      const issues = answer.product.is === "invalid" ? answer.product.issues : "the answer is no assessment";
      return {
        output,
        to: "fail",
        failure: {
          kind: "companion_rejected",
          code: "answer_invalid",
          message: `the ${context.step.definition.kind}'s assessment cannot be read: ${issues}`,
          detail: answer.excerpt,
        },
      };
    }
    return { output, ...graded(context, state, assessment.data) };
  },
  answered(context, state, wait, answer) {
    if (answer.answer === "proceed") return finish(context);
    if (answer.answer === "extra-round")
      return sendBack(context, lastRevision(context, state), [{ is: "round-granted" }, { is: "sent-back" }]);
    if (answer.answer === "request-changes") return sendBack(context, { ...answer.revision, previous: producer(context).step.output }, []);
    throw new MillraceError("wait_mismatch", `'${answer.answer}' does not answer '${wait.id}'`);
  },
  describe,
  view,
});

/** Rule 4; empty for the first look. */
function earlierRounds({ ratings }: State): Brief[] {
  if (ratings.length === 0) return [];
  const told = ratings.map(({ rating, bar, summary, comments }, index) =>
    [`Round ${index + 1}, rated ${rating} (bar ${bar}): ${summary}`, ...comments.map(lineOf)].join("\n"),
  );
  return [{ from: "your earlier rounds", text: told.join("\n\n").slice(-BRIEF_CHARS) }];
}

function lineOf(comment: ReviewComment): string {
  return `- [${severityOf(comment)}] ${comment.body}`;
}

/** The judgement of one round. */
interface Verdict {
  readonly passed: boolean;
  /** Why a person decides although a rework is left; null where none has to. */
  readonly held: string | null;
}

/** Rule 3. The first round with anything worth a rework loops whatever its rating, as long as a rework is left. */
function judge(state: State, { rating, comments = [] }: CompanionAssessment): Verdict {
  const severities = comments.map(severityOf);
  const isFirst = state.reworks === 0 && state.reworks < (state.maxReworks ?? 0);
  const holds = severities.includes("must-fix") || (isFirst && severities.includes("should-fix"));
  if (rating >= state.bar) return { passed: !holds, held: null };
  const areNits = severities.length > 0 && severities.every((severity) => severity === "nit");
  return { passed: false, held: areNits ? "nits alone, which send nothing back" : null };
}

function graded(context: StepContext, state: State, assessment: CompanionAssessment): Move<Fact> {
  const { rating, summary, comments = [] } = assessment;
  const { passed, held } = judge(state, assessment);
  const findings = fingerprints(comments.length > 0 ? comments : [{ body: summary }]);
  const rated: Fact = {
    is: "rated",
    rating,
    bar: state.bar,
    passed,
    summary,
    comments,
    findings,
    compared: compared(state, findings),
  };
  if (passed) return { ...finish(context), facts: [rated] };
  const why = held ?? stuckBecause(context, [...state.ratings, { rating, passed, findings }]);
  if (why !== null || state.reworks >= (state.maxReworks ?? 0))
    return { facts: [rated], to: "wait", on: askForMore(context, state, assessment, why) };
  return sendBack(context, { previous: producer(context).step.output, feedback: summary, comments }, [rated, { is: "sent-back" }]);
}

function askForMore(context: StepContext, state: State, assessment: CompanionAssessment, stuck: string | null): WaitRequest {
  const { kind } = context.step.definition;
  const { rating, summary, comments = [] } = assessment;
  const left = Math.max(0, (state.maxReworks ?? 0) - state.reworks);
  const grave = comments.filter((comment) => severityOf(comment) === "must-fix").length;
  const must = grave === 0 ? "" : `, with ${grave} finding(s) that must be fixed,`;
  const why = stuck === null ? "" : `, and was stopped with ${left} left, because of ${stuck}`;
  const question = `${kind} still rates the work ${rating} (bar ${state.bar})${must} after ${state.reworks} rework(s)${why}: ${summary}`;
  const { output } = producer(context).step;
  return {
    on: "cap",
    question: question.slice(0, 8000),
    options: [],
    subject: output?.digest ?? `${context.run.id}/${context.index}/${context.step.attempt}`,
    output,
    approvers: 1,
  };
}

/** Why another round would lead nowhere; null when it may help. A round that passed ended its loop; what people ask for later begins another. */
function stuckBecause(
  { run }: StepContext,
  ratings: readonly Pick<State["ratings"][number], "rating" | "passed" | "findings">[],
): string | null {
  if (!run.flags.includes(STOPS_WITHOUT_PROGRESS)) return null;
  const loop = ratings.slice(ratings.findLastIndex(({ passed }) => passed) + 1);
  return stagnation(loop.flatMap(({ rating, findings }) => (findings === undefined ? [] : [{ rating, findings }])));
}

function compared(state: State, findings: readonly Fingerprint[]): FindingCounts {
  const earlier = state.ratings.flatMap((rating) => (rating.findings === undefined ? [] : [rating.findings]));
  const { fresh, repeated, reseeded } = compareRounds(earlier, findings);
  return { fresh: fresh.length, repeated: repeated.length, reseeded: reseeded.length };
}

/** Finishes with the producer's work as the subject of an approval, not with the grade. */
function finish(context: StepContext): Move<Fact> {
  const { output } = producer(context).step;
  return output === null ? { to: "finish" } : { to: "finish", subject: { digest: output.digest, output } };
}

function sendBack(context: StepContext, revision: Revision, facts: readonly Fact[]): Move<Fact> {
  return { facts, to: "rework", from: producer(context).index, revision, why: revision.feedback };
}

function lastRevision(context: StepContext, state: State): Revision {
  const last = state.ratings.at(-1);
  return { previous: producer(context).step.output, feedback: last?.summary ?? "", comments: last?.comments ?? [] };
}

function producer(context: StepContext): { readonly index: number; readonly step: StepContext["step"] } {
  const targets = context.input.kinds.get(context.step.definition.kind)?.companionOf ?? [];
  for (let index = context.index - 1; index >= 0; index -= 1) {
    const step = context.run.steps[index];
    if (step !== undefined && targets.includes(step.definition.kind)) return { index, step };
  }
  throw new MillraceError("pipeline_invalid", `step ${context.index + 1} (${context.step.definition.kind}) has no step to grade`, {
    fix: `put it behind one of: ${targets.join(", ")}`,
  });
}
