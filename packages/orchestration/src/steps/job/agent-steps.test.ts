import type { HumanAnswer, StepState } from "@millrace/contracts";
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
  recordedAnswer,
  returns,
  unchangedWork,
  validProduct,
  workObservation,
} from "../../spec/index.js";
import { balancedPreset, builtInRegistries } from "../../spec/defaults.js";
import { openWaitOn, refusal } from "../../run/decide/decider.fixture.js";
import { currentStep, openWait } from "../../run/model/due.logic.js";
import { productKey } from "../../run/model/keys.logic.js";
import { jobFailure } from "../shared/job-failure.logic.js";

const question = { question: "which?", options: ["a", "b"] };
const says = (spec: DeciderSpec, text: string, patch = {}) => spec.when(returns(agentAnswer(text, patch))).events;
const request = (spec: DeciderSpec) => {
  const { activity } = currentStep(spec.run);
  return activity.is === "effect" ? activity.effect.request : null;
};
const again: HumanAnswer = { answer: "request-changes", revision: { previous: null, feedback: "again", comments: [] } };

describe("an inline step", () => {
  it("asks its agent once and its answer is the output", () => {
    const spec = given(["researcher"]);
    expect(request(spec)).toEqual({ do: "ask-agent", kind: "researcher", briefs: [] });
    expect(spec.key).toBe("run_1/0/1/work.1");
    says(spec, "options");
    expect(spec.run).toMatchObject({ phase: { is: "done" }, steps: [{ output: outputRef("options"), model: "model-1" }] });
  });

  it("an answer that does not have its shape fails the run, with the answer as detail; it is never written as work", () => {
    const spec = given(["researcher"]);
    says(spec, "prose", { product: { is: "invalid", issues: "no rating" } });
    expect(spec.run.phase).toMatchObject({
      failure: { kind: "agent", code: "answer_invalid", detail: "prose", message: expect.stringContaining("no rating") },
    });
    expect(spec.run.steps[0]?.output).toBeNull();
  });

  it("a result it did not ask for is no answer", () => {
    const spec = given(["researcher"]);
    expect(spec.when(returns(finishedJob("x"))).events).toEqual([]);
    expect(spec.pollAgain).toBe(true);
  });
});

describe("a question", () => {
  it.each([
    ["an inline step", "researcher", (spec: DeciderSpec) => says(spec, "?", { question })],
    ["a job", "architect", (spec: DeciderSpec) => spec.when(jobReturns(finishedJob("?", null, { question }))).events],
  ])("of %s parks it before anything counts as output, and is asked once per attempt", (_name, kind, ask) => {
    const spec = given([kind]);
    ask(spec);
    expect(openWait(spec.run)).toMatchObject({
      on: "decision",
      question: "which?",
      options: ["a", "b"],
      subject: "?",
      output: outputRef("?"),
      approvers: 1,
    });
    expect(spec.run.steps[0]?.output).toBeNull();
    spec.when(answers({ answer: "choose", option: "a" }));
    expect(spec.key).toBe("run_1/0/1/work.2");
    expect(request(spec)).toMatchObject({ kind });
  });

  it("the second one is ignored and its text counts; after changes were asked for, the decisions are kept", () => {
    const spec = given([{ kind: "researcher", approval: { approvers: 1 } }]);
    says(spec, "?", { question });
    spec.when(answers({ answer: "choose", option: "b" }));
    says(spec, "undecided", { question });
    expect(openWait(spec.run)).toMatchObject({ on: "approval", subject: "undecided" });
    spec.when(answers(again));
    expect(spec.run.steps[0]).toMatchObject({ attempt: 2, decisions: [{ chosen: "b" }] });
  });

  it("fits the shape of a wait, however long the agent made it", () => {
    const spec = given(["researcher"]);
    says(spec, "?", { question: { question: "q".repeat(9000), options: Array.from({ length: 30 }, () => "o".repeat(600)) } });
    const wait = openWait(spec.run);
    expect(wait?.question).toHaveLength(8000);
    expect(wait?.options).toHaveLength(20);
    expect(wait?.options[0]).toHaveLength(500);
  });
});

