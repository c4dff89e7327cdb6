import type { HumanAnswer, JsonValue, StepState } from "@millrace/contracts";
import { describe, expect, it } from "vitest";
import { agentAnswer, answers, type DeciderSpec, fails, finishedJob, given, outputRef, returns, validProduct } from "../../spec/index.js";
import { balancedPreset, builtInRegistries, stepDefinition, taskBlock } from "../../spec/defaults.js";
import { refusal } from "../../run/decide/decider.fixture.js";
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
const carried = { output: outputRef("findings"), inShort: "1 finding: [high] B" };
const finding = (title: string, severity = "high") => ({ category: "gap", severity, title, detail: `${title}?` });
const findings = (...titles: string[]) => validProduct({ items: titles.map((title) => finding(title)) });
const says = (spec: DeciderSpec, text: string, patch = {}) => spec.when(returns(agentAnswer(text, patch))).events;
const stateOf = (spec: DeciderSpec, index = 0): State => stateSchema.parse(spec.run.steps[index]?.state);
const waitOf = (spec: DeciderSpec) => openWait(spec.run);
const requestOf = (spec: DeciderSpec) => {
  const { activity } = currentStep(spec.run);
  return activity.is === "effect" ? activity.effect.request : null;
};
const answersOf = (...texts: string[]) => called({ is: "answers", texts: texts.map((text) => outputRef(text)), nextId: "rev_2" });
const rows = (spec: DeciderSpec) =>
  spec.changes.flatMap((change) =>
    change.change === "set-review-status"
      ? [`${change.id}: ${change.from.join("|")} > ${change.status}`]
      : change.change === "insert-review"
        ? [`${change.review.id}: new ${change.review.status}`]
        : [],
  );

const begin = (patch = {}, facts = {}): DeciderSpec => given(["requirements-review", { kind: "researcher" }], { run: patch, input: facts });
function reviewing(): DeciderSpec {
  const spec = begin();
  spec.when(returns(read()));
  return spec;
}
function asking(...titles: string[]): DeciderSpec {
  const spec = reviewing();
  says(spec, "looked", findings(...titles));
  return spec;
}
function collecting(): DeciderSpec {
  const spec = asking("A");
  spec.when(answers({ answer: "incorporate", feedback: "be brief" }));
  return spec;
}
function reworking(): DeciderSpec {
  const spec = collecting();
  spec.when(returns(answersOf("A: yes")));
  return spec;
}
function second(): DeciderSpec {
  const spec = reworking();
  says(spec, "document 1");
  return spec;
}
function exceeded(): DeciderSpec {
  const spec = second();
  says(spec, "looked again", findings("B"));
  return spec;
}

