/**
 * The tester and its loop: test, judge the report, send the fixer, test again.
 * 1. Only a report that can be read and is accepted finishes the step; a missing report is a failure, never a pass.
 * 2. The budget is read when the step is first entered, and kept (I6). A lost tester or fixer uses up no attempt.
 * 3. A fixer is judged by its own contract; one that failed uses up its attempt and is recorded, and the tester tests again.
 * 4. Reports that repeat each other end the loop before its budget does; so does a fixer that cannot work at all (P8).
 * 5. Without a pull request there is no branch to repair: only what needs no repair passes.
 * 6. A tester that could not test sends no fixer, whose repair would be of an untested change: a person is asked.
 * 7. Every look but the first is told the report before it, so that it tells what is new from what is still there.
 */
import { testReportSchema, type Brief, type OutputRef, type TestReport } from "@millrace/contracts";
import { MillraceError } from "@millrace/kernel";
import type { RecordedOutcome } from "../../run/model/command.js";
import { defineStepKind, type DefinedStepKind, type FailureRequest, type Move, type StepContext } from "../../run/model/step-kind.js";
import { questionOf, sendBackToProducer } from "../shared/agent.logic.js";
import { attemptOf, breakerFailure, earlierAttempts, helperReturned, history } from "../shared/attempts.logic.js";
import { compareRounds } from "../shared/findings.logic.js";
import { isUnreadable, jobFailure } from "../shared/job-failure.logic.js";
import { hasVanished, NO_EVICTIONS, recover } from "../shared/recovery.logic.js";
import { stagnation } from "../shared/stagnation.logic.js";
import { DECISION_WAIT, ROUND_ANSWERS } from "../shared/waits.js";
import { describe, view } from "./describe.js";
import { factSchema, fold, stateSchema, type Fact, type State } from "./state.js";
import {
  blockingFindings,
  concernDigest,
  judgeReport,
  reportBrief,
  reportFindings,
  untestedBecause,
  type TestVerdict,
} from "./test-report.logic.js";

/** The agent kind that repairs what the tester reported. */
const HELPER = "fixer";
/** Code of the failure of a run whose tests did not pass. */
const TESTS_FAILED = "tests_failed";

/** A step that tests the change and has a fixer repair what it finds. */
export const testerStep: DefinedStepKind = defineStepKind<State, Fact>({
  name: "tester",
  state: stateSchema,
  fact: factSchema,
  asks: "start-job",
  needsTestInfrastructure: true,
  endNotifications: { [TESTS_FAILED]: "tests_failed" },
  waits: { ...DECISION_WAIT, untested: { notification: "decision_required", answers: ROUND_ANSWERS } },
  initial: () => ({
    kind: "tester",
    phase: "testing",
    budget: null,
    attempts: 0,
    report: null,
    rounds: [],
    brief: null,
    log: [],
    evictions: NO_EVICTIONS,
  }),
  fold,
  enter: (context, state) => ({
    facts: [{ is: "budgeted", budget: context.input.preset.ciMaxAttempts }],
    ...test(context, state),
  }),
  onResult(context, state, result) {
    if (result.of !== "job") return { to: "poll-again" };
    return state.phase === "fixing" ? fixed(context, state, result.outcome) : tested(context, state, result.outcome);
  },
  answered(context, state, wait, answer) {
    if (answer.answer === "request-changes") return sendBackToProducer(context, wait, answer.revision);
    if (answer.answer === "choose" || answer.answer === "extra-round") return test(context, state);
    if (answer.answer === "proceed" && wait.on === "untested") return { to: "finish" };
    throw new MillraceError("wait_mismatch", `'${answer.answer}' does not answer '${wait.id}'`);
  },
  dispatches: (_definition, kind) => [kind.id, HELPER],
  describe,
  view: (state) => view(state, HELPER),
});

function test(context: StepContext, { brief, log }: Pick<State, "brief" | "log">): Extract<Move<never>, { to: "effect" }> {
  const before = brief === null ? [] : [{ from: "your last report", text: brief }];
  const briefs = [environmentBrief(context), ...before, ...earlierAttempts(log)];
  return { to: "effect", phase: "test", request: { do: "start-job", kind: context.step.definition.kind, briefs } };
}

/** The brief on where the service is brought up. */
function environmentBrief({ input }: StepContext): Brief {
  const { testEnvironment } = input.block;
  const testing = input.service?.testing ?? null;
  const compose = testing?.composePath ?? null;
  const text =
    testEnvironment === "ephemeral"
      ? "Test in an ephemeral environment: the one an earlier step provisioned, or one you bring up and take down yourself."
      : compose === null
        ? "Test locally; the service needs no infrastructure of its own."
        : `Test locally; bring up what the service needs with the compose file ${compose}, and take it down again.`;
  return { from: "environment", text };
}

