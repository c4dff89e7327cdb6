import type { HumanAnswer, StepState } from "@millrace/contracts";
import { describe, expect, it } from "vitest";
import { z } from "zod";
import {
  answer,
  finished,
  lost,
  observed,
  openWaitOn,
  output,
  play,
  refusal,
  registries,
  untouched,
  valid,
  type Play,
} from "../../run/decide/decider.fixture.js";
import { currentStep, openWait } from "../../run/model/due.logic.js";
import { productKey } from "../../run/model/keys.logic.js";
import { jobFailure } from "../shared/job-failure.logic.js";

const question = { question: "which?", options: ["a", "b"] };
const says = (run: Play, text: string, patch = {}) => run.returns({ of: "ask-agent", answer: answer(text, patch) });
const request = (run: Play) => {
  const { activity } = currentStep(run.run);
  return activity.is === "effect" ? activity.effect.request : null;
};
const again: HumanAnswer = { answer: "request-changes", revision: { previous: null, feedback: "again", comments: [] } };

describe("an inline step", () => {
  it("asks its agent once and its answer is the output", () => {
    const run = play(["researcher"]);
    expect(request(run)).toEqual({ do: "ask-agent", kind: "researcher", briefs: [] });
    expect(run.key).toBe("run_1/0/1/work.1");
    says(run, "options");
    expect(run.run).toMatchObject({ phase: { is: "done" }, steps: [{ output: output("options"), model: "model-1" }] });
  });

  it("an answer that does not have its shape fails the run, with the answer as detail; it is never written as work", () => {
    const run = play(["researcher"]);
    says(run, "prose", { product: { is: "invalid", issues: "no rating" } });
    expect(run.run.phase).toMatchObject({
      failure: { kind: "agent", code: "answer_invalid", detail: "prose", message: expect.stringContaining("no rating") },
    });
    expect(run.run.steps[0]?.output).toBeNull();
  });

  it("a result it did not ask for is no answer", () => {
    const run = play(["researcher"]);
    expect(run.returns(finished("x"))).toEqual([]);
    expect(run.again).toBe(true);
  });
});

describe("a question", () => {
  it.each([
    ["an inline step", "researcher", (run: Play) => says(run, "?", { question })],
    ["a job", "architect", (run: Play) => run.works(finished("?", null, { question }))],
  ])("of %s parks it before anything counts as output, and is asked once per attempt", (_name, kind, ask) => {
    const run = play([kind]);
    ask(run);
    expect(openWait(run.run)).toMatchObject({
      on: "decision",
      question: "which?",
      options: ["a", "b"],
      subject: "?",
      output: output("?"),
      approvers: 1,
    });
    expect(run.run.steps[0]?.output).toBeNull();
    run.answers({ answer: "choose", option: "a" });
    expect(run.key).toBe("run_1/0/1/work.2");
    expect(request(run)).toMatchObject({ kind });
  });

  it("the second one is ignored and its text counts; after changes were asked for, the decisions are kept", () => {
    const run = play([{ kind: "researcher", approval: { approvers: 1 } }]);
    says(run, "?", { question });
    run.answers({ answer: "choose", option: "b" });
    says(run, "undecided", { question });
    expect(openWait(run.run)).toMatchObject({ on: "approval", subject: "undecided" });
    run.answers(again);
    expect(run.run.steps[0]).toMatchObject({ attempt: 2, decisions: [{ chosen: "b" }] });
  });

  it("fits the shape of a wait, however long the agent made it", () => {
    const run = play(["researcher"]);
    says(run, "?", { question: { question: "q".repeat(9000), options: Array.from({ length: 30 }, () => "o".repeat(600)) } });
    const wait = openWait(run.run);
    expect(wait?.question).toHaveLength(8000);
    expect(wait?.options).toHaveLength(20);
    expect(wait?.options[0]).toHaveLength(500);
  });
});