describe("a review", () => {
  it("reads what there is first, then asks its reviewer about the description alone", () => {
    const spec = begin();
    expect(spec.key).toBe("run_1/0/1/read.1");
    expect(requestOf(spec)).toEqual({ do: "call", name: "read-review", input: { kind: "requirements-review" } });
    expect(stateOf(spec)).toEqual({ kind: "review", rework: "requirements-rework", cap: 0, description: null, now: { is: "reading" } });
    spec.when(returns(read()));
    expect(spec.key).toBe("run_1/0/1/review.2");
    expect(requestOf(spec)).toEqual({ do: "ask-agent", kind: "requirements-review", briefs: [], attachments: [] });
    expect(stateOf(spec)).toMatchObject({
      cap: 2,
      description: "d1",
      now: { is: "reviewing", id: "rev_1", iteration: 1, supersedes: null },
    });
  });

  it("without findings is closed without a question, whatever its definition asks for", () => {
    const spec = given([{ kind: "requirements-review", approval: { approvers: 1 } }]);
    spec.when(returns(read()));
    says(spec, "fine", findings());
    expect(spec.run.phase.is).toBe("done");
    expect(stateOf(spec).now).toEqual({ is: "closed" });
    expect(rows(spec)).toEqual(["rev_1: new incorporated"]);
  });

  it("with findings asks people, bound to the findings", () => {
    const spec = asking("A", "B");
    expect(waitOf(spec)).toMatchObject({
      on: "review",
      question:
        "requirements-review has 2 findings: [high] A; [high] B. Iteration 1 of 2. Reply to each or dismiss it, then have the answers folded in; or go on as it is.",
      options: [],
      subject: "looked",
      output: outputRef("looked"),
      approvers: 1,
    });
    expect(rows(spec)).toEqual(["rev_1: new ready"]);
  });

  it("folds answers into a document, and looks at that with everything people said", () => {
    const spec = collecting();
    expect(spec.key).toBe("run_1/0/1/collect.3");
    expect(requestOf(spec)).toEqual({ do: "call", name: "collect-answers", input: { review: "rev_1", feedback: "be brief" } });
    expect(rows(spec)).toEqual(["rev_1: ready > incorporating"]);
    spec.when(returns(answersOf("A: yes")));
    expect(spec.key).toBe("run_1/0/1/rework.4");
    expect(requestOf(spec)).toEqual({
      do: "ask-agent",
      kind: "requirements-rework",
      briefs: [],
      attachments: [{ from: "people", output: outputRef("A: yes") }],
    });
    says(spec, "document 1");
    expect(rows(spec)).toEqual(["rev_1: incorporating > reviewing"]);
    expect(requestOf(spec)).toEqual({
      do: "ask-agent",
      kind: "requirements-review",
      briefs: [{ from: "millrace", text: expect.stringContaining("review the document") as string }],
      attachments: [
        { from: "requirements-rework", output: outputRef("document 1") },
        { from: "people", output: outputRef("A: yes") },
      ],
    });
    says(spec, "fine", findings());
    expect(rows(spec)).toEqual(["rev_1: ready|incorporating|reviewing|exceeded > superseded", "rev_2: new incorporated"]);
    expect(spec.run.cursor).toBe(1);
  });

  it("a document it judged before is what the next round rewrites", () => {
    const spec = exceeded();
    spec.when(answers({ answer: "extra-round" }));
    spec.when(answers({ answer: "incorporate", feedback: "" }));
    spec.when(returns(answersOf("B: no")));
    expect(requestOf(spec)).toMatchObject({
      attachments: [
        { from: "requirements-rework", output: outputRef("document 1") },
        { from: "people", output: outputRef("B: no") },
      ],
    });
  });

  it("a result that does not fit where it stands is no answer", () => {
    const spoken = agentAnswer("x");
    for (const [at, result] of [
      [begin, spoken],
      [reviewing, read()],
      [collecting, spoken],
      [reworking, answersOf("x")],
      [begin, finishedJob("x")],
      [reviewing, finishedJob("x")],
      [collecting, finishedJob("x")],
      [reworking, finishedJob("x")],
    ] as const) {
      const spec = at();
      expect(spec.when(returns(result)).events).toEqual([]);
      expect(spec.pollAgain).toBe(true);
    }
  });

  it("is made for kinds whose document an agent writes; it dispatches both", () => {
    const [reviewer, researcher] = ["clarity-review", "researcher"].map((id) => builtInRegistries.kinds.get(id));
    if (reviewer == null || researcher == null) throw new Error("built-in kinds are missing");
    expect(reviewStep.dispatches?.(stepDefinition("clarity-review"), reviewer)).toEqual(["clarity-review", "clarity-rework"]);
    expect(reviewStep.dispatches?.(stepDefinition("clarity-review"), { ...reviewer, rework: null })).toEqual(["clarity-review"]);
    expect(refusal(() => reviewStep.initial(stepDefinition("researcher"), researcher))).toEqual({ code: "pipeline_invalid", fix: true });
  });
});

