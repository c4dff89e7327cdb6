import type { Consensus, EffectRequest, StepState, Step, stepDefinitionSchema, StepFact } from "@millrace/contracts";
import type { Change } from "@millrace/kernel";
import { describe, expect, it } from "vitest";
import { z } from "zod";
import { agentAnswer, answers, type DeciderSpec, finishedJob, given, outputRef, returns, validProduct } from "../../spec/index.js";
import { builtInRegistries, decisionInput, newRun, stepDefinition } from "../../spec/defaults.js";
import { refusal } from "../../run/decide/decider.fixture.js";
import { currentStep } from "../../run/model/due.logic.js";
import { defineStepKind, type FactContext, type Move, type StepContext, type StepKind } from "../../run/model/step-kind.js";
import { createConsensusStep } from "./index.js";
import { inlineStep } from "../inline/index.js";

const participants = [
  { id: "cautious", role: "You fear outages." },
  { id: "bold", role: "You want it shipped.", model: "model-b" },
];
type PanelInput = Partial<NonNullable<z.input<typeof stepDefinitionSchema>["consensus"]>>;
const panelOf = (patch: PanelInput = {}, kind = "researcher") =>
  stepDefinition({ kind, consensus: { strategy: "panel", participants, ...patch } });
const says = (spec: DeciderSpec, text: string, patch = {}) => spec.when(returns(agentAnswer(text, patch))).events;
const requestOf = (spec: DeciderSpec) => {
  const { activity } = currentStep(spec.run);
  return activity.is === "effect" ? activity.effect.request : null;
};
const panel = (spec: DeciderSpec) => z.object({ panel: z.unknown() }).parse(spec.run.steps[0]?.state).panel;
const agreement = (spec: DeciderSpec, text: string, patch = {}) => says(spec, text, patch).find((event) => event.type === "fact-recorded");

describe("a panel", () => {
  it("drafts one voice at a time, in prose, each under its own key and with its own role and model", () => {
    const spec = given([panelOf()]);
    expect(spec.key).toBe("run_1/0/1/panel.cautious.1");
    expect(requestOf(spec)).toEqual({
      do: "ask-agent",
      kind: "researcher",
      briefs: [],
      attachments: [],
      participant: { id: "cautious", role: "You fear outages.", model: null, answers: "prose" },
    });
    says(spec, "wait");
    expect(spec.key).toBe("run_1/0/1/panel.bold.2");
    expect(requestOf(spec)).toMatchObject({ attachments: [], participant: { id: "bold", model: "model-b", answers: "prose" } });
  });

  it("shows the drafts without names to whoever makes one answer of them, and that is the step's", () => {
    const spec = given([panelOf()]);
    says(spec, "wait");
    says(spec, "ship");
    expect(requestOf(spec)).toMatchObject({
      attachments: [
        { from: "Expert A (draft 1)", output: outputRef("wait") },
        { from: "Expert B (draft 2)", output: outputRef("ship") },
      ],
      participant: { id: "synthesizer", model: null, answers: "kind" },
    });
    const agreed = agreement(spec, "ship on Monday");
    expect(agreed).toMatchObject({ fact: { is: "panel-agreed", on: "out/ship on Monday", confidence: null, isClose: false } });
    expect(spec.run).toMatchObject({
      phase: { is: "done" },
      steps: [{ output: outputRef("ship on Monday"), model: "consensus:panel:model-1" }],
    });
    expect(panel(spec)).toBeNull();
  });

  it("names an unknown model as such, and asks nobody anything: its question is no question", () => {
    const spec = given([panelOf()]);
    says(spec, "wait");
    says(spec, "ship");
    says(spec, "which?", { model: null, question: { question: "which?", options: [] } });
    expect(spec.run).toMatchObject({ phase: { is: "done" }, steps: [{ model: "consensus:panel:unknown" }] });
  });

  it("a participant that is called like the one who makes the answer is one of many", () => {
    const spec = given([
      panelOf({
        participants: [
          { id: "synthesizer", role: "a name" },
          { id: "bold", role: "another" },
        ],
      }),
    ]);
    says(spec, "wait");
    expect(requestOf(spec)).toMatchObject({ participant: { id: "bold" } });
  });

  it("begins with nothing said, and remembers drafts in the order of its participants", () => {
    const spec = given([panelOf({ strategy: "debate" })]);
    expect(panel(spec)).toEqual({ request: { do: "ask-agent", kind: "researcher", briefs: [] }, drafts: [], ballots: [] });
    for (const text of ["a1", "b1", "a2", "b2"]) says(spec, text);
    expect(panel(spec)).toMatchObject({
      drafts: [
        { participant: "cautious", round: 1, output: outputRef("a2") },
        { participant: "bold", round: 1, output: outputRef("b2") },
      ],
    });
  });

  it("debates in prose for as many rounds as it has, drafts included, and shows everybody what all said last", () => {
    const spec = given([panelOf({ strategy: "debate", rounds: 3 })]);
    const heard: unknown[] = [];
    for (let voice = 0; voice < 6; voice += 1) {
      const request = requestOf(spec);
      if (request?.do !== "ask-agent") throw new Error("nobody is asked");
      heard.push([request.participant?.id, request.participant?.answers, request.attachments?.map((one) => one.output.digest)]);
      says(spec, `${voice}`);
    }
    expect(heard).toEqual([
      ["cautious", "prose", []],
      ["bold", "prose", []],
      ["cautious", "prose", ["0", "1"]],
      ["bold", "prose", ["2", "1"]],
      ["cautious", "prose", ["2", "3"]],
      ["bold", "prose", ["4", "3"]],
    ]);
    expect(requestOf(spec)).toMatchObject({ participant: { id: "synthesizer" } });
    says(spec, "agreed");
    expect(currentStep(spec.run).model).toBe("consensus:debate:model-1");
  });

  it("of a job answers as its job would", () => {
    const spec = given([panelOf({}, "architect")]);
    expect(requestOf(spec)).toMatchObject({ do: "ask-agent", kind: "architect", attachments: [], participant: { id: "cautious" } });
    for (const text of ["a", "b", "design"]) says(spec, text);
    expect(spec.run).toMatchObject({ phase: { is: "done" }, steps: [{ output: outputRef("design") }] });
  });

  it("ignores a result that is no voice's", () => {
    const spec = given([panelOf()]);
    expect(spec.when(returns(finishedJob("x"))).events).toEqual([]);
    expect(spec.again).toBe(true);
  });
});