describe("a job step", () => {
  it("starts a job, and its answer and pull request are what was observed", () => {
    const run = play(["coder"]);
    expect(request(run)).toEqual({ do: "start-job", kind: "coder", briefs: [] });
    run.works(finished("done"));
    expect(run.run).toMatchObject({
      phase: { is: "done" },
      pullRequest: { number: 7 },
      steps: [{ output: output("done"), model: "model-1" }],
    });
    const reader = play(["architect"]);
    reader.works(finished("design", { ...untouched, pullRequest: null }));
    expect(reader.run).toMatchObject({ phase: { is: "done" }, pullRequest: null });
  });

  it("a result that is no job's is no answer", () => {
    const run = play(["coder"]);
    expect(run.returns({ of: "ask-agent", answer: answer("x") })).toEqual([]);
    expect(run.again).toBe(true);
  });

  it("that failed says how, in its own words", () => {
    const run = play(["coder"]);
    run.works({ of: "job", outcome: { is: "failed", code: "crashed", message: "boom", detail: "log", observed: null } });
    expect(run.run.phase).toMatchObject({ failure: { kind: "job_failed", code: "crashed", message: "boom", detail: "log" } });
  });

  it("that did not deliver is not finished, whatever it says; what it said is the detail (P2)", () => {
    const run = play(["coder"]);
    run.works(finished("all done!", observed({ commits: 0 })));
    expect(run.run.phase).toMatchObject({ failure: { kind: "completion", code: "nothing_committed", detail: "all done!" } });
    expect(run.run.steps[0]?.output).toBeNull();
  });

  it("of which nothing was observed does not count, unless it delivers nothing", () => {
    const coder = play(["coder"]);
    coder.works(finished("all done!", null));
    expect(coder.run.phase).toMatchObject({ failure: { kind: "completion", code: "not_observed", detail: "all done!" } });
    const architect = play(["architect"]);
    architect.works(finished("design", null));
    expect(architect.run.phase.is).toBe("done");
  });

  it("of a kind that is not registered does not count: nobody can say what it should deliver", () => {
    const { run, input } = play(["coder"]);
    const outcome = { is: "finished", answer: answer("done"), observed: observed() } as const;
    expect(jobFailure({ run, index: 0, step: currentStep(run), input, at: 1 }, "wizard", outcome)).toMatchObject({
      kind: "completion",
      code: "not_observed",
      detail: "done",
    });
  });

  it("with an answer of the wrong shape fails, when its work was in order", () => {
    const run = play(["architect"]);
    run.works(finished("prose", untouched, { product: { is: "invalid", issues: "no JSON" } }));
    expect(run.run.phase).toMatchObject({ failure: { kind: "agent", code: "answer_invalid" } });
    const both = play(["coder"]);
    both.works(finished("prose", observed({ commits: 0 }), { product: { is: "invalid", issues: "no JSON" } }));
    expect(both.run.phase).toMatchObject({ failure: { code: "nothing_committed" } });
  });

  it("that was lost is dispatched again under a new key: once after a crash, five times after a host was taken away", () => {
    for (const [transient, times] of [
      [false, 1],
      [true, 5],
    ] as const) {
      const run = play(["coder"]);
      for (let time = 0; time < times; time += 1) {
        run.works(lost(transient));
        expect(run.key).toBe(`run_1/0/1/work.${time + 2}`);
      }
      run.works(lost(transient));
      expect(currentStep(run.run).state).toMatchObject({ evictions: transient ? { transient: times + 1 } : { crash: times + 1 } });
      expect(run.run.phase).toMatchObject({
        failure: { kind: "evicted", code: "job_lost", message: `gone (dispatched again ${times} time(s) before)` },
      });
    }
  });

  it("is sent back whole when people ask for changes", () => {
    const run = play([{ kind: "architect", approval: { approvers: 1 } }]);
    run.works(finished("design", untouched));
    run.answers(again);
    expect(run.run.steps[0]).toMatchObject({ attempt: 2, activity: { is: "effect" }, revision: { feedback: "again" } });
  });

  it("refuses an answer that belongs to another kind of wait", () => {
    const { run, input } = play(["coder"]);
    const step = currentStep(run);
    const wait = openWaitOn("cap");
    const answered = () =>
      registries.stepKinds.get("job").answered({ run, index: 0, step, input, at: 1 }, step.state, wait, { answer: "proceed" });
    expect(refusal(answered).code).toBe("wait_mismatch");
  });
});