describe("a job step", () => {
  it("starts a job, and its answer and pull request are what was observed", () => {
    const spec = given(["coder"]);
    expect(request(spec)).toEqual({ do: "start-job", kind: "coder", briefs: [] });
    spec.when(jobReturns(finishedJob("done")));
    expect(spec.run).toMatchObject({
      phase: { is: "done" },
      pullRequest: { number: 7 },
      steps: [{ output: outputRef("done"), model: "model-1" }],
    });
    const reader = given(["architect"]);
    reader.when(jobReturns(finishedJob("design", { ...unchangedWork, pullRequest: null })));
    expect(reader.run).toMatchObject({ phase: { is: "done" }, pullRequest: null });
  });

  it("a result that is no job's is no answer", () => {
    const spec = given(["coder"]);
    expect(spec.when(returns(agentAnswer("x"))).events).toEqual([]);
    expect(spec.pollAgain).toBe(true);
  });

  it("that failed says how, in its own words", () => {
    const spec = given(["coder"]);
    spec.when(jobReturns({ of: "job", outcome: { is: "failed", code: "crashed", message: "boom", detail: "log", observed: null } }));
    expect(spec.run.phase).toMatchObject({ failure: { kind: "job_failed", code: "crashed", message: "boom", detail: "log" } });
  });

  it("that did not deliver is not finished, whatever it says; what it said is the detail (P2)", () => {
    const spec = given(["coder"]);
    spec.when(jobReturns(finishedJob("all done!", workObservation({ commits: 0 }))));
    expect(spec.run.phase).toMatchObject({ failure: { kind: "completion", code: "nothing_committed", detail: "all done!" } });
    expect(spec.run.steps[0]?.output).toBeNull();
  });

  it("of which nothing was observed does not count, unless it delivers nothing", () => {
    const coder = given(["coder"]);
    coder.when(jobReturns(finishedJob("all done!", null)));
    expect(coder.run.phase).toMatchObject({ failure: { kind: "completion", code: "not_observed", detail: "all done!" } });
    const architect = given(["architect"]);
    architect.when(jobReturns(finishedJob("design", null)));
    expect(architect.run.phase.is).toBe("done");
  });

  it("of a kind that is not registered does not count: its contract is unknown", () => {
    const { run, input } = given(["coder"]);
    const outcome = { is: "finished", answer: recordedAnswer("done"), observed: workObservation() } as const;
    expect(jobFailure({ run, index: 0, step: currentStep(run), input, at: 1 }, "wizard", outcome)).toMatchObject({
      kind: "completion",
      code: "not_observed",
      detail: "done",
    });
  });

  it("with an answer of the wrong shape fails, when its work was in order", () => {
    const spec = given(["architect"]);
    spec.when(jobReturns(finishedJob("prose", unchangedWork, { product: { is: "invalid", issues: "no JSON" } })));
    expect(spec.run.phase).toMatchObject({ failure: { kind: "agent", code: "answer_invalid" } });
    const both = given(["coder"]);
    both.when(jobReturns(finishedJob("prose", workObservation({ commits: 0 }), { product: { is: "invalid", issues: "no JSON" } })));
    expect(both.run.phase).toMatchObject({ failure: { code: "nothing_committed" } });
  });

  it("that was lost is dispatched again under a new key: once after a crash, five times after a host was taken away", () => {
    for (const [transient, times] of [
      [false, 1],
      [true, 5],
    ] as const) {
      const spec = given(["coder"]);
      for (let time = 0; time < times; time += 1) {
        spec.when(jobReturns(lostJob(transient)));
        expect(spec.key).toBe(`run_1/0/1/work.${time + 2}`);
      }
      spec.when(jobReturns(lostJob(transient)));
      expect(currentStep(spec.run).state).toMatchObject({ evictions: transient ? { transient: times + 1 } : { crash: times + 1 } });
      expect(spec.run.phase).toMatchObject({
        failure: { kind: "evicted", code: "job_lost", message: `gone (dispatched again ${times} time(s) before)` },
      });
    }
  });

  it("is sent back whole when people ask for changes", () => {
    const spec = given([{ kind: "architect", approval: { approvers: 1 } }]);
    spec.when(jobReturns(finishedJob("design", unchangedWork)));
    spec.when(answers(again));
    expect(spec.run.steps[0]).toMatchObject({ attempt: 2, activity: { is: "effect" }, revision: { feedback: "again" } });
  });

  it("refuses an answer that belongs to another kind of wait", () => {
    const { run, input } = given(["coder"]);
    const step = currentStep(run);
    const wait = openWaitOn("cap");
    const answered = () =>
      builtInRegistries.stepKinds.get("job").answered({ run, index: 0, step, input, at: 1 }, step.state, wait, { answer: "proceed" });
    expect(refusal(answered).code).toBe("wait_mismatch");
  });
});

