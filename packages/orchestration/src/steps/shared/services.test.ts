import type { EffectRequest, HumanAnswer, JsonValue, OutputRef } from "@millrace/contracts";
import { createAgentKinds } from "@millrace/agents";
import { describe, expect, it } from "vitest";
import {
  agentAnswer,
  answers,
  type DeciderSpec,
  finishedJob,
  given,
  jobReturns,
  outputRef,
  returns,
  sha,
  unchangedWork,
  validProduct,
} from "../../spec/index.js";
import { builtInRegistries, stepDefinition } from "../../spec/defaults.js";
import { currentStep, openWait } from "../../run/model/due.logic.js";

const called = (value: JsonValue) => ({ of: "call", name: "any", value }) as const;
const kept = (text: string): JsonValue => ({ ...outputRef(text) });
const request = (spec: DeciderSpec): EffectRequest | null => {
  const { activity } = currentStep(spec.run);
  return activity.is === "effect" ? activity.effect.request : null;
};
const dispatches = (id: string) => {
  const kind = builtInRegistries.kinds.get(id);
  if (kind === null) throw new Error(`no kind '${id}'`);
  return builtInRegistries.stepKinds.get(kind.step).dispatches?.(stepDefinition(id), kind);
};
const again: HumanAnswer = { answer: "request-changes", revision: { previous: null, feedback: "again", comments: [] } };
const said = agentAnswer("x");

describe("a step that has nothing to do its work with", () => {
  const off = { environments: false, tracker: false, releases: false, localTestInfrastructure: true };
  const told = (spec: DeciderSpec) =>
    spec.changes.flatMap((change) =>
      change.change === "raise-notification" && change.notification.type === "step_without_effect" ? [change.notification] : [],
    );
  const merged = { run: { merged: sha("f") } };

  it.each<[string, string, () => DeciderSpec, ReturnType<typeof returns> | null, string]>([
    [
      "a watch without a monitor",
      "its release is not watched",
      () => given(["post-release-health"], { ...merged, input: { capabilities: off } }),
      null,
      "no monitor",
    ],
    [
      "a watch whose monitors watch nothing",
      "its release is not watched",
      () => given(["post-release-health"], { ...merged, input: { capabilities: { ...off, releases: true } } }),
      returns({ of: "call", name: "probe-release", value: { signals: [] } }),
      "watch nothing",
    ],
    [
      "a tracker without a tracker",
      "its report was not filed",
      () => given(["tracker"]),
      returns(called({ output: kept("x"), issue: null })),
      "no issue tracker",
    ],
    [
      "an estimator whose agent did not keep to the shape",
      "it was not estimated",
      () => given(["task-estimator"]),
      returns(agentAnswer("small", { product: { is: "invalid", issues: "no risk" } })),
      "no risk",
    ],
    [
      "a deployer without a provider",
      "it has no environment",
      () => given(["deployer"]),
      returns(called({ is: "off", output: kept("nothing") })),
      "no environment provider",
    ],
    [
      "an estimator without an estimate",
      "it was not estimated",
      () => given(["task-estimator"]),
      returns(agentAnswer("small")),
      "no estimate",
    ],
  ])("F:A14 %s says so in a notification: %s", (_name, title, begin, result, why) => {
    const spec = begin();
    if (result !== null) spec.when(result);
    expect(spec.run.phase.is).toBe("done");
    expect(told(spec)).toMatchObject([
      {
        id: "run_1/0/without-effect",
        type: "step_without_effect",
        title: expect.stringContaining(title) as string,
        body: expect.stringContaining(why) as string,
        createdAt: 1000,
      },
    ]);
  });

  it.each<[string, () => DeciderSpec, ReturnType<typeof returns>]>([
    [
      "a deployer with an environment",
      () => given(["deployer"]),
      returns(called({ is: "ready", output: kept("up"), provider: "preview" })),
    ],
    ["a tracker with a ticket", () => given(["tracker"]), returns(called({ output: kept("T-1"), issue: { externalId: "T-1" } }))],
  ])("is not %s", (_name, begin, result) => {
    const spec = begin().when(result);
    expect(told(spec)).toEqual([]);
    expect(spec.events.map(({ type }) => type)).toEqual(["output-recorded", "step-finished", "run-finished"]);
  });

  it("says why as far as it fits, however much its agent's answer is out of shape", () => {
    const spec = given(["task-estimator"]);
    const events = spec.when(returns(agentAnswer("small", { product: { is: "invalid", issues: "i".repeat(9000) } }))).events;
    expect(events).toContainEqual(
      expect.objectContaining({ fact: { is: "not-estimated", why: expect.stringMatching(/^.{3990,4000}$/) as string } }),
    );
  });
});

