import type { HumanAnswer, JsonValue, StepState } from "@millrace/contracts";
import { describe, expect, it } from "vitest";
import {
  answer,
  definition,
  finished,
  output,
  play,
  preset,
  refusal,
  registries,
  valid,
  type Play,
} from "../../run/decide/decider.fixture.js";
import { currentStep, openWait } from "../../run/model/due.logic.js";
import { reviewChanges } from "./changes.js";
import { frozen, stateSchema, type Fact, type State } from "./state.js";
import { reviewStep } from "./index.js";

const called = (value: JsonValue) => ({ of: "call", name: "any", value }) as const;
const read = (patch: { readonly [key: string]: JsonValue } = {}) =>
  called({ description: "d1", nextId: "rev_1", latest: null, carried: null, ...patch });
const latest = (status: string, patch: { readonly [key: string]: JsonValue } = {}) => ({
  id: "rev_0",
  iteration: 1,
  status,
  document: null,
  isCurrent: true,
  ...patch,
});
const carried = { output: output("findings"), inShort: "1 finding: [high] B" };
const finding = (title: string, severity = "high") => ({ category: "gap", severity, title, detail: `${title}?` });
const findings = (...titles: string[]) => valid({ items: titles.map((title) => finding(title)) });
const says = (run: Play, text: string, patch = {}) => run.returns({ of: "ask-agent", answer: answer(text, patch) });
const stateOf = (run: Play, index = 0): State => stateSchema.parse(run.run.steps[index]?.state);
const waitOf = (run: Play) => openWait(run.run);
const requestOf = (run: Play) => {
  const { activity } = currentStep(run.run);
  return activity.is === "effect" ? activity.effect.request : null;
};
const answersOf = (...texts: string[]) => called({ is: "answers", texts: texts.map((text) => output(text)), nextId: "rev_2" });
const rows = (run: Play) =>
  run.changes.flatMap((change) =>
    change.change === "set-review-status"
      ? [`${change.id}: ${change.from.join("|")} > ${change.status}`]
      : change.change === "insert-review"
        ? [`${change.review.id}: new ${change.review.status}`]
        : [],
  );

const begin = (patch = {}, facts = {}): Play => play(["requirements-review", { kind: "researcher" }], patch, facts);
function reviewing(): Play {
  const run = begin();
  run.returns(read());
  return run;
}
function asking(...titles: string[]): Play {
  const run = reviewing();
  says(run, "looked", findings(...titles));
  return run;
}
function collecting(): Play {
  const run = asking("A");
  run.answers({ answer: "incorporate", feedback: "be brief" });
  return run;
}
function reworking(): Play {
  const run = collecting();
  run.returns(answersOf("A: yes"));
  return run;
}
function second(): Play {
  const run = reworking();
  says(run, "document 1");
  return run;
}
function exceeded(): Play {
  const run = second();
  says(run, "looked again", findings("B"));
  return run;
}