describe("a companion", () => {
  const graded = (rating: number, comments: object[] = []) => validProduct({ rating, summary: `rated ${rating}`, comments });
  /** A design was made and its companion answered. */
  function round(spec: DeciderSpec, rating: number, comments: object[] = []): DeciderSpec {
    spec.when(jobReturns(finishedJob(`design ${rating}`, unchangedWork)));
    says(spec, "grade", graded(rating, comments));
    return spec;
  }
  const begin = (bar: number | null = null, more: string[] = ["documenter"]) =>
    given(["architect", { kind: "architect-companion", bar }, ...more]);
  const stateOf = (spec: DeciderSpec) => spec.run.steps[1]?.state;

  it("grades under its step's bar, or its kind's own", () => {
    expect(stateOf(begin())).toEqual({ kind: "companion", bar: 0.8, reworks: 0, maxReworks: null, ratings: [] });
    expect(stateOf(begin(0.3))).toMatchObject({ bar: 0.3 });
    const spec = begin();
    spec.when(jobReturns(finishedJob("design", unchangedWork)));
    expect(request(spec)).toEqual({ do: "ask-agent", kind: "architect-companion", briefs: [] });
    expect(spec.key).toBe("run_1/1/1/grade.1");
  });

  it("a rating at the bar passes, one below sends the work back with the summary and comments", () => {
    const passed = round(begin(), 0.8);
    expect(passed.summary).toBe("architect:done architect-companion:done documenter:effect");
    expect(stateOf(passed)).toMatchObject({ ratings: [{ rating: 0.8, bar: 0.8, passed: true, summary: "rated 0.8", comments: [] }] });
    expect(passed.run.steps[1]?.output).toEqual(outputRef("grade"));
    const sentBack = round(begin(), 0.79);
    expect(sentBack.summary).toBe("architect:effect architect-companion:pending documenter:pending");
    expect(sentBack.run.steps[0]?.revision).toEqual({ previous: outputRef("design 0.79"), feedback: "rated 0.79", comments: [] });
    expect(stateOf(sentBack)).toMatchObject({ reworks: 1, ratings: [{ passed: false }] });
  });

  it("comments on the first round force one rework, whatever the rating; later ones do not", () => {
    const spec = round(begin(), 1, [{ body: "name it better" }]);
    expect(spec.run.steps[0]).toMatchObject({ attempt: 2, revision: { comments: [{ body: "name it better" }] } });
    round(spec, 1, [{ body: "still" }]);
    expect(spec.summary).toBe("architect:done architect-companion:done documenter:effect");
  });

  it("F:D2 a finding that must be fixed holds the work whatever its rating, in every round", () => {
    const leak = { body: "it leaks", severity: "must-fix" };
    const spec = begin();
    for (const work of ["first", "second"]) {
      round(spec, 1, [{ ...leak, body: `it leaks: ${work}` }]);
      expect(spec.run.steps[0]?.revision?.comments).toEqual([{ ...leak, body: `it leaks: ${work}` }]);
    }
    round(spec, 1, [leak]);
    round(spec, 1, [leak]);
    expect(openWait(spec.run)).toMatchObject({ on: "cap", question: expect.stringContaining("1 finding(s) that must be fixed") });
  });

  it("F:D2 nits alone send nothing back: they pass at the bar, and below it a person decides", () => {
    const nit = { body: "name it better", severity: "nit" };
    const passed = round(begin(), 0.8, [nit]);
    expect(passed.summary).toBe("architect:done architect-companion:done documenter:effect");
    const low = round(begin(), 0.3, [nit]);
    expect(openWait(low.run)).toMatchObject({ on: "cap", question: expect.stringContaining("nits alone") });
    expect(stateOf(low)).toMatchObject({ reworks: 0 });
  });

  it("F:D2 a nit beside something worth a rework sends the work back below the bar", () => {
    const mixed = [
      { body: "name it", severity: "should-fix" },
      { body: "n", severity: "nit" },
    ];
    expect(round(round(begin(), 0.3, mixed), 0.3, mixed).run.steps[0]?.attempt).toBe(3);
  });

  it("F:D2 a comment without a severity is worth a rework, like one that should be fixed, beside a nit as well", () => {
    for (const comment of [{ body: "name it" }, { body: "name it", severity: "should-fix" }])
      expect(round(begin(), 1, [comment, { body: "n", severity: "nit" }]).run.steps[0]?.attempt).toBe(2);
  });

  it("F:D1 its second look is told what it found before", () => {
    const spec = round(begin(), 0.3, [{ body: "it leaks", severity: "must-fix" }, { body: "say why" }]);
    spec.when(jobReturns(finishedJob("design again", unchangedWork)));
    expect(request(spec)).toMatchObject({
      briefs: [
        { from: "your earlier rounds", text: "Round 1, rated 0.3 (bar 0.8): rated 0.3\n- [must-fix] it leaks\n- [should-fix] say why" },
      ],
    });
  });

  it.each([
    [0, 0.3, [], "a person decides"],
    [0, 0.9, [], "it goes on"],
    [0, 0.9, [{ body: "name it" }], "it goes on"],
    [0, 0.9, [{ body: "it leaks", severity: "must-fix" }], "a person decides"],
    [1, 0.9, [{ body: "name it" }], "it is sent back"],
  ])("F:D3 with %i rework(s) in the preset, rated %d with %j: %s", (maxReworks, rating, comments, then) => {
    const input = { preset: { ...balancedPreset, maxReworks } };
    const spec = round(given(["architect", "architect-companion"], { input }), rating, comments);
    expect(stateOf(spec)).toMatchObject({ maxReworks });
    const went = openWait(spec.run) !== null ? "a person decides" : spec.run.phase.is === "done" ? "it goes on" : "it is sent back";
    expect(went).toBe(then);
  });

  it("F:D3 is given its reworks once, however often it grades", () => {
    const spec = round(begin(), 0.3);
    const events = spec.when(jobReturns(finishedJob("design again", unchangedWork))).events;
    expect(events.filter(({ type }) => type === "fact-recorded")).toEqual([]);
  });

  it("an assessment without comments is as good as one with none", () => {
    const spec = begin();
    spec.when(jobReturns(finishedJob("design", unchangedWork)));
    const [rated] = says(spec, "grade", validProduct({ rating: 0.9, summary: "good" }));
    expect(rated).toMatchObject({ fact: { is: "rated", comments: [] } });
    expect(spec.run.cursor).toBe(2);
  });

  it("after three reworks it asks a person, bound to the work it grades", () => {
    const spec = begin();
    for (const rating of [0.3, 0.4, 0.1, 0.2]) round(spec, rating);
    expect(openWait(spec.run)).toMatchObject({
      on: "cap",
      subject: "design 0.2",
      output: outputRef("design 0.2"),
      options: [],
      approvers: 1,
    });
    expect(stateOf(spec)).toMatchObject({ reworks: 3, maxReworks: 3, ratings: [0.3, 0.4, 0.1, 0.2].map((rating) => ({ rating })) });
    spec.when(answers({ answer: "extra-round" }));
    expect(stateOf(spec)).toMatchObject({ reworks: 4, maxReworks: 4 });
    expect(spec.run.steps[0]?.revision).toEqual({ previous: outputRef("design 0.2"), feedback: "rated 0.2", comments: [] });
    round(spec, 0.1);
    expect(openWait(spec.run)?.on).toBe("cap");
    spec.when(answers({ answer: "proceed" }));
    expect(spec.summary).toBe("architect:done architect-companion:done documenter:effect");
  });

  it("its cap fits the shape of a wait, however long the summary is", () => {
    const spec = begin();
    for (let time = 0; time < 4; time += 1) {
      spec.when(jobReturns(finishedJob("design", unchangedWork)));
      says(spec, "grade", validProduct({ rating: 0, summary: "s".repeat(8000) }));
    }
    expect(openWait(spec.run)?.question).toHaveLength(8000);
  });

  it("people approve the work, not the grade, and the changes they ask for are free", () => {
    const spec = given(["architect", { kind: "architect-companion", approval: { approvers: 1 } }]);
    round(spec, 0.9);
    expect(openWait(spec.run)).toMatchObject({ on: "approval", subject: "design 0.9", output: outputRef("design 0.9") });
    spec.when(answers(again));
    expect(spec.run.steps[0]?.revision).toEqual({ previous: outputRef("design 0.9"), feedback: "again", comments: [] });
    expect(stateOf(spec)).toMatchObject({ reworks: 0 });
  });

  it.each([
    ["of the wrong shape", { is: "invalid", issues: "no rating" }, "no rating"],
    ["that is prose", { is: "none" }, "no assessment"],
    ["that is something else", { is: "valid", value: { rating: 7 } }, "no assessment"],
  ] as const)("an assessment %s fails the run, never passes, and is kept as output", (_name, product, words) => {
    const spec = begin();
    spec.when(jobReturns(finishedJob("design", unchangedWork)));
    says(spec, "looks fine", { product });
    expect(spec.run.phase).toMatchObject({
      failure: { kind: "companion_rejected", code: "answer_invalid", detail: "looks fine", message: expect.stringContaining(words) },
    });
    expect(spec.run.steps[1]).toMatchObject({ output: outputRef("looks fine"), model: "model-1" });
  });

  it("grades the nearest earlier step of its kind, gates between them or not", () => {
    const spec = given(["architect", "architect", "conflicts", "architect-companion", "architect"]);
    spec.when(jobReturns(finishedJob("first", unchangedWork)));
    spec.when(jobReturns(finishedJob("second", unchangedWork)));
    spec.when(
      returns({
        of: "probe",
        state: {
          state: "merged",
          base: "main",
          headBranch: "work",
          headRepository: null,
          ownQueue: false,
          checkSettings: "forge-1",
          head: "2".repeat(40),
          baseHead: "b".repeat(40),
          behind: false,
          mergeability: "clean",
          conflicts: [],
          mergedAs: null,
          mergedBase: null,
        },
        checks: [],
        diff: null,
      }),
    );
    says(spec, "grade", graded(0));
    expect(spec.run.cursor).toBe(1);
  });

  it("a result it did not ask for is no answer, and without a step to grade it says so", () => {
    const spec = begin();
    spec.when(jobReturns(finishedJob("design", unchangedWork)));
    expect(spec.when(returns(finishedJob("x"))).events).toEqual([]);
    expect(spec.pollAgain).toBe(true);
    const alone = given(["architect-companion"]);
    expect(refusal(() => says(alone, "grade", graded(0)))).toEqual({ code: "pipeline_invalid", fix: true });
  });

  it("refuses an answer that belongs to another kind of wait", () => {
    const { run, input } = begin();
    const step = run.steps[1];
    if (step === undefined) throw new Error("there is no companion");
    const wait = openWaitOn("cap");
    const context = { run, index: 1, step, input, at: 1 };
    const choose = () =>
      builtInRegistries.stepKinds.get("companion").answered(context, step.state, wait, { answer: "choose", option: "a" });
    expect(refusal(choose).code).toBe("wait_mismatch");
  });
});

