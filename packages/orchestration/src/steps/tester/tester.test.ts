import type { HumanAnswer, StepState, TestReport } from "@millrace/contracts";
import { describe, expect, it } from "vitest";
import { z } from "zod";
import {
  answer,
  block,
  inputWith,
  finished,
  lost,
  output,
  play,
  preset,
  pullRequest,
  refusal,
  registries,
  sha,
  untouched,
  valid,
  type Play,
} from "../../run/decide/decider.fixture.js";
import { currentStep, openWait } from "../../run/model/due.logic.js";
import { testerStep } from "./index.js";

type Severity = TestReport["concerns"][number]["severity"];
const report = (
  greenlight: boolean,
  concerns: Readonly<Record<string, Severity>> = {},
  summary = greenlight ? "it works" : "it does not",
) => valid({ greenlight, summary, concerns: Object.entries(concerns).map(([title, severity]) => ({ title, detail: "seen", severity })) });
const tester = (facts = {}, patch = {}): Play => play(["tester"], { pullRequest, ...patch }, facts);
const tests = (run: Play, product: ReturnType<typeof valid>, text = "report") => run.works(finished(text, untouched, product));
const repairs = (run: Play, text = "repaired") => run.works(finished(text));
const stateOf = (run: Play) => currentStep(run.run).state;
const request = (run: Play) => {
  const { activity } = currentStep(run.run);
  return activity.is === "effect" ? activity.effect.request : null;
};
const briefs = (run: Play) => {
  const asked = request(run);
  return asked?.do === "start-job" ? asked.briefs : [];
};
const failure = (run: Play) => (run.run.phase.is === "failed" ? run.run.phase.failure : null);