describe("what an earlier run left (rule 5)", () => {
  const taken = (patch: { readonly [key: string]: JsonValue }, facts = {}) => {
    const spec = given([{ kind: "requirements-review", approval: { approvers: 1 } }], { input: facts });
    spec.when(returns(read(patch)));
    return spec;
  };

  it("closed, of the same description: it is not made again, and no question is asked", () => {
    const spec = taken({ latest: latest("incorporated") });
    expect(spec.run.phase.is).toBe("done");
    expect(spec.changes.filter(({ change }) => change === "set-review-status")).toEqual([]);
    expect(stateOf(spec).now).toEqual({ is: "closed" });
  });

  it.each([
    ["ready, with rounds left", "ready", 1, "review", "ready"],
    ["ready, and the cap was lowered since", "ready", 3, "review", "ready"],
    ["interrupted", "reviewing", 2, "review", "ready"],
    ["exceeded, at the cap", "exceeded", 2, "cap", "exceeded"],
    ["exceeded, above the cap", "exceeded", 3, "cap", "exceeded"],
    ["exceeded, and the cap was lifted since", "exceeded", 1, "review", "ready"],
  ])("an open one is taken up with its answers: %s", (_name, status, iteration, on, becomes) => {
    const spec = taken({ latest: latest(status, { iteration }), carried });
    expect(waitOf(spec)).toMatchObject({
      on,
      subject: "findings",
      question: expect.stringContaining(`Iteration ${iteration} of 2`) as string,
    });
    expect(rows(spec)).toEqual([`rev_0: ready|incorporating|reviewing|exceeded > ${becomes}`]);
    expect(stateOf(spec)).toMatchObject({ cap: 2, description: "d1", now: { is: "asking", exceeded: on === "cap" } });
    const more = refusal(() => spec.when(answers({ answer: "extra-round" }))).code;
    expect(more).toBe(on === "cap" ? "accepted" : "wait_mismatch");
  });

  it.each([
    ["of another description, open", latest("ready", { isCurrent: false }), null, { id: "rev_0", iteration: 1 }],
    ["of another description, whatever came with it", latest("ready", { isCurrent: false }), carried, { id: "rev_0", iteration: 1 }],
    ["whose findings are gone", latest("ready"), null, { id: "rev_0", iteration: 1 }],
    ["of another description, closed: it stays", latest("incorporated", { isCurrent: false }), null, null],
  ])("is done with, and a new review begins: %s", (_name, left, with_, supersedes) => {
    const spec = taken({ latest: left, carried: with_ });
    expect(stateOf(spec).now).toEqual({ is: "reviewing", id: "rev_1", iteration: 1, document: null, answers: [], supersedes });
    expect(spec.key).toContain("/review.");
  });
});

