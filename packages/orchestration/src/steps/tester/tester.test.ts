import type { HumanAnswer, StepState, TestReport } from "@millrace/contracts";
import { describe, expect, it } from "vitest";
import { z } from "zod";
import {
  agentAnswer,
  answers,
  type DeciderSpec,
  finishedJob,
  given,
  jobReturns,
  lostJob,
  outputRef,
  pullRequest,
  returns,
  sha,
  unchangedWork,
  validProduct,
} from "../../spec/index.js";
import { balancedPreset, builtInRegistries, decisionInput, taskBlock } from "../../spec/defaults.js";
import { refusal } from "../../run/decide/decider.fixture.js";
import { currentStep, openWait } from "../../run/model/due.logic.js";
import { testerStep } from "./index.js";

type Severity = TestReport["concerns"][number]["severity"];
const report = (
  greenlight: boolean,
  concerns: Readonly<Record<string, Severity>> = {},
  summary = greenlight ? "it works" : "it does not",
) =>
  validProduct({
    greenlight,
    summary,
    concerns: Object.entries(concerns).map(([title, severity]) => ({ title, detail: "seen", severity })),
  });
const tester = (facts = {}, patch = {}): DeciderSpec => given(["tester"], { run: { pullRequest, ...patch }, input: facts });
const tests = (spec: DeciderSpec, product: ReturnType<typeof validProduct>, text = "report") =>
  spec.when(jobReturns(finishedJob(text, unchangedWork, product))).events;
const repairs = (spec: DeciderSpec, text = "repaired") => spec.when(jobReturns(finishedJob(text))).events;
const stateOf = (spec: DeciderSpec) => currentStep(spec.run).state;
const request = (spec: DeciderSpec) => {
  const { activity } = currentStep(spec.run);
  return activity.is === "effect" ? activity.effect.request : null;
};
const briefs = (spec: DeciderSpec) => {
  const asked = request(spec);
  return asked?.do === "start-job" ? asked.briefs : [];
};
const failure = (spec: DeciderSpec) => (spec.run.phase.is === "failed" ? spec.run.phase.failure : null);

describe("the tester", () => {
  it("begins with nothing tested, under a key of its own, and sends a fixer", () => {
    const spec = tester();
    expect(spec.key).toBe("run_1/0/1/test.1");
    expect(stateOf(spec)).toEqual({
      kind: "tester",
      phase: "testing",
      budget: 2,
      attempts: 0,
      report: null,
      rounds: [],
      brief: null,
      log: [],
      evictions: { crash: 0, transient: 0 },
    });
    const kind = builtInRegistries.kinds.get("tester");
    if (kind === null) throw new Error("no tester");
    expect(testerStep.dispatches?.(currentStep(spec.run).definition, kind)).toEqual(["tester", "fixer"]);
  });

  it.each([
    ["ephemeral", null, "Test in an ephemeral environment"],
    ["local", null, "the service needs no infrastructure of its own"],
    ["local", { composePath: "compose.yaml", noInfrastructure: false }, "the compose file compose.yaml"],
    ["local", { composePath: null, noInfrastructure: true }, "the service needs no infrastructure of its own"],
  ] as const)("is told where to bring the service up: %s, %j", (testEnvironment, testing, words) => {
    const service = testing === null ? null : { ...taskBlock, id: "blk_0", level: "service" as const, testing };
    const spec = tester({ block: { ...taskBlock, testEnvironment }, service });
    expect(briefs(spec)).toEqual([{ from: "environment", text: expect.stringContaining(words) as string }]);
  });

  it("a result that is no job's is no answer", () => {
    const spec = tester();
    expect(spec.when(returns(agentAnswer("x"))).events).toEqual([]);
    expect(spec.pollAgain).toBe(true);
  });

  it("a report is bound to the head it was made of, and to none where none was observed", () => {
    const seen = tester();
    tests(seen, report(false));
    expect(stateOf(seen)).toMatchObject({ report: { head: sha("1"), greenlight: false, accepted: false, summary: "it does not" } });
    const unseen = tester();
    unseen.when(jobReturns(finishedJob("report", null, report(false))));
    expect(stateOf(unseen)).toMatchObject({ phase: "fixing", report: { head: null } });
  });

  it.each([
    ["of the wrong shape", { product: { is: "invalid", issues: "no greenlight" } }, "no greenlight"],
    ["that is prose", { product: { is: "none" } }, "the answer is no test report"],
    ["that is something else", validProduct({ rating: 1 }), "the answer is no test report"],
  ] as const)("a report %s fails the run, never passes, and is kept as output", (_name, patch, words) => {
    const spec = tester();
    spec.when(jobReturns(finishedJob("looks fine", unchangedWork, patch)));
    expect(failure(spec)).toMatchObject({
      kind: "agent",
      code: "tests_failed",
      detail: "looks fine",
      message: expect.stringContaining(words) as string,
    });
    expect(spec.run.steps[0]?.output).toEqual(outputRef("looks fine"));
  });

  it("a job that failed is a failure whatever its code, also one that an unreadable answer has", () => {
    for (const code of ["crashed", "answer_invalid"]) {
      const spec = tester();
      spec.when(jobReturns({ of: "job", outcome: { is: "failed", code, message: "boom", detail: null, observed: null } }));
      expect(failure(spec)).toMatchObject({ kind: "job_failed", code });
    }
  });

  it("asks a person when its agent does, and tests again with what was decided", () => {
    const spec = tester();
    spec.when(jobReturns(finishedJob("?", null, { question: { question: "which browser?", options: ["a", "b"] } })));
    expect(openWait(spec.run)?.on).toBe("decision");
    spec.when(answers({ answer: "choose", option: "a" }));
    expect(spec.key).toBe("run_1/0/1/test.2");
  });

  it("refuses an answer that belongs to another kind of wait", () => {
    const spec = tester();
    spec.when(jobReturns(finishedJob("?", null, { question: { question: "which browser?", options: ["a"] } })));
    const wait = openWait(spec.run);
    if (wait === null) throw new Error("no wait is open");
    const context = { run: spec.run, index: 0, step: currentStep(spec.run), input: spec.input, at: 1 };
    expect(refusal(() => testerStep.answered(context, stateOf(spec), wait, { answer: "proceed" })).code).toBe("wait_mismatch");
  });

  it("people send the change back to the step that made it", () => {
    const spec = given(["coder", { kind: "tester", approval: { approvers: 1 } }]);
    spec.when(jobReturns(finishedJob("code")));
    tests(spec, report(true));
    const changes: HumanAnswer = { answer: "request-changes", revision: { previous: null, feedback: "rename it", comments: [] } };
    spec.when(answers(changes));
    expect(spec.run.cursor).toBe(0);
    expect(spec.run.steps[0]?.revision?.previous).toEqual(outputRef("code"));
  });
});