describe("the deployer", () => {
  it("has an environment provisioned, and its output says by whom", () => {
    const spec = given(["deployer"]);
    expect(spec.key).toBe("run_1/0/1/provision.1");
    expect(request(spec)).toEqual({ do: "call", name: "provision", input: null });
    spec.when(returns(called({ is: "ready", output: kept("preview: ready"), provider: "preview" })));
    expect(spec.run).toMatchObject({
      phase: { is: "done" },
      steps: [{ output: outputRef("preview: ready"), model: "environment:preview" }],
    });
  });

  it("F:A13 waits for its environment as long as a gate, and says how long that was", () => {
    const spec = given(["deployer"]);
    const { gateMs } = spec.input.patience;
    const provisioning = returns(called({ is: "provisioning", provider: "preview" }));
    expect(spec.after(gateMs - 1).when(provisioning).pollAgain).toBe(true);
    spec.after(1).when(provisioning);
    expect(spec.run.phase).toMatchObject({
      failure: { kind: "timeout", code: "environment_timeout", message: expect.stringContaining("for 60 min") as string },
    });
  });

  it("without a provider it was not made", () => {
    const spec = given(["deployer"]);
    spec.when(returns(called({ is: "off", output: kept("nothing") })));
    expect(spec.run.steps[0]).toMatchObject({ output: outputRef("nothing"), model: null });
  });

  it("asks no agent, and provisions anew when people ask for changes", () => {
    expect(dispatches("deployer")).toEqual([]);
    const spec = given([{ kind: "deployer", approval: { approvers: 1 } }]);
    spec.when(returns(called({ is: "ready", output: kept("a"), provider: "preview" })));
    spec.when(answers(again));
    expect(spec.key).toBe("run_1/0/2/provision.1");
  });

  it("a result that is no call's is no answer", () => {
    const spec = given(["deployer"]);
    expect(spec.when(returns(said)).events).toEqual([]);
    expect(spec.pollAgain).toBe(true);
  });
});

