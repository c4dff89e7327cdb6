import type { EffectRequest, HumanAnswer, JsonValue, OutputRef } from "@millrace/contracts";
import { describe, expect, it } from "vitest";
import { answer, definition, finished, output, play, registries, untouched, valid, type Play } from "../../run/decide/decider.fixture.js";
import { currentStep, openWait } from "../../run/model/due.logic.js";

const called = (value: JsonValue) => ({ of: "call", name: "any", value }) as const;
const kept = (text: string): JsonValue => ({ ...output(text) });
const request = (run: Play): EffectRequest | null => {
  const { activity } = currentStep(run.run);
  return activity.is === "effect" ? activity.effect.request : null;
};
const dispatches = (id: string) => {
  const kind = registries.kinds.get(id);
  if (kind === null) throw new Error(`no kind '${id}'`);
  return registries.stepKinds.get(kind.step).dispatches?.(definition(id), kind);
};
const again: HumanAnswer = { answer: "request-changes", revision: { previous: null, feedback: "again", comments: [] } };
const said = { of: "ask-agent", answer: answer("x") } as const;

describe("the deployer", () => {
  it("has an environment provisioned, and its output says by whom", () => {
    const run = play(["deployer"]);
    expect(run.key).toBe("run_1/0/1/provision.1");
    expect(request(run)).toEqual({ do: "call", name: "provision", input: null });
    run.returns(called({ output: kept("preview: ready"), provider: "preview" }));
    expect(run.run).toMatchObject({ phase: { is: "done" }, steps: [{ output: output("preview: ready"), model: "environment:preview" }] });
  });

  it("without a provider nobody made it", () => {
    const run = play(["deployer"]);
    run.returns(called({ output: kept("nothing"), provider: null }));
    expect(run.run.steps[0]).toMatchObject({ output: output("nothing"), model: null });
  });

  it("asks no agent, and provisions anew when people ask for changes", () => {
    expect(dispatches("deployer")).toEqual([]);
    const run = play([{ kind: "deployer", approval: { approvers: 1 } }]);
    run.returns(called({ output: kept("a"), provider: "preview" }));
    run.answers(again);
    expect(run.key).toBe("run_1/0/2/provision.1");
  });

  it("a result that is no call's is no answer", () => {
    const run = play(["deployer"]);
    expect(run.returns(said)).toEqual([]);
    expect(run.again).toBe(true);
  });
});

describe("the tracker", () => {
  const empty: OutputRef = { ...output("nothing"), chars: 0 };
  function behind(steps: readonly string[], made: readonly OutputRef[]): Play {
    const run = play([...steps, "tracker"]);
    for (const one of made) {
      if (request(run)?.do === "start-job") run.works(finished("x", untouched, { output: one }));
      else run.returns({ of: "ask-agent", answer: answer("x", { output: one }) });
    }
    return run;
  }
  const report = (run: Play) => request(run);
  const files = (of: OutputRef | null) => ({ do: "call", name: "file-issue", input: { report: of } });

  it("files the last analysis before it that says something", () => {
    const run = behind(["analysis", "analysis", "researcher"], [output("first"), output("last"), output("other")]);
    expect(run.key).toBe("run_1/3/1/file.1");
    expect(report(run)).toEqual(files(output("last")));
    expect(report(behind(["analysis", "analysis"], [output("first"), empty]))).toEqual(files(output("first")));
    expect(report(behind(["researcher"], [output("other")]))).toEqual(files(null));
    expect(report(play(["tracker", "analysis"]))).toEqual(files(null));
  });

  it("not one that comes after it, or that nobody made yet", () => {
    const after = play(["analysis", "tracker", "analysis"]);
    const tracker = registries.stepKinds.get("tracker");
    const enter = (steps: Play["run"]["steps"], index: number) => {
      const step = steps[index];
      if (step === undefined) throw new Error("no such step");
      return tracker.enter({ run: { ...after.run, steps }, index, step, input: after.input, at: 1 }, { kind: "tracker", notFiled: null });
    };
    const [first, second, third] = after.run.steps;
    if (first === undefined || second === undefined || third === undefined) throw new Error("three steps");
    expect(enter([first, second, { ...third, output: output("later") }], 1)).toMatchObject({ request: files(null) });
  });

  it("its output is what the tracker said", () => {
    const run = play(["tracker"]);
    run.returns(called({ output: kept("T-1"), issue: { externalId: "T-1" } }));
    expect(run.run).toMatchObject({ phase: { is: "done" }, steps: [{ output: output("T-1"), model: null }] });
  });

  it("that is away never fails a run, however much it says about it", () => {
    const run = play(["tracker", "researcher"]);
    run.tell({
      command: "failed",
      at: 1000,
      actor: { type: "system", id: "millrace" },
      key: run.key,
      code: "provider_unavailable",
      message: "m".repeat(4000),
      passing: false,
    });
    expect(run.run.cursor).toBe(1);
    const why = `provider_unavailable: ${"m".repeat(4000)}`.slice(0, 4000);
    expect(run.run.steps[0]?.state).toEqual({ kind: "tracker", notFiled: why });
  });

  it("asks no agent, and files anew when people ask for changes", () => {
    expect(dispatches("tracker")).toEqual([]);
    const run = play([{ kind: "tracker", approval: { approvers: 1 } }]);
    run.returns(called({ output: kept("T-1"), issue: null }));
    run.answers(again);
    expect(run.key).toBe("run_1/0/2/file.1");
  });

  it("a result that is no call's is no answer", () => {
    const run = play(["tracker"]);
    expect(run.returns(said)).toEqual([]);
    expect(run.again).toBe(true);
  });
});

describe("the estimator", () => {
  const estimator = (): Play => play(["task-estimator", "researcher"]);
  const says = (run: Play, text: string, patch = {}) => run.returns({ of: "ask-agent", answer: answer(text, patch) });

  it("gives its run an estimate, each axis within 0 and 1", () => {
    const run = estimator();
    expect(run.key).toBe("run_1/0/1/work.1");
    expect(request(run)).toEqual({ do: "ask-agent", kind: "task-estimator", briefs: [] });
    says(run, "big", valid({ complexity: 1.5, risk: -1, impact: 0.4, rationale: "much to do" }));
    expect(run.run.estimate).toEqual({ complexity: 1, risk: 0, impact: 0.4, rationale: "much to do", model: "model-1", at: 1000 });
    expect(run.run).toMatchObject({ cursor: 1, steps: [{ output: output("big") }, {}] });
  });

  it.each([
    ["prose", { product: { is: "none" } }],
    ["of the wrong shape", { product: { is: "invalid", issues: "no risk" } }],
    ["something else", valid({ complexity: "much" })],
  ] as const)("an answer that is %s is kept as text and estimates nothing", (_name, patch) => {
    const run = estimator();
    const events = says(run, "big", patch);
    expect(events.map(({ type }) => type)).not.toContain("estimate-recorded");
    expect(run.run).toMatchObject({ cursor: 1, estimate: null, steps: [{ output: output("big") }, {}] });
  });

  it("asks a person when its agent does", () => {
    const run = estimator();
    says(run, "?", { question: { question: "which?", options: ["a", "b"] } });
    expect(openWait(run.run)).toMatchObject({ on: "decision", question: "which?" });
    expect(run.run.estimate).toBeNull();
    run.answers({ answer: "choose", option: "a" });
    expect(run.key).toBe("run_1/0/1/work.2");
  });

  it("a result it did not ask for is no answer", () => {
    const run = estimator();
    expect(run.returns(finished("x"))).toEqual([]);
    expect(run.again).toBe(true);
  });
});