describe("a greenlight beside a failed check", () => {
  it("F:A11 sends a fixer, and fails the run when there is no branch to repair", () => {
    const claimed = validProduct({ greenlight: true, summary: "fine", outcomes: [{ name: "login", status: "failed", detail: "500" }] });
    const spec = tester();
    tests(spec, claimed);
    expect(request(spec)).toMatchObject({ kind: "fixer" });
    expect(briefs(spec)[0]?.text).toContain("- login: 500");
    const alone = tester({}, { pullRequest: null });
    tests(alone, claimed);
    expect(failure(alone)).toMatchObject({ code: "tests_failed", message: expect.stringContaining("login (failed)") as string });
  });
});

describe("a tester that looks again", () => {
  it("F:D1 is told its own last report, also after people sent the change back", () => {
    const spec = given(["coder", { kind: "tester", approval: { approvers: 1 } }]);
    spec.when(jobReturns(finishedJob("code")));
    expect(briefs(spec).map(({ from }) => from)).toEqual(["environment"]);
    tests(spec, report(false, { "login crashes": "high" }));
    repairs(spec);
    expect(briefs(spec)[1]).toEqual({ from: "your last report", text: "it does not\nConcerns to fix:\n- [high] login crashes: seen" });
    tests(spec, report(true));
    spec.when(answers({ answer: "request-changes", revision: { previous: null, feedback: "rename it", comments: [] } }));
    spec.when(jobReturns(finishedJob("code again")));
    expect(briefs(spec)[1]).toEqual({ from: "your last report", text: "it works" });
  });
});

describe("a tester that could not test", () => {
  const down = validProduct({ greenlight: true, summary: "", couldNotTest: "the database is down" });
  const skipped = validProduct({ greenlight: true, summary: "fine", outcomes: [{ name: "login", status: "skipped" }] });

  it.each([
    ["that says so", down, "could not test: the database is down."],
    ["whose every check was skipped, whatever it says", skipped, "could not test: every check was skipped."],
  ])("F:D4 one %s sends no fixer and passes nothing: a person is asked", (_name, product, words) => {
    const spec = tester();
    tests(spec, product);
    expect(openWait(spec.run)).toMatchObject({
      on: "untested",
      question: expect.stringContaining(words) as string,
      options: [],
      subject: "report",
    });
    expect(stateOf(spec)).toMatchObject({ phase: "testing", attempts: 0, rounds: [] });
  });

  it("F:D4 tests again on a person's word, goes on without a test, or ends", () => {
    const again = tester();
    tests(again, down);
    again.when(answers({ answer: "extra-round" }));
    expect(request(again)).toMatchObject({ kind: "tester" });
    expect(briefs(again)[1]?.text).toContain("the database is down");
    tests(again, report(true));
    expect(again.run.phase.is).toBe("done");
    const untested = tester();
    tests(untested, down);
    untested.when(answers({ answer: "proceed" }));
    expect(untested.run.phase.is).toBe("done");
    const ended = tester();
    tests(ended, down);
    ended.when(answers({ answer: "reject", reason: "no" }));
    expect(failure(ended)).toMatchObject({ kind: "rejected", code: "untested_rejected" });
  });
});