describe("the tester", () => {
  it("begins with nothing tested, under a key of its own, and sends a fixer", () => {
    const run = tester();
    expect(run.key).toBe("run_1/0/1/test.1");
    expect(stateOf(run)).toEqual({
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
    const kind = registries.kinds.get("tester");
    if (kind === null) throw new Error("no tester");
    expect(testerStep.dispatches?.(currentStep(run.run).definition, kind)).toEqual(["tester", "fixer"]);
  });

  it.each([
    ["ephemeral", null, "Test in an ephemeral environment"],
    ["local", null, "the service needs no infrastructure of its own"],
    ["local", { composePath: "compose.yaml", noInfrastructure: false }, "the compose file compose.yaml"],
    ["local", { composePath: null, noInfrastructure: true }, "the service needs no infrastructure of its own"],
  ] as const)("is told where to bring the service up: %s, %j", (testEnvironment, testing, words) => {
    const service = testing === null ? null : { ...block, id: "blk_0", level: "service" as const, testing };
    const run = tester({ block: { ...block, testEnvironment }, service });
    expect(briefs(run)).toEqual([{ from: "environment", text: expect.stringContaining(words) as string }]);
  });

  it("a result that is no job's is no answer", () => {
    const run = tester();
    expect(run.returns({ of: "ask-agent", answer: answer("x") })).toEqual([]);
    expect(run.again).toBe(true);
  });

  it("a report is bound to the head it was made of, and to none where nobody observed one", () => {
    const seen = tester();
    tests(seen, report(false));
    expect(stateOf(seen)).toMatchObject({ report: { head: sha("1"), greenlight: false, accepted: false, summary: "it does not" } });
    const unseen = tester();
    unseen.works(finished("report", null, report(false)));
    expect(stateOf(unseen)).toMatchObject({ phase: "fixing", report: { head: null } });
  });

  it.each([
    ["of the wrong shape", { product: { is: "invalid", issues: "no greenlight" } }, "no greenlight"],
    ["that is prose", { product: { is: "none" } }, "the answer is no test report"],
    ["that is something else", valid({ rating: 1 }), "the answer is no test report"],
  ] as const)("a report %s fails the run, never passes, and is kept as output", (_name, patch, words) => {
    const run = tester();
    run.works(finished("looks fine", untouched, patch));
    expect(failure(run)).toMatchObject({
      kind: "agent",
      code: "tests_failed",
      detail: "looks fine",
      message: expect.stringContaining(words) as string,
    });
    expect(run.run.steps[0]?.output).toEqual(output("looks fine"));
  });

  it("a job that failed is a failure whatever its code, also one that an unreadable answer has", () => {
    for (const code of ["crashed", "answer_invalid"]) {
      const run = tester();
      run.works({ of: "job", outcome: { is: "failed", code, message: "boom", detail: null, observed: null } });
      expect(failure(run)).toMatchObject({ kind: "job_failed", code });
    }
  });

  it("asks a person when its agent does, and tests again with what was decided", () => {
    const run = tester();
    run.works(finished("?", null, { question: { question: "which browser?", options: ["a", "b"] } }));
    expect(openWait(run.run)?.on).toBe("decision");
    run.answers({ answer: "choose", option: "a" });
    expect(run.key).toBe("run_1/0/1/test.2");
  });

  it("refuses an answer that belongs to another kind of wait", () => {
    const run = tester();
    run.works(finished("?", null, { question: { question: "which browser?", options: ["a"] } }));
    const wait = openWait(run.run);
    if (wait === null) throw new Error("nobody is asked");
    const context = { run: run.run, index: 0, step: currentStep(run.run), input: run.input, at: 1 };
    expect(refusal(() => testerStep.answered(context, stateOf(run), wait, { answer: "proceed" })).code).toBe("wait_mismatch");
  });

  it("people send the change back to the step that made it", () => {
    const run = play(["coder", { kind: "tester", approval: { approvers: 1 } }]);
    run.works(finished("code"));
    tests(run, report(true));
    const changes: HumanAnswer = { answer: "request-changes", revision: { previous: null, feedback: "rename it", comments: [] } };
    run.answers(changes);
    expect(run.run.cursor).toBe(0);
    expect(run.run.steps[0]?.revision?.previous).toEqual(output("code"));
  });
});

describe("the fixer", () => {
  it("is told the report, and the tester what it did", () => {
    const run = tester();
    tests(run, report(false, { "login crashes": "high" }));
    expect(run.key).toBe("run_1/0/1/fixer.2");
    expect(request(run)).toMatchObject({ kind: "fixer" });
    expect(briefs(run)).toEqual([{ from: "tester", text: "it does not\nConcerns to fix:\n- [high] login crashes: seen" }]);
    repairs(run);
    expect(run.key).toBe("run_1/0/1/test.3");
    expect(briefs(run).slice(1)).toEqual([{ from: "earlier attempts", text: `attempt 1 at ${"1".repeat(10)}, completed: repaired` }]);
    tests(run, report(false, { "logout crashes": "high" }));
    expect(briefs(run).map(({ from }) => from)).toEqual(["tester", "earlier attempts"]);
    expect(stateOf(run)).toMatchObject({ phase: "fixing", attempts: 2, log: [{ attempt: 1 }] });
  });

  it("that was lost is sent again with the same brief, and burns no attempt", () => {
    const run = tester();
    tests(run, report(false, { a: "high" }));
    const told = briefs(run);
    run.works(lost(false));
    expect(briefs(run)).toEqual(told);
    expect(stateOf(run)).toMatchObject({ attempts: 1, evictions: { crash: 1 } });
  });

  it("what repeats between rounds is counted", () => {
    const run = tester({ preset: { ...preset, ciMaxAttempts: 5 } });
    tests(run, report(false, { a: "high", b: "high" }));
    repairs(run);
    const [fact] = tests(run, report(false, { a: "high", c: "high" })).filter((event) => event.type === "fact-recorded");
    expect(fact).toMatchObject({ fact: { is: "tested", compared: { fresh: 1, repeated: 1, reseeded: 0 } } });
    repairs(run);
    const [last] = tests(run, report(false, { b: "high" })).filter((event) => event.type === "fact-recorded");
    expect(last).toMatchObject({ fact: { compared: { fresh: 0, repeated: 0, reseeded: 1 } } });
  });

  it("when its budget is used up the run fails with what was tried", () => {
    const run = tester({ preset: { ...preset, ciMaxAttempts: 1 } });
    tests(run, report(false, { a: "high" }));
    repairs(run);
    tests(run, report(false, { b: "high" }, "still not"));
    expect(failure(run)).toMatchObject({
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
    const run = tester();
    tests(run, report(false, { a: "high" }, "s".repeat(8000)));
    expect(z.object({ report: z.object({ summary: z.string() }) }).parse(stateOf(run)).report.summary).toHaveLength(2000);
    const remembered = z.object({ rounds: z.array(z.object({ blocking: z.number() })) });
    const tested = (blocking: number) => ({
      is: "tested",
      report: { greenlight: false, summary: "", concerns: [], head: null, accepted: false, because: "" },
      round: { findings: [], blocking },
      compared: { fresh: 0, repeated: 0, reseeded: 0 },
    });
    const before: StepState = { ...stateOf(run), rounds: [] };
    const state = [0, 1, 2, 3, 4, 5, 6].reduce((now, blocking) => testerStep.fold(now, tested(blocking)), before);
    expect(remembered.parse(state).rounds.map(({ blocking }) => blocking)).toEqual([2, 3, 4, 5, 6]);
  });

  it("the budget it was entered with first, and nothing of earlier rounds when it is entered again", () => {
    const run = play(["coder", { kind: "tester", approval: { approvers: 1 } }]);
    run.works(finished("code"));
    tests(run, report(true));
    run.input = inputWith({ preset: { ...preset, ciMaxAttempts: 9 } });
    run.answers({ answer: "request-changes", revision: { previous: null, feedback: "rename it", comments: [] } });
    run.works(finished("code"));
    expect(stateOf(run)).toMatchObject({ budget: 2, rounds: [] });
  });
});