describe("a job whose answer is taken up", () => {
  const work = (product: object) => {
    const spec = given(["blueprints"]);
    spec.when(jobReturns(finishedJob("map", workObservation(), product)));
    return spec;
  };

  it("is finished when that is done, under a key of its own", () => {
    const spec = work(validProduct({ name: "api" }));
    expect(spec.key).toBe("run_1/0/1/ingest.2");
    expect(request(spec)).toEqual({ do: "call", name: "ingest-blueprint", input: { product: productKey("out/map") } });
    spec.when(returns({ of: "call", name: "ingest-blueprint", value: { modulesAdded: 1 } }));
    expect(spec.run).toMatchObject({ phase: { is: "done" }, steps: [{ output: outputRef("map") }] });
  });

  it.each([
    ["is prose", { product: { is: "none" } }],
    ["cannot be read", { product: { is: "invalid", issues: "no name" } }],
  ])("an answer that %s is not taken up, and the work that was observed stands", (_name, product) => {
    expect(work(product).run).toMatchObject({ phase: { is: "done" }, pullRequest: { number: 7 }, steps: [{ output: outputRef("map") }] });
  });

  it("other jobs' structured answers are taken up by no step", () => {
    const spec = given(["architect"]);
    spec.when(jobReturns(finishedJob("design", unchangedWork, validProduct({ name: "api" }))));
    expect(spec.run.phase.is).toBe("done");
  });

  it("a job that failed is a failure whatever its code, also one that an unreadable answer has", () => {
    const spec = given(["blueprints"]);
    spec.when(jobReturns({ of: "job", outcome: { is: "failed", code: "answer_invalid", message: "boom", detail: null, observed: null } }));
    expect(spec.run.phase).toMatchObject({ failure: { kind: "job_failed", code: "answer_invalid" } });
  });
});