describe("a vote", () => {
  const estimate = (complexity: number) => validProduct({ complexity, risk: 0, impact: 0 });
  const scores = (...values: number[]) => validProduct({ scores: values.map((value, index) => ({ draft: index + 1, value })) });
  function drafted(first = estimate(0.1), second = estimate(0.9)): DeciderSpec {
    const spec = given([panelOf({ strategy: "voting" }, "task-estimator")]);
    expect(requestOf(spec)).toMatchObject({ participant: { id: "cautious", answers: "kind" } });
    says(spec, "small", first);
    says(spec, "big", second);
    return spec;
  }

  it("everybody answers as the kind does, then scores all drafts", () => {
    const spec = drafted();
    expect(requestOf(spec)).toMatchObject({
      attachments: [{ output: outputRef("small") }, { output: outputRef("big") }],
      participant: { id: "cautious", answers: "scores" },
    });
    says(spec, "votes", scores(0.2, 0.8));
    expect(requestOf(spec)).toMatchObject({ participant: { id: "bold", answers: "scores", model: "model-b" } });
  });

  it("the winning draft is the answer, structured as it was, under its author's model", () => {
    const spec = drafted(estimate(0.1), { ...estimate(0.9), model: "model-b" });
    says(spec, "votes", scores(0.2, 0.8));
    const events = says(spec, "votes", scores(0.4, 0.6));
    expect(events.flatMap((event) => (event.type === "fact-recorded" ? [event.fact] : []))).toEqual([
      {
        is: "panel-ballot",
        participant: "bold",
        scores: [
          { draft: 1, value: 0.4 },
          { draft: 2, value: 0.6 },
        ],
      },
      { is: "panel-agreed", on: "out/big", confidence: 0.7, isClose: false },
    ]);
    expect(spec.run).toMatchObject({
      estimate: { complexity: 0.9, model: "consensus:voting:model-b" },
      steps: [{ output: outputRef("big"), model: "consensus:voting:model-b" }],
    });
  });

  it("a draft that could not be read wins as text alone", () => {
    const spec = drafted({ product: { is: "invalid", issues: "no numbers" } });
    expect(panel(spec)).toMatchObject({ drafts: [{ product: null }, { product: { complexity: 0.9 } }] });
    says(spec, "votes", scores(0.9, 0.1));
    says(spec, "votes", scores(0.9, 0.1));
    expect(spec.run).toMatchObject({ phase: { is: "done" }, estimate: null, steps: [{ output: outputRef("small") }] });
  });

  it.each([
    ["is prose", { product: { is: "none" } }],
    ["has no such shape", validProduct({ scores: "all good" })],
  ] as const)("a ballot that %s votes for nobody", (_name, ballot) => {
    const spec = drafted();
    const [fact] = says(spec, "votes", ballot);
    expect(fact).toMatchObject({ fact: { is: "panel-ballot", participant: "cautious", scores: [] } });
    says(spec, "votes", scores(0, 0.5));
    expect(currentStep(spec.run).output).toEqual(outputRef("big"));
  });
});