describe("a review", () => {
  it("reads what there is first, then asks its reviewer about the description alone", () => {
    const run = begin();
    expect(run.key).toBe("run_1/0/1/read.1");
    expect(requestOf(run)).toEqual({ do: "call", name: "read-review", input: { kind: "requirements-review" } });
    expect(stateOf(run)).toEqual({ kind: "review", rework: "requirements-rework", cap: 0, description: null, now: { is: "reading" } });
    run.returns(read());
    expect(run.key).toBe("run_1/0/1/review.2");
    expect(requestOf(run)).toEqual({ do: "ask-agent", kind: "requirements-review", briefs: [], attachments: [] });
    expect(stateOf(run)).toMatchObject({
      cap: 2,
      description: "d1",
      now: { is: "reviewing", id: "rev_1", iteration: 1, supersedes: null },
    });
  });

  it("without findings is settled, and asks nobody, whatever its definition asks for", () => {
    const run = play([{ kind: "requirements-review", approval: { approvers: 1 } }]);
    run.returns(read());
    says(run, "fine", findings());
    expect(run.run.phase.is).toBe("done");
    expect(stateOf(run).now).toEqual({ is: "closed" });
    expect(rows(run)).toEqual(["rev_1: new incorporated"]);
  });

  it("with findings asks people, bound to the findings", () => {
    const run = asking("A", "B");
    expect(waitOf(run)).toMatchObject({
      on: "review",
      question:
        "requirements-review has 2 findings: [high] A; [high] B. Iteration 1 of 2. Reply to each or dismiss it, then have the answers folded in; or go on as it is.",
      options: [],
      subject: "looked",
      output: output("looked"),
      approvers: 1,
    });
    expect(rows(run)).toEqual(["rev_1: new ready"]);
  });

  it("folds answers into a document, and looks at that with everything people said", () => {
    const run = collecting();
    expect(run.key).toBe("run_1/0/1/collect.3");
    expect(requestOf(run)).toEqual({ do: "call", name: "collect-answers", input: { review: "rev_1", feedback: "be brief" } });
    expect(rows(run)).toEqual(["rev_1: ready > incorporating"]);
    run.returns(answersOf("A: yes"));
    expect(run.key).toBe("run_1/0/1/rework.4");
    expect(requestOf(run)).toEqual({
      do: "ask-agent",
      kind: "requirements-rework",
      briefs: [],
      attachments: [{ from: "people", output: output("A: yes") }],
    });
    says(run, "document 1");
    expect(rows(run)).toEqual(["rev_1: incorporating > reviewing"]);
    expect(requestOf(run)).toEqual({
      do: "ask-agent",
      kind: "requirements-review",
      briefs: [{ from: "millrace", text: expect.stringContaining("review the document") as string }],
      attachments: [
        { from: "requirements-rework", output: output("document 1") },
        { from: "people", output: output("A: yes") },
      ],
    });
    says(run, "fine", findings());
    expect(rows(run)).toEqual(["rev_1: ready|incorporating|reviewing|exceeded > superseded", "rev_2: new incorporated"]);
    expect(run.run.cursor).toBe(1);
  });

  it("a document it judged before is what the next round rewrites", () => {
    const run = exceeded();
    run.answers({ answer: "extra-round" });
    run.answers({ answer: "incorporate", feedback: "" });
    run.returns(answersOf("B: no"));
    expect(requestOf(run)).toMatchObject({
      attachments: [
        { from: "requirements-rework", output: output("document 1") },
        { from: "people", output: output("B: no") },
      ],
    });
  });

  it("a result that does not fit where it stands is no answer", () => {
    const spoken = { of: "ask-agent", answer: answer("x") } as const;
    for (const [at, result] of [
      [begin, spoken],
      [reviewing, read()],
      [collecting, spoken],
      [reworking, answersOf("x")],
      [begin, finished("x")],
      [reviewing, finished("x")],
      [collecting, finished("x")],
      [reworking, finished("x")],
    ] as const) {
      const run = at();
      expect(run.returns(result)).toEqual([]);
      expect(run.again).toBe(true);
    }
  });

  it("is made for kinds whose document somebody writes; it dispatches both", () => {
    const [reviewer, researcher] = ["clarity-review", "researcher"].map((id) => registries.kinds.get(id));
    if (reviewer == null || researcher == null) throw new Error("built-in kinds are missing");
    expect(reviewStep.dispatches?.(definition("clarity-review"), reviewer)).toEqual(["clarity-review", "clarity-rework"]);
    expect(refusal(() => reviewStep.initial(definition("researcher"), researcher))).toEqual({ code: "pipeline_invalid", fix: true });
  });
});

describe("what an earlier run left (rule 5)", () => {
  const taken = (patch: { readonly [key: string]: JsonValue }, facts = {}) => {
    const run = play([{ kind: "requirements-review", approval: { approvers: 1 } }], {}, facts);
    run.returns(read(patch));
    return run;
  };

  it("settled, of the same description: it is not made again, and nobody is asked", () => {
    const run = taken({ latest: latest("incorporated") });
    expect(run.run.phase.is).toBe("done");
    expect(run.changes.filter(({ change }) => change === "set-review-status")).toEqual([]);
    expect(stateOf(run).now).toEqual({ is: "closed" });
  });

  it.each([
    ["ready, with rounds left", "ready", 1, "review", "ready"],
    ["ready, and the cap was lowered since", "ready", 3, "review", "ready"],
    ["interrupted", "reviewing", 2, "review", "ready"],
    ["exceeded, at the cap", "exceeded", 2, "cap", "exceeded"],
    ["exceeded, above the cap", "exceeded", 3, "cap", "exceeded"],
    ["exceeded, and the cap was lifted since", "exceeded", 1, "review", "ready"],
  ])("unsettled is taken up with its answers: %s", (_name, status, iteration, on, becomes) => {
    const run = taken({ latest: latest(status, { iteration }), carried });
    expect(waitOf(run)).toMatchObject({
      on,
      subject: "findings",
      question: expect.stringContaining(`Iteration ${iteration} of 2`) as string,
    });
    expect(rows(run)).toEqual([`rev_0: ready|incorporating|reviewing|exceeded > ${becomes}`]);
    expect(stateOf(run)).toMatchObject({ cap: 2, description: "d1", now: { is: "asking", exceeded: on === "cap" } });
    const more = refusal(() => run.answers({ answer: "extra-round" })).code;
    expect(more).toBe(on === "cap" ? "accepted" : "wait_mismatch");
  });

  it.each([
    ["of another description, unsettled", latest("ready", { isCurrent: false }), null, { id: "rev_0", iteration: 1 }],
    ["of another description, whatever came with it", latest("ready", { isCurrent: false }), carried, { id: "rev_0", iteration: 1 }],
    ["whose findings are gone", latest("ready"), null, { id: "rev_0", iteration: 1 }],
    ["of another description, settled: it stays", latest("incorporated", { isCurrent: false }), null, null],
  ])("is done with, and a new review begins: %s", (_name, left, with_, supersedes) => {
    const run = taken({ latest: left, carried: with_ });
    expect(stateOf(run).now).toEqual({ is: "reviewing", id: "rev_1", iteration: 1, document: null, answers: [], supersedes });
    expect(run.key).toContain("/review.");
  });
});