describe("the tracker", () => {
  const empty: OutputRef = { ...outputRef("nothing"), chars: 0 };
  function behind(steps: readonly string[], made: readonly OutputRef[]): DeciderSpec {
    const spec = given([...steps, "tracker"]);
    for (const one of made) {
      if (request(spec)?.do === "start-job") spec.when(jobReturns(finishedJob("x", unchangedWork, { output: one })));
      else spec.when(returns(agentAnswer("x", { output: one })));
    }
    return spec;
  }
  const report = (spec: DeciderSpec) => request(spec);
  const files = (of: OutputRef | null) => ({ do: "call", name: "file-issue", input: { report: of } });

  it("files the last analysis before it that says something", () => {
    const spec = behind(["analysis", "analysis", "researcher"], [outputRef("first"), outputRef("last"), outputRef("other")]);
    expect(spec.key).toBe("run_1/3/1/file.1");
    expect(report(spec)).toEqual(files(outputRef("last")));
    expect(report(behind(["analysis", "analysis"], [outputRef("first"), empty]))).toEqual(files(outputRef("first")));
    expect(report(behind(["researcher"], [outputRef("other")]))).toEqual(files(null));
    expect(report(given(["tracker", "analysis"]))).toEqual(files(null));
  });

  it("not one that comes after it, or that was not made yet", () => {
    const after = given(["analysis", "tracker", "analysis"]);
    const tracker = builtInRegistries.stepKinds.get("tracker");
    const enter = (steps: DeciderSpec["run"]["steps"], index: number) => {
      const step = steps[index];
      if (step === undefined) throw new Error("no such step");
      return tracker.enter({ run: { ...after.run, steps }, index, step, input: after.input, at: 1 }, { kind: "tracker", notFiled: null });
    };
    const [first, second, third] = after.run.steps;
    if (first === undefined || second === undefined || third === undefined) throw new Error("three steps");
    expect(enter([first, second, { ...third, output: outputRef("later") }], 1)).toMatchObject({ request: files(null) });
  });

  it("nor one of a kind that is not registered any more", () => {
    const spec = given(["analysis", "researcher", "tracker"]).when(jobReturns(finishedJob("a report", unchangedWork)));
    spec.input = { ...spec.input, kinds: createAgentKinds(spec.input.kinds.list().filter(({ id }) => id !== "analysis")) };
    spec.when(returns(agentAnswer("y")));
    expect(report(spec)).toEqual(files(null));
  });

  it("its output is what the tracker said", () => {
    const spec = given(["tracker"]);
    spec.when(returns(called({ output: kept("T-1"), issue: { externalId: "T-1" } })));
    expect(spec.run).toMatchObject({ phase: { is: "done" }, steps: [{ output: outputRef("T-1"), model: null }] });
  });

  it("that is away never fails a run, however much it says about it", () => {
    const spec = given(["tracker", "researcher"]);
    spec.when({
      command: "failed",
      at: 1000,
      actor: { type: "system", id: "millrace" },
      key: spec.key,
      code: "provider_unavailable",
      message: "m".repeat(4000),
      passing: false,
    });
    expect(spec.run.cursor).toBe(1);
    const why = `provider_unavailable: ${"m".repeat(4000)}`.slice(0, 4000);
    expect(spec.run.steps[0]?.state).toEqual({ kind: "tracker", notFiled: why });
  });

  it("asks no agent, and files anew when people ask for changes", () => {
    expect(dispatches("tracker")).toEqual([]);
    const spec = given([{ kind: "tracker", approval: { approvers: 1 } }]);
    spec.when(returns(called({ output: kept("T-1"), issue: null })));
    spec.when(answers(again));
    expect(spec.key).toBe("run_1/0/2/file.1");
  });

  it("a result that is no call's is no answer", () => {
    const spec = given(["tracker"]);
    expect(spec.when(returns(said)).events).toEqual([]);
    expect(spec.pollAgain).toBe(true);
  });
});

describe("the estimator", () => {
  const estimator = (): DeciderSpec => given(["task-estimator", "researcher"]);
  const says = (spec: DeciderSpec, text: string, patch = {}) => spec.when(returns(agentAnswer(text, patch))).events;

  it("gives its run an estimate, each axis within 0 and 1", () => {
    const spec = estimator();
    expect(spec.key).toBe("run_1/0/1/work.1");
    expect(request(spec)).toEqual({ do: "ask-agent", kind: "task-estimator", briefs: [] });
    says(spec, "big", validProduct({ complexity: 1.5, risk: -1, impact: 0.4, rationale: "much to do" }));
    expect(spec.run.estimate).toEqual({ complexity: 1, risk: 0, impact: 0.4, rationale: "much to do", model: "model-1", at: 1000 });
    expect(spec.run).toMatchObject({ cursor: 1, steps: [{ output: outputRef("big") }, {}] });
  });

  it.each([
    ["prose", { product: { is: "none" } }],
    ["of the wrong shape", { product: { is: "invalid", issues: "no risk" } }],
    ["something else", validProduct({ complexity: "much" })],
  ] as const)("an answer that is %s is kept as text and estimates nothing", (_name, patch) => {
    const spec = estimator();
    const events = says(spec, "big", patch);
    expect(events.map(({ type }) => type)).not.toContain("estimate-recorded");
    expect(spec.run).toMatchObject({ cursor: 1, estimate: null, steps: [{ output: outputRef("big") }, {}] });
  });

  it("asks a person when its agent does", () => {
    const spec = estimator();
    says(spec, "?", { question: { question: "which?", options: ["a", "b"] } });
    expect(openWait(spec.run)).toMatchObject({ on: "decision", question: "which?" });
    expect(spec.run.estimate).toBeNull();
    spec.when(answers({ answer: "choose", option: "a" }));
    expect(spec.key).toBe("run_1/0/1/work.2");
  });

  it("a result it did not ask for is no answer", () => {
    const spec = estimator();
    expect(spec.when(returns(finishedJob("x"))).events).toEqual([]);
    expect(spec.pollAgain).toBe(true);
  });
});