describe("a companion", () => {
  const graded = (rating: number, comments: object[] = []) => valid({ rating, summary: `rated ${rating}`, comments });
  /** A design was made and its companion answered. */
  function round(run: Play, rating: number, comments: object[] = []): Play {
    run.works(finished(`design ${rating}`, untouched));
    says(run, "grade", graded(rating, comments));
    return run;
  }
  const begin = (bar: number | null = null, more: string[] = ["documenter"]) =>
    play(["architect", { kind: "architect-companion", bar }, ...more]);
  const stateOf = (run: Play) => run.run.steps[1]?.state;

  it("grades under its step's bar, or its kind's own", () => {
    expect(stateOf(begin())).toEqual({ kind: "companion", bar: 0.8, reworks: 0, maxReworks: 3, ratings: [] });
    expect(stateOf(begin(0.3))).toMatchObject({ bar: 0.3 });
    const run = begin();
    run.works(finished("design", untouched));
    expect(request(run)).toEqual({ do: "ask-agent", kind: "architect-companion", briefs: [] });
    expect(run.key).toBe("run_1/1/1/grade.1");
  });

  it("a rating at the bar passes, one below sends the work back with the summary and comments", () => {
    const passed = round(begin(), 0.8);
    expect(passed.glance).toBe("architect:done architect-companion:done documenter:effect");
    expect(stateOf(passed)).toMatchObject({ ratings: [{ rating: 0.8, bar: 0.8, passed: true, summary: "rated 0.8", comments: [] }] });
    expect(passed.run.steps[1]?.output).toEqual(output("grade"));
    const sentBack = round(begin(), 0.79);
    expect(sentBack.glance).toBe("architect:effect architect-companion:pending documenter:pending");
    expect(sentBack.run.steps[0]?.revision).toEqual({ previous: output("design 0.79"), feedback: "rated 0.79", comments: [] });
    expect(stateOf(sentBack)).toMatchObject({ reworks: 1, ratings: [{ passed: false }] });
  });

  it("comments on the first round force one rework, whatever the rating; later ones do not", () => {
    const run = round(begin(), 1, [{ body: "name it better" }]);
    expect(run.run.steps[0]).toMatchObject({ attempt: 2, revision: { comments: [{ body: "name it better" }] } });
    round(run, 1, [{ body: "still" }]);
    expect(run.glance).toBe("architect:done architect-companion:done documenter:effect");
  });

  it("an assessment without comments is as good as one with none", () => {
    const run = begin();
    run.works(finished("design", untouched));
    says(run, "grade", valid({ rating: 0.9, summary: "good" }));
    expect(run.run.cursor).toBe(2);
  });

  it("after three reworks it asks a person, bound to the work it grades", () => {
    const run = begin();
    for (const rating of [0.3, 0.4, 0.1, 0.2]) round(run, rating);
    expect(openWait(run.run)).toMatchObject({ on: "cap", subject: "design 0.2", output: output("design 0.2"), options: [], approvers: 1 });
    expect(stateOf(run)).toMatchObject({ reworks: 3, maxReworks: 3, ratings: [0.3, 0.4, 0.1, 0.2].map((rating) => ({ rating })) });
    run.answers({ answer: "extra-round" });
    expect(stateOf(run)).toMatchObject({ reworks: 4, maxReworks: 4 });
    expect(run.run.steps[0]?.revision).toEqual({ previous: output("design 0.2"), feedback: "rated 0.2", comments: [] });
    round(run, 0.1);
    expect(openWait(run.run)?.on).toBe("cap");
    run.answers({ answer: "proceed" });
    expect(run.glance).toBe("architect:done architect-companion:done documenter:effect");
  });

  it("its cap fits the shape of a wait, however long the summary is", () => {
    const run = begin();
    for (let time = 0; time < 4; time += 1) {
      run.works(finished("design", untouched));
      says(run, "grade", valid({ rating: 0, summary: "s".repeat(8000) }));
    }
    expect(openWait(run.run)?.question).toHaveLength(8000);
  });

  it("people approve the work, not the grade, and the changes they ask for are free", () => {
    const run = play(["architect", { kind: "architect-companion", approval: { approvers: 1 } }]);
    round(run, 0.9);
    expect(openWait(run.run)).toMatchObject({ on: "approval", subject: "design 0.9", output: output("design 0.9") });
    run.answers(again);
    expect(run.run.steps[0]?.revision).toEqual({ previous: output("design 0.9"), feedback: "again", comments: [] });
    expect(stateOf(run)).toMatchObject({ reworks: 0 });
  });

  it.each([
    ["of the wrong shape", { is: "invalid", issues: "no rating" }, "no rating"],
    ["that is prose", { is: "none" }, "no assessment"],
    ["that is something else", { is: "valid", value: { rating: 7 } }, "no assessment"],
  ] as const)("an assessment %s fails the run, never passes, and is kept as output", (_name, product, words) => {
    const run = begin();
    run.works(finished("design", untouched));
    says(run, "looks fine", { product });
    expect(run.run.phase).toMatchObject({
      failure: { kind: "companion_rejected", code: "answer_invalid", detail: "looks fine", message: expect.stringContaining(words) },
    });
    expect(run.run.steps[1]).toMatchObject({ output: output("looks fine"), model: "model-1" });
  });

  it("grades the nearest earlier step of its kind, gates between them or not", () => {
    const run = play(["architect", "architect", "conflicts", "architect-companion", "architect"]);
    run.works(finished("first", untouched));
    run.works(finished("second", untouched));
    run.returns({
      of: "probe",
      state: {
        state: "merged",
        head: "2".repeat(40),
        baseHead: "b".repeat(40),
        behind: false,
        mergeability: "clean",
        conflicts: [],
        mergedAs: null,
      },
      checks: [],
    });
    says(run, "grade", graded(0));
    expect(run.run.cursor).toBe(1);
  });

  it("a result it did not ask for is no answer, and without a step to grade it says so", () => {
    const run = begin();
    run.works(finished("design", untouched));
    expect(run.returns(finished("x"))).toEqual([]);
    expect(run.again).toBe(true);
    const alone = play(["architect-companion"]);
    expect(refusal(() => says(alone, "grade", graded(0)))).toEqual({ code: "pipeline_invalid", fix: true });
  });

  it("refuses an answer that belongs to another kind of wait", () => {
    const { run, input } = begin();
    const step = run.steps[1];
    if (step === undefined) throw new Error("there is no companion");
    const wait = openWaitOn("cap");
    const context = { run, index: 1, step, input, at: 1 };
    const choose = () => registries.stepKinds.get("companion").answered(context, step.state, wait, { answer: "choose", option: "a" });
    expect(refusal(choose).code).toBe("wait_mismatch");
  });
});