describe("people", () => {
  it("go on as it is, without another question", () => {
    for (const [at, from] of [
      [() => asking("A"), "rev_1: ready|exceeded > incorporated"],
      [exceeded, "rev_2: ready|exceeded > incorporated"],
    ] as const) {
      const run = at();
      run.answers({ answer: "proceed" });
      expect(run.run.cursor).toBe(1);
      expect(rows(run)).toEqual([from]);
    }
    const asked = play([{ kind: "requirements-review", approval: { approvers: 1 } }]);
    asked.returns(read());
    says(asked, "looked", findings("A"));
    asked.answers({ answer: "proceed" });
    expect(asked.run.phase.is).toBe("done");
  });

  it("are asked again when a finding is open after all, and told how many", () => {
    const run = collecting();
    run.returns(called({ is: "open", count: 1 }));
    expect(waitOf(run)).toMatchObject({
      on: "review",
      question: expect.stringContaining("Iteration 1 of 2. 1 of them still open. Reply to each") as string,
    });
    expect(rows(run)).toEqual(["rev_1: incorporating|reviewing > ready"]);
    expect(stateOf(run).now).toMatchObject({ is: "asking", exceeded: false });
  });

  it("who answered nothing that could be folded in settle it as it is, without another question", () => {
    const run = play([{ kind: "requirements-review", approval: { approvers: 1 } }]);
    run.returns(read());
    says(run, "looked", findings("A"));
    run.answers({ answer: "incorporate", feedback: "" });
    run.returns(called({ is: "nothing" }));
    expect(run.run.phase.is).toBe("done");
    expect(rows(run)).toEqual(["rev_1: incorporating > incorporated"]);
  });

  it("at the cap grant one more round, go on or reject; below it they need not grant any", () => {
    const run = exceeded();
    expect(waitOf(run)).toMatchObject({ on: "cap", question: expect.stringContaining("Iteration 2 of 2: no round is left") as string });
    expect(rows(run)).toEqual(["rev_1: ready|incorporating|reviewing|exceeded > superseded", "rev_2: new exceeded"]);
    const fold: HumanAnswer = { answer: "incorporate", feedback: "" };
    expect(refusal(() => run.answers(fold))).toEqual({ code: "wait_mismatch", fix: true });
    run.answers({ answer: "extra-round" });
    expect(waitOf(run)).toMatchObject({ on: "review", question: expect.stringContaining("Iteration 2 of 3") as string });
    expect(stateOf(run)).toMatchObject({ cap: 3, now: { is: "asking", exceeded: false } });
    expect(rows(run)).toEqual(["rev_2: exceeded > ready"]);
    expect(refusal(() => run.answers({ answer: "extra-round" }))).toEqual({ code: "wait_mismatch", fix: true });
    run.answers(fold);
    expect(stateOf(run).now.is).toBe("collecting");
  });

  it("are not waited for while it works", () => {
    const run = asking("A");
    const step = currentStep(run.run);
    const wait = waitOf(run);
    if (wait === null) throw new Error("nobody is asked");
    const context = { run: run.run, index: 0, step, input: run.input, at: 1 };
    const working: StepState = { ...stateOf(run), now: { is: "reading" } };
    expect(refusal(() => reviewStep.answered(context, working, wait, { answer: "proceed" })).code).toBe("wait_mismatch");
  });

  it("cannot fold answers in when no round is left, whatever their wait was", () => {
    const run = exceeded();
    const step = currentStep(run.run);
    const wait = waitOf(run);
    if (wait === null) throw new Error("nobody is asked");
    const context = { run: run.run, index: 0, step, input: run.input, at: 1 };
    const fold = () => reviewStep.answered(context, step.state, wait, { answer: "incorporate", feedback: "" });
    expect(refusal(fold)).toEqual({ code: "wait_mismatch", fix: true });
  });

  it("settle a document for the description the review began with, however they do", () => {
    const document = { kind: "requirements-review", output: output("document 1"), description: "d1" };
    const settled = { change: "patch-block", workspaceId: "ws_1", id: "blk_1", patch: { document } };
    const clean = second();
    says(clean, "fine", findings());
    expect(clean.changes).toContainEqual(settled);
    const asItIs = exceeded();
    asItIs.answers({ answer: "proceed" });
    expect(asItIs.changes).toContainEqual(settled);
    const nothingToFold = exceeded();
    nothingToFold.answers({ answer: "extra-round" });
    nothingToFold.answers({ answer: "incorporate", feedback: "" });
    nothingToFold.returns(called({ is: "nothing" }));
    expect(nothingToFold.changes).toContainEqual(settled);
  });
});