describe("people", () => {
  it("go on as it is, without another question", () => {
    for (const [at, from] of [
      [() => asking("A"), "rev_1: ready|exceeded > incorporated"],
      [exceeded, "rev_2: ready|exceeded > incorporated"],
    ] as const) {
      const spec = at();
      spec.when(answers({ answer: "proceed" }));
      expect(spec.run.cursor).toBe(1);
      expect(rows(spec)).toEqual([from]);
    }
    const asked = given([{ kind: "requirements-review", approval: { approvers: 1 } }]);
    asked.when(returns(read()));
    says(asked, "looked", findings("A"));
    asked.when(answers({ answer: "proceed" }));
    expect(asked.run.phase.is).toBe("done");
  });

  it("are asked again when a finding is open after all, and told how many", () => {
    const spec = collecting();
    spec.when(returns(called({ is: "open", count: 1 })));
    expect(waitOf(spec)).toMatchObject({
      on: "review",
      question: expect.stringContaining("Iteration 1 of 2. 1 of them still open. Reply to each") as string,
    });
    expect(rows(spec)).toEqual(["rev_1: incorporating|reviewing > ready"]);
    expect(stateOf(spec).now).toMatchObject({ is: "asking", exceeded: false });
  });

  it("who answered nothing that could be folded in close it as it is, without another question", () => {
    const spec = given([{ kind: "requirements-review", approval: { approvers: 1 } }]);
    spec.when(returns(read()));
    says(spec, "looked", findings("A"));
    spec.when(answers({ answer: "incorporate", feedback: "" }));
    spec.when(returns(called({ is: "nothing" })));
    expect(spec.run.phase.is).toBe("done");
    expect(rows(spec)).toEqual(["rev_1: incorporating > incorporated"]);
  });

  it("at the cap grant one more round, go on or reject; below it they need not grant any", () => {
    const spec = exceeded();
    expect(waitOf(spec)).toMatchObject({ on: "cap", question: expect.stringContaining("Iteration 2 of 2: no round is left") as string });
    expect(rows(spec)).toEqual(["rev_1: ready|incorporating|reviewing|exceeded > superseded", "rev_2: new exceeded"]);
    const fold: HumanAnswer = { answer: "incorporate", feedback: "" };
    expect(refusal(() => spec.when(answers(fold)))).toEqual({ code: "wait_mismatch", fix: true });
    spec.when(answers({ answer: "extra-round" }));
    expect(waitOf(spec)).toMatchObject({ on: "review", question: expect.stringContaining("Iteration 2 of 3") as string });
    expect(stateOf(spec)).toMatchObject({ cap: 3, now: { is: "asking", exceeded: false } });
    expect(rows(spec)).toEqual(["rev_2: exceeded > ready"]);
    expect(refusal(() => spec.when(answers({ answer: "extra-round" })))).toEqual({ code: "wait_mismatch", fix: true });
    spec.when(answers(fold));
    expect(stateOf(spec).now.is).toBe("collecting");
  });

  it("are not waited for while it works", () => {
    const spec = asking("A");
    const step = currentStep(spec.run);
    const wait = waitOf(spec);
    if (wait === null) throw new Error("no wait is open");
    const context = { run: spec.run, index: 0, step, input: spec.input, at: 1 };
    const working: StepState = { ...stateOf(spec), now: { is: "reading" } };
    expect(refusal(() => reviewStep.answered(context, working, wait, { answer: "proceed" })).code).toBe("wait_mismatch");
  });

  it("cannot fold answers in when no round is left, whatever their wait was", () => {
    const spec = exceeded();
    const step = currentStep(spec.run);
    const wait = waitOf(spec);
    if (wait === null) throw new Error("no wait is open");
    const context = { run: spec.run, index: 0, step, input: spec.input, at: 1 };
    const fold = () => reviewStep.answered(context, step.state, wait, { answer: "incorporate", feedback: "" });
    expect(refusal(fold)).toEqual({ code: "wait_mismatch", fix: true });
  });

  it("make a document final for the description the review began with, however they do", () => {
    const document = { kind: "requirements-review", output: outputRef("document 1"), description: "d1" };
    const documentSet = { change: "patch-block", workspaceId: "ws_1", id: "blk_1", patch: { document } };
    const clean = second();
    says(clean, "fine", findings());
    expect(clean.changes).toContainEqual(documentSet);
    const asItIs = exceeded();
    asItIs.when(answers({ answer: "proceed" }));
    expect(asItIs.changes).toContainEqual(documentSet);
    const nothingToFold = exceeded();
    nothingToFold.when(answers({ answer: "extra-round" }));
    nothingToFold.when(answers({ answer: "incorporate", feedback: "" }));
    nothingToFold.when(returns(called({ is: "nothing" })));
    expect(nothingToFold.changes).toContainEqual(documentSet);
  });
});

describe("the document that a task has already", () => {
  const finished = (before: string): DeciderSpec => {
    const document = { kind: before, output: outputRef("before"), description: "d1" };
    const spec = given(["clarity-review"], { input: { block: { ...taskBlock, document } } });
    spec.when(returns(read()));
    says(spec, "looked", findings("A"));
    spec.when(answers({ answer: "incorporate", feedback: "" }), returns(answersOf("A: yes")));
    says(spec, "document 1");
    says(spec, "fine", findings());
    return spec;
  };
  const documents = (spec: DeciderSpec) =>
    spec.changes.flatMap((change) =>
      change.change === "patch-block" && change.patch.document != null ? [change.patch.document.kind] : [],
    );

  it("is replaced by one of its own rank or a higher one, and by any where its kind is not registered any more", () => {
    expect(documents(finished("clarity-review"))).toEqual(["clarity-review"]);
    expect(documents(finished("requirements-review"))).toEqual([]);
    expect(documents(finished("a-kind-of-before"))).toEqual(["clarity-review"]);
  });
});