describe("a job whose answer is taken up", () => {
  const work = (product: object) => {
    const run = play(["blueprints"]);
    run.works(finished("map", observed(), product));
    return run;
  };

  it("is finished when that is done, under a key of its own", () => {
    const run = work(valid({ name: "api" }));
    expect(run.key).toBe("run_1/0/1/ingest.2");
    expect(request(run)).toEqual({ do: "call", name: "ingest-blueprint", input: { product: productKey("out/map") } });
    run.returns({ of: "call", name: "ingest-blueprint", value: { modulesAdded: 1 } });
    expect(run.run).toMatchObject({ phase: { is: "done" }, steps: [{ output: output("map") }] });
  });

  it.each([
    ["is prose", { product: { is: "none" } }],
    ["cannot be read", { product: { is: "invalid", issues: "no name" } }],
  ])("an answer that %s is not taken up, and the work that was observed stands", (_name, product) => {
    expect(work(product).run).toMatchObject({ phase: { is: "done" }, pullRequest: { number: 7 }, steps: [{ output: output("map") }] });
  });

  it("other jobs' structured answers are taken up by nobody", () => {
    const run = play(["architect"]);
    run.works(finished("design", untouched, valid({ name: "api" })));
    expect(run.run.phase.is).toBe("done");
  });

  it("a job that failed is a failure whatever its code, also one that an unreadable answer has", () => {
    const run = play(["blueprints"]);
    run.works({ of: "job", outcome: { is: "failed", code: "answer_invalid", message: "boom", detail: null, observed: null } });
    expect(run.run.phase).toMatchObject({ failure: { kind: "job_failed", code: "answer_invalid" } });
  });
});