describe("an agent that fails it", () => {
  it.each([
    ["prose", { product: { is: "none" } }, "listed no findings"],
    ["a question", { product: { is: "none" }, question: { question: "which?", options: [] } }, "asked a question instead"],
    ["something else", valid({ rating: 1 }), "listed no findings"],
    ["what does not have its shape", { product: { is: "invalid", issues: "no items" } }, "no items"],
  ])("a reviewer that answers %s: an error, never a review without findings (W-35)", (_name, patch, words) => {
    const run = reviewing();
    says(run, "looks fine", patch);
    expect(run.run.phase).toMatchObject({
      failure: { kind: "agent", code: "answer_invalid", detail: "looks fine", message: expect.stringContaining(words) },
    });
    expect(rows(run)).toEqual([]);
  });

  it.each([
    ["an empty document", "", null, "document_empty", "empty document"],
    ["a blank one", " \n", null, "document_empty", "empty document"],
    ["a question instead", "?", { question: "which?", options: [] }, "document_missing", "which?"],
  ])("a writer that gives %s: people get the findings back", (_name, text, question, code, words) => {
    const run = reworking();
    says(run, text, { question });
    expect(run.run.phase).toMatchObject({ failure: { kind: "agent", code, message: expect.stringContaining(words) } });
    expect(rows(run)).toEqual(["rev_1: incorporating|reviewing > ready"]);
  });

  it("a call that fails for good gives back what it froze, however long its message", () => {
    for (const [at, given] of [
      [begin, []],
      [reviewing, []],
      [collecting, ["rev_1: incorporating|reviewing > ready"]],
      [reworking, ["rev_1: incorporating|reviewing > ready"]],
      [second, ["rev_1: incorporating|reviewing > ready"]],
    ] as const) {
      const run = at();
      run.fails(false);
      expect(run.run.phase.is).toBe("failed");
      expect(rows(run)).toEqual(given);
    }
    const run = reworking();
    says(run, "?", { question: { question: "q".repeat(9000), options: [] } });
    expect(run.run.phase).toMatchObject({ is: "failed", failure: { code: "document_missing" } });
  });
});