describe("whether it is worth a panel", () => {
  const estimated = (risk: number) => ({ complexity: 0, risk, impact: 0, rationale: "", model: null, at: 1 });
  const asked = (gating: NonNullable<PanelInput["gating"]>, risk: number | null) =>
    given([panelOf({ gating })], { run: { estimate: risk === null ? null : estimated(risk) } }).key;

  it("goes by the run's estimate", () => {
    expect(asked({ minRisk: 0.5 }, 0.5)).toContain("panel.cautious");
    expect(asked({ minRisk: 0.5 }, 0.4)).toContain("work");
  });

  it("one agent below the bar is heard, asked and answered as if there were no panel", () => {
    const spec = given([panelOf({ gating: { minRisk: 0.5 } })], { run: { estimate: estimated(0) } });
    says(spec, "?", { question: { question: "which?", options: ["a", "b"] } });
    spec.when(answers({ answer: "choose", option: "a" }));
    expect(spec.key).toBe("run_1/0/1/work.2");
    says(spec, "a it is");
    expect(spec.run).toMatchObject({ phase: { is: "done" }, steps: [{ output: outputRef("a it is"), model: "model-1" }] });
  });

  it("and without one by what its definition says of that", () => {
    expect(asked({ minRisk: 0.5, onMissingEstimate: "consensus" }, null)).toContain("panel.cautious");
    expect(asked({ minRisk: 0.5, onMissingEstimate: "standard" }, null)).toContain("work");
  });
});

/** A wrapped kind that does as it is told, and leaves out whatever a kind may leave out. */
function wrapped(move: Move, more: Partial<StepKind> = {}): { readonly kind: StepKind; readonly state: StepState } {
  const bare: StepKind = {
    name: "bare",
    state: z.looseObject({ kind: z.string() }),
    fact: z.looseObject({ is: z.string() }),
    initial: () => ({ kind: "bare" }),
    fold: (state) => state,
    enter: () => move,
    onResult: () => move,
    answered: () => move,
    ...more,
  };
  return { kind: createConsensusStep([defineStepKind(bare)]), state: { kind: "consensus", inner: { kind: "bare" }, panel: null } };
}
function contextOf(consensus: Consensus | null = panelOf().consensus, state: StepState | null = null): StepContext {
  const run = newRun(["researcher"]);
  const [first] = run.steps;
  if (first === undefined) throw new Error("a run without steps");
  const step: Step = { ...first, definition: { ...first.definition, consensus }, state: state ?? first.state };
  return { run: { ...run, steps: [step] }, index: 0, step, input: decisionInput(), at: 1 };
}
const effect = (request: EffectRequest, facts: readonly StepFact[] | null = null): Move => ({
  ...(facts === null ? {} : { facts }),
  to: "effect",
  phase: "work",
  request,
});
const own: EffectRequest = { do: "ask-agent", kind: "researcher", briefs: [{ from: "a gate", text: "it is red" }] };