describe("the fixer", () => {
  it("is told the report, and the tester what it did", () => {
    const spec = tester();
    tests(spec, report(false, { "login crashes": "high" }));
    expect(spec.key).toBe("run_1/0/1/fixer.2");
    expect(request(spec)).toMatchObject({ kind: "fixer" });
    expect(briefs(spec)).toEqual([{ from: "tester", text: "it does not\nConcerns to fix:\n- [high] login crashes: seen" }]);
    repairs(spec);
    expect(spec.key).toBe("run_1/0/1/test.3");
    expect(briefs(spec).at(-1)).toEqual({ from: "earlier attempts", text: `attempt 1 at ${"1".repeat(10)}, completed: repaired` });
    tests(spec, report(false, { "logout crashes": "high" }));
    expect(briefs(spec).map(({ from }) => from)).toEqual(["tester", "earlier attempts"]);
    expect(stateOf(spec)).toMatchObject({ phase: "fixing", attempts: 2, log: [{ attempt: 1 }] });
  });

  it("that was lost is sent again with the same brief, and burns no attempt", () => {
    const spec = tester();
    tests(spec, report(false, { a: "high" }));
    const told = briefs(spec);
    spec.when(jobReturns(lostJob(false)));
    expect(briefs(spec)).toEqual(told);
    expect(stateOf(spec)).toMatchObject({ attempts: 1, evictions: { crash: 1 } });
  });

  it("what repeats between rounds is counted", () => {
    const spec = tester({ preset: { ...balancedPreset, ciMaxAttempts: 5 } });
    tests(spec, report(false, { a: "high", b: "high" }));
    repairs(spec);
    const [fact] = tests(spec, report(false, { a: "high", c: "high" })).filter((event) => event.type === "fact-recorded");
    expect(fact).toMatchObject({ fact: { is: "tested", compared: { fresh: 1, repeated: 1, reseeded: 0 } } });
    repairs(spec);
    const [last] = tests(spec, report(false, { b: "high" })).filter((event) => event.type === "fact-recorded");
    expect(last).toMatchObject({ fact: { compared: { fresh: 0, repeated: 0, reseeded: 1 } } });
  });

  it("when its budget is used up the run fails with what was tried", () => {
    const spec = tester({ preset: { ...balancedPreset, ciMaxAttempts: 1 } });
    tests(spec, report(false, { a: "high" }));
    repairs(spec);
    tests(spec, report(false, { b: "high" }, "still not"));
    expect(failure(spec)).toMatchObject({
      code: "tests_failed",
      message: "the tester withholds its greenlight after 1 of 1 fixer attempt(s): b (high)",
      detail: `still not\n\nattempt 1 at ${"1".repeat(10)}, completed: repaired`,
    });
  });

  it("is not sent without a branch: the summary is the detail, and there is none without a summary", () => {
    const alone = tester({}, { pullRequest: null });
    tests(alone, report(false));
    expect(failure(alone)).toMatchObject({ detail: "it does not", message: expect.stringContaining("no branch for the fixer") as string });
    const silent = tester({}, { pullRequest: null });
    tests(silent, report(false, { a: "high" }, ""));
    expect(failure(silent)?.detail).toBeNull();
  });
});

describe("what it remembers", () => {
  it("is bounded: the start of a long summary, and the last rounds", () => {
    const spec = tester();
    tests(spec, report(false, { a: "high" }, "s".repeat(8000)));
    expect(z.object({ report: z.object({ summary: z.string() }) }).parse(stateOf(spec)).report.summary).toHaveLength(2000);
    const remembered = z.object({ rounds: z.array(z.object({ blocking: z.number() })) });
    const tested = (blocking: number) => ({
      is: "tested",
      report: { greenlight: false, summary: "", concerns: [], head: null, accepted: false, because: "" },
      brief: "",
      round: { findings: [], blocking },
      compared: { fresh: 0, repeated: 0, reseeded: 0 },
    });
    const before: StepState = { ...stateOf(spec), rounds: [] };
    const state = [0, 1, 2, 3, 4, 5, 6].reduce((now, blocking) => testerStep.fold(now, tested(blocking)), before);
    expect(remembered.parse(state).rounds.map(({ blocking }) => blocking)).toEqual([2, 3, 4, 5, 6]);
  });

  it("the budget it was entered with first, and nothing of earlier rounds when it is entered again", () => {
    const spec = given(["coder", { kind: "tester", approval: { approvers: 1 } }]);
    spec.when(jobReturns(finishedJob("code")));
    tests(spec, report(true));
    spec.input = decisionInput({ preset: { ...balancedPreset, ciMaxAttempts: 9 } });
    spec.when(answers({ answer: "request-changes", revision: { previous: null, feedback: "rename it", comments: [] } }));
    spec.when(jobReturns(finishedJob("code")));
    expect(stateOf(spec)).toMatchObject({ budget: 2, rounds: [] });
  });
});