describe("an agent that fails it", () => {
  it.each([
    ["prose", { product: { is: "none" } }, "listed no findings"],
    ["a question", { product: { is: "none" }, question: { question: "which?", options: [] } }, "asked a question instead"],
    ["something else", validProduct({ rating: 1 }), "listed no findings"],
    ["what does not have its shape", { product: { is: "invalid", issues: "no items" } }, "no items"],
  ])("a reviewer that answers %s: an error, never a review without findings (W-35)", (_name, patch, words) => {
    const spec = reviewing();
    says(spec, "looks fine", patch);
    expect(spec.run.phase).toMatchObject({
      failure: { kind: "agent", code: "answer_invalid", detail: "looks fine", message: expect.stringContaining(words) },
    });
    expect(rows(spec)).toEqual([]);
  });

  it.each([
    ["an empty document", "", null, "document_empty", "empty document"],
    ["a blank one", " \n", null, "document_empty", "empty document"],
    ["a question instead", "?", { question: "which?", options: [] }, "document_missing", "which?"],
  ])("a writer that gives %s: people get the findings back", (_name, text, question, code, words) => {
    const spec = reworking();
    says(spec, text, { question });
    expect(spec.run.phase).toMatchObject({ failure: { kind: "agent", code, message: expect.stringContaining(words) } });
    expect(rows(spec)).toEqual(["rev_1: incorporating|reviewing > ready"]);
  });

  it("a call that fails for good gives back what it froze, however long its message", () => {
    for (const [at, given] of [
      [begin, []],
      [reviewing, []],
      [collecting, ["rev_1: incorporating|reviewing > ready"]],
      [reworking, ["rev_1: incorporating|reviewing > ready"]],
      [second, ["rev_1: incorporating|reviewing > ready"]],
    ] as const) {
      const spec = at();
      spec.when(fails(false));
      expect(spec.run.phase.is).toBe("failed");
      expect(rows(spec)).toEqual(given);
    }
    const spec = reworking();
    says(spec, "?", { question: { question: "q".repeat(9000), options: [] } });
    expect(spec.run.phase).toMatchObject({ is: "failed", failure: { code: "document_missing" } });
  });
});

describe("what a review remembers", () => {
  const round = { id: "rev_1", iteration: 1, document: null, output: outputRef("looked"), inShort: "1 finding: [high] A" };
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
    reworked: { is: "reworked", review: "rev_1", document: outputRef("doc"), model: null },
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
  const round = { id: "rev_1", iteration: 1, document: null, output: outputRef("looked"), inShort: "" };
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

  it("a document takes the description's place once it is final, unless a better one of the same description is there", () => {
    const { block } = begin().input;
    const document = { kind: "requirements-review", output: outputRef("doc"), description: "d1" };
    const patch = { change: "patch-block", workspaceId: "ws_1", id: "blk_1", patch: { document } };
    const withDocument: Fact = { ...reviewed, round: { ...round, document: outputRef("doc") } };
    const closed: Fact = { is: "review-closed", review: "rev_1", how: "proceed", document: outputRef("doc"), description: "d1" };
    const set = { change: "set-review-status", workspaceId: "ws_1", id: "rev_1", from: ["ready", "exceeded"], status: "incorporated" };
    expect(changes(withDocument)).toHaveLength(1);
    expect(changes({ ...withDocument, status: "incorporated" }).slice(1)).toEqual([patch]);
    expect(changes({ ...reviewed, status: "incorporated" })).toHaveLength(1);
    expect(changes(closed)).toEqual([set, patch]);
    expect(changes({ ...closed, document: null })).toEqual([set]);
    const clarity = given(["clarity-review"], { input: { block: { ...block, document } } });
    expect(reviewChanges(closed, { run: clarity.run, index: 0, input: clarity.input, at: 7 })).toEqual([set]);
  });
});

it("takes its cap from the preset it begins with", () => {
  const spec = begin({}, { preset: { ...balancedPreset, maxReviewIterations: 1 } });
  spec.when(returns(read()));
  says(spec, "looked", findings("A"));
  expect(waitOf(spec)?.on).toBe("cap");
});
