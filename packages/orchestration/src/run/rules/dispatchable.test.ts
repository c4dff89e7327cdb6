import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { builtInRegistries, newRun } from "../../spec/defaults.js";
import { createRegistries } from "../../steps/registry.js";
import { bareInlineKinds } from "../decide/decider.fixture.js";
import { createDispatchableRequests, dispatchable } from "./dispatchable.logic.js";

const kindsOf = (run: Parameters<typeof dispatchable>[0]): readonly string[] =>
  dispatchable(run, builtInRegistries).map(({ kind }) => kind);

describe("dispatchable", () => {
  it("a gate can send its helper, a tester itself and its fixer, and only those", () => {
    expect(kindsOf(newRun(["ci"]))).toEqual(["ci-fixer"]);
    expect(kindsOf(newRun(["conflicts"]))).toEqual(["conflict-resolver"]);
    expect(kindsOf(newRun(["coder", "tester"])).toSorted()).toEqual(["coder", "fixer", "tester"]);
  });

  it("what is done or skipped does not count any more", () => {
    const run = newRun(["architect", "coder"]);
    for (const activity of [{ is: "done" }, { is: "skipped", reason: "too small" }] as const) {
      const steps = run.steps.map((step, at) => (at === 0 ? { ...step, activity } : step));
      expect(kindsOf({ steps })).toEqual(["coder"]);
    }
  });

  it("names each agent once, with the model a participant is pinned to beside the one of its kind", () => {
    const participants = [
      { id: "a", role: "careful", model: "model-1" },
      { id: "b", role: "bold", model: "model-2" },
      { id: "c", role: "quick", model: null },
    ];
    const run = newRun([{ kind: "researcher", consensus: { strategy: "panel", participants } }, "researcher"]);
    expect(dispatchable(run, builtInRegistries)).toEqual([
      { kind: "researcher", model: null },
      { kind: "researcher", model: "model-1" },
      { kind: "researcher", model: "model-2" },
    ]);
  });

  it("a panel adds no agent to a step that asks none, unless it pins a model", () => {
    const participants = [
      { id: "a", role: "careful", model: null },
      { id: "b", role: "bold", model: "model-2" },
    ];
    const run = newRun([{ kind: "tracker", consensus: { strategy: "panel", participants } }]);
    expect(dispatchable(run, builtInRegistries)).toEqual([{ kind: "tracker", model: "model-2" }]);
  });

  it("a kind that is not registered any more sends no agent", () => {
    const { steps } = newRun(["researcher", "coder"]);
    const gone = steps.map((step, at) => (at === 0 ? { ...step, definition: { ...step.definition, kind: "wizard" } } : step));
    expect(kindsOf({ steps: gone })).toEqual(["coder"]);
  });

  it("a step kind that says nothing of it sends its own agent", () => {
    const own = { ...builtInRegistries, stepKinds: bareInlineKinds() };
    expect(dispatchable(newRun(["researcher"]), own)).toEqual([{ kind: "researcher", model: null }]);
  });

  it("shrinks as a run goes on: finishing a step never adds an agent", () => {
    const kinds = ["researcher", "coder", "ci", "tester", "conflicts", "merger"];
    fc.assert(
      fc.property(fc.array(fc.constantFrom(...kinds), { minLength: 1, maxLength: 6 }), fc.nat({ max: 6 }), (steps, done) => {
        const run = newRun(steps);
        const later = run.steps.map((step, at) => (at < done ? { ...step, activity: { is: "done" as const } } : step));
        const [before, after] = [kindsOf(run), kindsOf({ steps: later })];
        for (const kind of after) expect(before).toContain(kind);
        expect(after.length === 0).toBe(done >= steps.length);
      }),
    );
  });
});

describe("the requests that steps may make", () => {
  const requestsOf = (...given: Parameters<typeof newRun>) =>
    createDispatchableRequests(builtInRegistries)(newRun(...given).steps).map(({ kind, request }) => [kind, request]);
  const participants = [
    { id: "a", role: "careful" },
    { id: "b", role: "bold" },
  ];

  it("are those that the step kinds of their agents declare, helpers included", () => {
    expect(requestsOf(["researcher", "coder", "ci", "requirements-review", "tester", "merger", "deployer"])).toEqual([
      ["researcher", "ask-agent"],
      ["coder", "start-job"],
      ["ci-fixer", "start-job"],
      ["requirements-review", "ask-agent"],
      ["requirements-rework", "ask-agent"],
      ["tester", "start-job"],
      ["fixer", "start-job"],
      ["merger", "start-job"],
    ]);
  });

  it("a panel asks in calls, and its gating may leave the job to one agent", () => {
    expect(requestsOf([{ kind: "architect", consensus: { strategy: "panel", participants } }])).toEqual([
      ["architect", "start-job"],
      ["architect", "ask-agent"],
    ]);
  });

  it("are those of finished steps too, which a rework starts over; a kind that is not registered any more has none", () => {
    const { steps } = newRun(["researcher", "coder", "researcher"]);
    const [first, second] = steps;
    if (first === undefined || second === undefined) throw new Error("a run of two steps");
    const gone = { ...second, definition: { ...second.definition, kind: "wizard" } };
    const requests = createDispatchableRequests(builtInRegistries)([{ ...first, activity: { is: "done" } }, gone, first]);
    expect(requests).toEqual([{ kind: "researcher", request: "ask-agent" }]);
  });

  it("an agent that its step kind sends but that is not registered, or is never asked, makes none", () => {
    const sends = { ...builtInRegistries.stepKinds.get("inline"), dispatches: () => ["wizard", "tracker", "researcher"] };
    const registries = createRegistries({ stepKinds: [sends] });
    expect(createDispatchableRequests(registries)(newRun(["researcher"], {}, registries).steps)).toEqual([
      { kind: "researcher", request: "ask-agent" },
    ]);
  });
});