function tested(context: StepContext, state: State, outcome: RecordedOutcome): Move<Fact> {
  if (hasVanished(outcome)) return recover(state.evictions, outcome, test(context, state));
  const failure = jobFailure(context, context.step.definition.kind, outcome);
  if (failure !== null && !isUnreadable(failure)) return { to: "fail", failure };
  if (outcome.is !== "finished") return { to: "poll-again" };
  const { answer, observed } = outcome;
  const question = questionOf(context.step, answer);
  if (question !== null) return { to: "wait", on: question };
  const output = { output: answer.output, model: answer.model };
  const parsed = testReportSchema.safeParse(answer.product.is === "valid" ? answer.product.value : null);
  if (parsed.success) {
    const because = untestedBecause(parsed.data);
    if (because !== null) return { output, ...askUntested(context, parsed.data, because, answer.output) };
    return { output, ...judged(context, state, parsed.data, observed?.headAfter ?? null) };
  }
  const issues = answer.product.is === "invalid" ? answer.product.issues : "the answer is no test report";
  return { output, ...failed(`the tester's report cannot be read: ${issues}`, answer.excerpt) };
}

function judged(context: StepContext, state: State, report: TestReport, head: string | null): Move<Fact> {
  const canLoop = context.run.pullRequest !== null && (state.budget ?? 0) > 0;
  const verdict = judgeReport(report, { attempts: state.attempts, canLoop });
  const round = { findings: reportFindings(report), blocking: blockingFindings(report) };
  const facts = [testedFact(state, { report, verdict, round, head })];
  if (verdict.accepted) return { facts, to: "finish" };
  const end = givesUp(context, { ...state, rounds: [...state.rounds, round] }, report, verdict);
  if (end !== null) return { facts, to: "fail", failure: end };
  return { facts: [...facts, { is: "helper-sent", head, helper: HELPER }], ...fix(state, reportBrief(report)) };
}

/** Rule 6. */
function askUntested({ step }: StepContext, report: TestReport, because: string, output: OutputRef): Move<Fact> {
  const question = `The ${step.definition.kind} could not test: ${because}. Test again, go on without a test, or reject?`;
  return {
    facts: [{ is: "untested", because, brief: reportBrief(report) }],
    to: "wait",
    on: {
      on: "untested",
      question: question.slice(0, 8000),
      options: [],
      subject: output.digest,
      output,
      approvers: 1,
    },
  };
}

function testedFact(
  state: State,
  { report, verdict, round, head }: { report: TestReport; verdict: TestVerdict; round: State["rounds"][number]; head: string | null },
): Fact {
  const { fresh, repeated, reseeded } = compareRounds(
    state.rounds.map(({ findings }) => findings),
    round.findings,
  );
  return {
    is: "tested",
    report: {
      greenlight: report.greenlight,
      summary: report.summary.slice(0, 2000),
      concerns: report.concerns.map(({ title, severity }) => ({ title, severity })),
      head,
      ...verdict,
    },
    brief: reportBrief(report),
    round,
    compared: { fresh: fresh.length, repeated: repeated.length, reseeded: reseeded.length },
  };
}

/** The failure that ends the loop after a report that was not accepted; null when a fixer is sent. */
function givesUp(context: StepContext, state: State, report: TestReport, { because }: TestVerdict): FailureRequest | null {
  const budget = state.budget ?? 0;
  const digest = concernDigest(report);
  const detail = [report.summary, history(state.log)].filter((part) => part !== "").join("\n\n");
  if (context.run.pullRequest === null) return failed(`${because}, and there is no branch for the ${HELPER}: ${digest}`, detail).failure;
  if (state.attempts >= budget)
    return failed(`${because} after ${state.attempts} of ${budget} ${HELPER} attempt(s): ${digest}`, detail).failure;
  const stuck = stagnation(state.rounds.map(({ findings, blocking }) => ({ findings, rating: -blocking })));
  return stuck === null ? null : failed(`${because}; ${stuck}: ${digest}`, detail).failure;
}

function fix(state: Pick<State, "log">, brief: string): Extract<Move<never>, { to: "effect" }> {
  const briefs = [{ from: "tester", text: brief }, ...earlierAttempts(state.log)];
  return { to: "effect", phase: HELPER, request: { do: "start-job", kind: HELPER, briefs } };
}

/** Whatever the fixer answers, the tester tests again; only a fixer that cannot work at all ends the loop here. */
function fixed(context: StepContext, state: State, outcome: RecordedOutcome): Move<Fact> {
  if (hasVanished(outcome)) return recover(state.evictions, outcome, fix(state, state.brief ?? ""));
  const head = state.report?.head ?? null;
  const returned = helperReturned(context, { helper: HELPER, attempt: state.attempts, head }, outcome);
  const log = [...state.log, attemptOf(returned)];
  const broken = breakerFailure(HELPER, log, head);
  if (broken !== null) return { facts: [returned], to: "fail", failure: broken };
  return { facts: [returned], ...test(context, { ...state, log }) };
}

function failed(message: string, detail: string): { readonly to: "fail"; readonly failure: FailureRequest } {
  return { to: "fail", failure: { kind: "agent", code: TESTS_FAILED, message, detail: detail === "" ? null : detail } };
}