describe("in front of another kind", () => {
  it("only its question to its own agent goes to the panel", () => {
    const others: readonly EffectRequest[] = [
      { do: "ask-agent", kind: "requirements-rework", briefs: [] },
      { do: "start-job", kind: "fixer", briefs: [] },
      { do: "call", name: "provision", input: { kind: "researcher" } },
    ];
    for (const request of others) {
      const move = effect(request);
      const { kind, state } = wrapped(move);
      expect(kind.enter(contextOf(), state)).toBe(move);
    }
    for (const request of [own, { ...own, do: "start-job" as const }]) {
      const { kind, state } = wrapped(effect(request));
      expect(kind.enter(contextOf(), state)).toMatchObject({ phase: "panel.cautious", request: { do: "ask-agent", briefs: own.briefs } });
    }
  });

  it("a step that has no panel is asked as ever", () => {
    const move = effect(own);
    const { kind, state } = wrapped(move);
    expect(kind.enter(contextOf(null), state)).toBe(move);
  });

  it("what was learnt on the way comes first, then that the panel is asked", () => {
    const asked = { is: "panel-asked", request: own };
    const silent = wrapped(effect(own));
    expect(silent.kind.enter(contextOf(), silent.state).facts).toEqual([asked]);
    const telling = wrapped(effect(own, [{ is: "seen" }]));
    expect(telling.kind.enter(contextOf(), telling.state).facts).toEqual([{ is: "seen" }, asked]);
  });

  it("attachments of its question are shown to every voice, before the drafts", () => {
    const attachments = [{ from: "people", output: outputRef("said") }];
    const { kind, state } = wrapped(effect({ ...own, attachments }));
    const context = contextOf();
    const first = kind.enter(context, state);
    expect(first).toMatchObject({ request: { attachments } });
    const contribution = { is: "panel-contribution", round: 0, model: null, product: null };
    let now = kind.fold(state, { is: "panel-asked", request: { ...own, attachments } });
    now = kind.fold(now, { ...contribution, participant: "cautious", output: outputRef("wait") });
    const last = kind.onResult(context, now, agentAnswer("ship"));
    expect(last).toMatchObject({
      request: {
        attachments: [...attachments, { output: outputRef("wait") }, { output: outputRef("ship") }],
        participant: { id: "synthesizer" },
      },
    });
  });

  it("what the kind learns from the answer follows the agreement; a kind that learns nothing adds nothing", () => {
    for (const [move, facts] of [
      [{ to: "finish" }, []],
      [{ to: "finish", facts: [{ is: "seen" }] }, [{ is: "seen" }]],
    ] as const) {
      const { kind, state } = wrapped(move);
      const context = contextOf({ strategy: "panel", participants: [], rounds: 2, gating: null });
      const asked = kind.fold(state, { is: "panel-asked", request: own });
      const agreed = { is: "panel-agreed", on: "out/x", confidence: null, isClose: false };
      expect(kind.onResult(context, asked, agentAnswer("x")).facts).toEqual([agreed, ...facts]);
    }
  });

  it("a winner in prose is handed on as prose, a structured one with its structure", () => {
    for (const [product, handed] of [
      [null, { is: "none" }],
      [{ rating: 1 }, { is: "valid", value: { rating: 1 } }],
    ] as const) {
      const seen: unknown[] = [];
      const onResult: StepKind["onResult"] = (_context, _state, result) => {
        seen.push(result.of === "ask-agent" ? result.answer.product : null);
        return { to: "finish" };
      };
      const { kind, state } = wrapped(effect(own), { onResult });
      let now = kind.fold(state, { is: "panel-asked", request: own });
      for (const participant of ["cautious", "bold"])
        now = kind.fold(now, { is: "panel-contribution", participant, round: 0, output: outputRef("x"), model: null, product });
      now = kind.fold(now, { is: "panel-ballot", participant: "cautious", scores: [] });
      kind.onResult(contextOf(panelOf({ strategy: "voting" }).consensus), now, agentAnswer("votes"));
      expect(seen).toEqual([handed]);
    }
  });

  it("facts of a panel that was not asked change nothing, other facts are the kind's own", () => {
    const { kind, state } = wrapped({ to: "finish" }, { fold: (_state, fact) => ({ kind: "bare", saw: fact.is }) });
    const contribution = { is: "panel-contribution", participant: "bold", round: 0, output: outputRef("x"), model: null, product: null };
    expect(kind.fold(state, contribution)).toEqual(state);
    expect(kind.fold(state, { is: "panel-ballot", participant: "bold", scores: [] })).toEqual(state);
    expect(kind.fold(state, { is: "seen" })).toEqual({ ...state, inner: { kind: "bare", saw: "seen" } });
  });

  it("a voice that comes when nobody is left to speak, or no panel is defined, is no answer", () => {
    const { kind, state } = wrapped({ to: "finish" });
    const voice = agentAnswer("late");
    let now = kind.fold(state, { is: "panel-asked", request: own });
    expect(kind.onResult(contextOf(null), now, voice)).toEqual({ to: "again" });
    for (const participant of ["cautious", "bold"]) {
      const output_ = outputRef(participant);
      now = kind.fold(now, { is: "panel-contribution", participant, round: 0, output: output_, model: null, product: null });
      now = kind.fold(now, { is: "panel-ballot", participant, scores: [] });
    }
    expect(kind.onResult(contextOf(panelOf({ strategy: "voting" }).consensus), now, voice)).toEqual({ to: "again" });
  });

  it("a panel of nobody, and one that was asked something else, are refused instead of left waiting", () => {
    const { kind, state } = wrapped(effect(own));
    const nobody: Consensus = { strategy: "voting", participants: [], rounds: 2, gating: null };
    expect(refusal(() => kind.enter(contextOf(nobody), state)).code).toBe("internal");
    const odd = kind.fold(state, { is: "panel-asked", request: { do: "call", name: "provision", input: null } });
    expect(refusal(() => kind.onResult(contextOf(), odd, agentAnswer("x"))).code).toBe("internal");
  });

  it("a failure is the kind's own to judge, and ends the run where it does not", () => {
    const failure = { kind: "agent", code: "model_failed", message: "broken", detail: null } as const;
    const bare = wrapped({ to: "again" });
    expect(bare.kind.failed?.(contextOf(), bare.state, failure)).toEqual({ to: "fail", failure });
    const lenient = wrapped({ to: "again" }, { failed: () => ({ to: "finish" }) });
    expect(lenient.kind.failed?.(contextOf(), lenient.state, failure)).toEqual({ to: "finish" });
  });

  it("the kind's facts mean outside what they mean without a panel; the panel's own mean nothing", () => {
    const unwake: Change = { change: "unwake", workspaceId: "ws_1", runId: "run_1" };
    const telling = wrapped({ to: "again" }, { consequences: () => [unwake] });
    const context = (state: StepState, index = 0): FactContext => ({ ...contextOf(null, state), index });
    const means = ({ kind, state }: typeof telling, fact: StepFact, index = 0, own: StepState = state) =>
      kind.consequences?.(fact, context(own, index));
    expect(means(telling, { is: "seen" })).toEqual([unwake]);
    expect(means(telling, { is: "panel-agreed", on: "x", confidence: null, isClose: false })).toEqual([]);
    expect(means(telling, { is: "seen" }, 0, { kind: "inline" })).toEqual([]);
    expect(means(telling, { is: "seen" }, 7)).toEqual([]);
    expect(means(wrapped({ to: "again" }), { is: "seen" })).toEqual([]);
  });

  it("dispatches whom the kind dispatches, else its own agent", () => {
    const [researcher, tester, tracker] = ["researcher", "tester", "tracker"].map((id) => builtInRegistries.kinds.get(id));
    if (researcher == null || tester == null || tracker == null) throw new Error("built-in kinds are missing");
    const consensus = builtInRegistries.stepKinds.get("consensus");
    expect(consensus.dispatches?.(panelOf(), researcher)).toEqual(["researcher"]);
    expect(consensus.dispatches?.(panelOf(), tester)).toEqual(["tester", "fixer"]);
    expect(consensus.dispatches?.(panelOf(), tracker)).toEqual([]);
    expect(wrapped({ to: "again" }).kind.dispatches?.(panelOf(), researcher)).toEqual(["researcher"]);
    expect(wrapped({ to: "again" }).kind.dispatches?.(panelOf(), { ...researcher, step: "bare" })).toEqual(["researcher"]);
  });

  it("a kind that nobody registered is refused by name", () => {
    const kind = createConsensusStep([inlineStep]);
    const state = { kind: "consensus", inner: { kind: "job" }, panel: null };
    expect(refusal(() => kind.enter(contextOf(), state)).code).toBe("stored_shape_invalid");
    const architect = builtInRegistries.kinds.get("architect");
    if (architect === null) throw new Error("no architect");
    expect(refusal(() => kind.initial(panelOf(), architect)).code).toBe("pipeline_invalid");
  });
});