describe("what a review remembers", () => {
  const round = { id: "rev_1", iteration: 1, document: null, output: output("looked"), inShort: "1 finding: [high] A" };
  const state = (now: State["now"]): State => ({
    kind: "review",
    rework: "requirements-rework",
    cap: 2,
    description: "d1",
    now,
  });
  const nows: Readonly<Record<"reading" | "asking" | "collecting" | "reworking", State["now"]>> = {
    reading: { is: "reading" },
    asking: { is: "asking", round, exceeded: false },
    collecting: { is: "collecting", round, feedback: "" },
    reworking: { is: "reworking", round, answers: [], nextId: "rev_2" },
  };
  const facts = {
    incorporating: { is: "incorporating", review: "rev_1", feedback: "" },
    collected: { is: "answers-collected", texts: [], next: "rev_2" },
    reopened: { is: "review-reopened", review: "rev_1", because: "open" },
    reworked: { is: "reworked", review: "rev_1", document: output("doc"), model: null },
  } as const;
  const fits: Readonly<Record<keyof typeof nows, readonly (keyof typeof facts)[]>> = {
    reading: [],
    asking: ["incorporating"],
    collecting: ["collected", "reopened"],
    reworking: ["reworked"],
  };

  it("a fact of the cycle that does not fit where it stands changes nothing", () => {
    for (const now of ["reading", "asking", "collecting", "reworking"] as const)
      for (const fact of ["incorporating", "collected", "reopened", "reworked"] as const) {
        const before = state(nows[now]);
        const after = reviewStep.fold(before, facts[fact]);
        expect([now, fact, after.kind, JSON.stringify(after) !== JSON.stringify(before)]).toEqual([
          now,
          fact,
          "review",
          fits[now].includes(fact),
        ]);
      }
  });

  it("a granted round is one more, wherever it stands", () => {
    const granted = { is: "round-granted", review: "rev_1" };
    expect(reviewStep.fold(state(nows.reading), granted)).toEqual({ ...state(nows.reading), cap: 3 });
    expect(reviewStep.fold(state({ is: "asking", round, exceeded: true }), granted)).toEqual({ ...state(nows.asking), cap: 3 });
  });

  it("findings are frozen while the engine works on them, and not in the first pass", () => {
    const pass = { is: "reviewing" as const, id: "rev_2", document: null, answers: [] };
    const supersedes = { id: "rev_1", iteration: 1 };
    expect(Object.values(nows).map(frozen)).toEqual([null, null, "rev_1", "rev_1"]);
    expect(frozen({ ...pass, iteration: 1, supersedes })).toBeNull();
    expect(frozen({ ...pass, iteration: 2, supersedes })).toBe("rev_1");
    expect(frozen({ ...pass, iteration: 2, supersedes: null })).toBeNull();
    expect(frozen({ is: "closed" })).toBeNull();
  });
});

describe("the rows a fact writes", () => {
  const round = { id: "rev_1", iteration: 1, document: null, output: output("looked"), inShort: "" };
  const reviewed: Fact = {
    is: "reviewed",
    round,
    status: "ready",
    description: "d1",
    model: null,
    findings: [{ category: "gap", severity: "high", title: "A", detail: "A?" }],
    supersedes: null,
  };
  const changes = (fact: Fact, input = {}) => {
    const { run, input: known } = begin({}, input);
    return reviewChanges(fact, { run, index: 0, input: known, at: 7 });
  };

  it("none for what only the step itself remembers", () => {
    expect(changes({ is: "closed-before", review: "rev_1" })).toEqual([]);
    expect(changes({ is: "review-begun", next: "rev_1", description: "d1", cap: 2, supersedes: null })).toEqual([]);
    expect(changes({ is: "answers-collected", texts: [], next: "rev_2" })).toEqual([]);
  });

  it("a review with its findings, each open and without a reply", () => {
    expect(changes(reviewed)).toEqual([
      {
        change: "insert-review",
        review: {
          id: "rev_1",
          workspaceId: "ws_1",
          blockId: "blk_1",
          runId: "run_1",
          kind: "requirements-review",
          iteration: 1,
          status: "ready",
          document: null,
          description: "d1",
          model: null,
          createdAt: 7,
        },
        items: [
          {
            id: "f1",
            workspaceId: "ws_1",
            reviewId: "rev_1",
            position: 0,
            category: "gap",
            severity: "high",
            title: "A",
            detail: "A?",
            status: "open",
            reply: null,
          },
        ],
      },
    ]);
  });

  it("a document takes the description's place once it is settled, unless a better one of the same description is there", () => {
    const { block } = begin().input;
    const document = { kind: "requirements-review", output: output("doc"), description: "d1" };
    const patch = { change: "patch-block", workspaceId: "ws_1", id: "blk_1", patch: { document } };
    const withDocument: Fact = { ...reviewed, round: { ...round, document: output("doc") } };
    const settled: Fact = { is: "review-closed", review: "rev_1", how: "proceed", document: output("doc"), description: "d1" };
    const set = { change: "set-review-status", workspaceId: "ws_1", id: "rev_1", from: ["ready", "exceeded"], status: "incorporated" };
    expect(changes(withDocument)).toHaveLength(1);
    expect(changes({ ...withDocument, status: "incorporated" }).slice(1)).toEqual([patch]);
    expect(changes({ ...reviewed, status: "incorporated" })).toHaveLength(1);
    expect(changes(settled)).toEqual([set, patch]);
    expect(changes({ ...settled, document: null })).toEqual([set]);
    const clarity = play(["clarity-review"], {}, { block: { ...block, document } });
    expect(reviewChanges(settled, { run: clarity.run, index: 0, input: clarity.input, at: 7 })).toEqual([set]);
  });
});

it("takes its cap from the preset it begins with", () => {
  const run = begin({}, { preset: { ...preset, maxReviewIterations: 1 } });
  run.returns(read());
  says(run, "looked", findings("A"));
  expect(waitOf(run)?.on).toBe("cap");
});