it("a job out of quota waits for its window, told in words that fit", () => {
  const run = play(["coder"]);
  run.works({ of: "job", outcome: { is: "out-of-quota", resetAt: 9000, message: "m".repeat(5000) } });
  expect(currentStep(run.run).activity).toMatchObject({
    effect: { key: "run_1/0/1/work.2", hold: { because: "quota", until: 9000, message: "m".repeat(2000) } },
  });
});

describe("what a companion remembers of rounds", () => {
  const companion = registries.stepKinds.get("companion");
  const legacy = { rating: 0.1, bar: 0.8, passed: false, summary: "poor", comments: [] };
  function grading(flags: number[]): Play {
    const run = play(["architect", "architect-companion"], { flags });
    run.works(finished("design", untouched));
    return run;
  }
  const grade = (run: Play, body: string) => says(run, "grade", valid({ rating: 0.1, summary: "poor", comments: [{ body }] }));
  const facts = (events: ReturnType<Play["tell"]>) => events.flatMap((event) => (event.type === "fact-recorded" ? [event.fact] : []));

  it("how many findings are new, repeated, and back after they were gone", () => {
    const run = grading([]);
    const seen: unknown[] = [];
    for (const body of ["a", "b", "b", "a"]) {
      seen.push(facts(grade(run, body))[0]?.["compared"]);
      if (openWait(run.run) === null) run.works(finished("design", untouched));
    }
    expect(seen).toEqual([
      { fresh: 1, repeated: 0, reseeded: 0 },
      { fresh: 1, repeated: 0, reseeded: 0 },
      { fresh: 0, repeated: 1, reseeded: 0 },
      { fresh: 0, repeated: 0, reseeded: 1 },
    ]);
  });

  it("the comments of the last one go back with a round that people grant", () => {
    const run = grading([]);
    for (const body of ["a", "b", "c"]) {
      grade(run, body);
      run.works(finished("design", untouched));
    }
    grade(run, "d");
    run.answers({ answer: "extra-round" });
    expect(run.run.steps[0]?.revision).toEqual({ previous: output("design"), feedback: "poor", comments: [{ body: "d" }] });
  });

  it("only the last five can be compared with", () => {
    const { run } = grading([]);
    const rated = { is: "rated", ...legacy, findings: ["0".repeat(16)] };
    const folded = Array.from({ length: 7 }).reduce<StepState>((state) => companion.fold(state, rated), currentStep(run).state);
    const kept = z.object({ ratings: z.array(z.object({ findings: z.array(z.string()).optional() })) }).parse(folded);
    expect(kept.ratings.map(({ findings }) => findings?.length ?? 0)).toEqual([0, 0, 1, 1, 1, 1, 1]);
  });

  it("rounds that are older than fingerprints are compared with nothing, and stop no loop", () => {
    const run = grading([1]);
    const step = currentStep(run.run);
    const state = { ...step.state, reworks: 2, ratings: [legacy, legacy] };
    const context = { run: run.run, index: 1, step, input: run.input, at: 1 };
    const move = companion.onResult(context, state, {
      of: "ask-agent",
      answer: answer("grade", valid({ rating: 0.1, summary: "poor", comments: [{ body: "a" }] })),
    });
    expect(move).toMatchObject({
      to: "rework",
      facts: [{ is: "rated", compared: { fresh: 1, repeated: 0, reseeded: 0 } }, { is: "sent-back" }],
    });
  });

  it("rounds that repeat each other ask a person before the budget is used up, with what is left", () => {
    const run = grading([1]);
    for (let round = 0; round < 2; round += 1) {
      grade(run, "the same");
      run.works(finished("design", untouched));
    }
    grade(run, "the same");
    expect(openWait(run.run)).toMatchObject({ on: "cap", question: expect.stringContaining("stopped with 1 left") as string });
  });
});