it("a job out of quota waits for its window, told in words that fit", () => {
  const spec = given(["coder"]);
  spec.when(jobReturns({ of: "job", outcome: { is: "out-of-quota", resetAt: 9000, message: "m".repeat(5000) } }));
  expect(currentStep(spec.run).activity).toMatchObject({
    effect: { key: "run_1/0/1/work.2", hold: { because: "quota", until: 9000, message: "m".repeat(2000) } },
  });
});

describe("what a companion remembers of rounds", () => {
  const companion = builtInRegistries.stepKinds.get("companion");
  const legacy = { rating: 0.1, bar: 0.8, passed: false, summary: "poor", comments: [] };
  function grading(flags: number[]): DeciderSpec {
    const spec = given(["architect", "architect-companion"], { run: { flags } });
    spec.when(jobReturns(finishedJob("design", unchangedWork)));
    return spec;
  }
  const grade = (spec: DeciderSpec, body: string) =>
    says(spec, "grade", validProduct({ rating: 0.1, summary: "poor", comments: [{ body }] }));
  const facts = (events: DeciderSpec["events"]) => events.flatMap((event) => (event.type === "fact-recorded" ? [event.fact] : []));

  it("how many findings are new, repeated, and back after they were gone", () => {
    const spec = grading([]);
    const seen: unknown[] = [];
    for (const body of ["a", "b", "b", "a"]) {
      seen.push(facts(grade(spec, body))[0]?.["compared"]);
      if (openWait(spec.run) === null) spec.when(jobReturns(finishedJob("design", unchangedWork)));
    }
    expect(seen).toEqual([
      { fresh: 1, repeated: 0, reseeded: 0 },
      { fresh: 1, repeated: 0, reseeded: 0 },
      { fresh: 0, repeated: 1, reseeded: 0 },
      { fresh: 0, repeated: 0, reseeded: 1 },
    ]);
  });

  it("the comments of the last one go back with a round that people grant", () => {
    const spec = grading([]);
    for (const body of ["a", "b", "c"]) {
      grade(spec, body);
      spec.when(jobReturns(finishedJob("design", unchangedWork)));
    }
    grade(spec, "d");
    spec.when(answers({ answer: "extra-round" }));
    expect(spec.run.steps[0]?.revision).toEqual({ previous: outputRef("design"), feedback: "poor", comments: [{ body: "d" }] });
  });

  it("only the last five can be compared with", () => {
    const { run } = grading([]);
    const rated = { is: "rated", ...legacy, findings: ["0".repeat(16)] };
    const folded = Array.from({ length: 7 }).reduce<StepState>((state) => companion.fold(state, rated), currentStep(run).state);
    const kept = z.object({ ratings: z.array(z.object({ findings: z.array(z.string()).optional() })) }).parse(folded);
    expect(kept.ratings.map(({ findings }) => findings?.length ?? 0)).toEqual([0, 0, 1, 1, 1, 1, 1]);
  });

  it("rounds that are older than fingerprints are compared with nothing, and stop no loop", () => {
    const spec = grading([1]);
    const step = currentStep(spec.run);
    const state = { ...step.state, reworks: 2, ratings: [legacy, legacy] };
    const context = { run: spec.run, index: 1, step, input: spec.input, at: 1 };
    const move = companion.onResult(
      context,
      state,
      agentAnswer("grade", validProduct({ rating: 0.1, summary: "poor", comments: [{ body: "a" }] })),
    );
    expect(move).toMatchObject({
      to: "rework",
      facts: [{ is: "rated", compared: { fresh: 1, repeated: 0, reseeded: 0 } }, { is: "sent-back" }],
    });
  });

  it("rounds that repeat each other ask a person before the budget is used up, with what is left", () => {
    const spec = grading([1]);
    for (let round = 0; round < 2; round += 1) {
      grade(spec, "the same");
      spec.when(jobReturns(finishedJob("design", unchangedWork)));
    }
    grade(spec, "the same");
    expect(openWait(spec.run)).toMatchObject({ on: "cap", question: expect.stringContaining("stopped with 1 left") as string });
  });
});
