import type { HumanAnswer, JsonValue, MergeRecord } from "@millrace/contracts";
import { describe, expect, it } from "vitest";
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
  workObservation,
} from "../../spec/index.js";
import { balancedPreset, builtInRegistries, decisionInput, stepDefinition, taskBlock } from "../../spec/defaults.js";
import { currentStep, openWait } from "../../run/model/due.logic.js";
import type { DecisionInput } from "../../run/model/decision-input.js";
import { releaseHealthStep } from "./index.js";

const MINUTE = 60_000;
const merged: MergeRecord = { pullRequest, commit: sha("f"), head: sha("2"), base: sha("b"), at: 900, runId: "run_1" };
const capabilities: DecisionInput["capabilities"] = { environments: false, tracker: false, releases: true, localTestInfrastructure: true };
const signal = (state: string, name = "errors", detail: string | null = null) => ({ kind: "monitor", id: name, name, state, detail });
const called = (name: string, value: JsonValue) => ({ of: "call", name, value }) as const;
const seen = (...signals: ReturnType<typeof signal>[]) => called("probe-release", { signals });
const evidence = (text: string) => called("gather-evidence", { text });
const verdict = (patch = {}) => validProduct({ culpritConfidence: 0.8, recommendation: "revert", rationale: "it is the cache", ...patch });
const opinion = (patch = {}) => finishedJob("looked", unchangedWork, verdict(patch));
const stateOf = (spec: DeciderSpec) => currentStep(spec.run).state;
const request = (spec: DeciderSpec) => {
  const { activity } = currentStep(spec.run);
  return activity.is === "effect" ? activity.effect.request : null;
};
const facts = (events: DeciderSpec["events"]) => events.flatMap((event) => (event.type === "fact-recorded" ? [event.fact] : []));
const notifications = (spec: DeciderSpec) =>
  spec.changes.flatMap((change) => (change.change === "raise-notification" ? [change.notification] : []));

const watching = (patch: Partial<DecisionInput> = {}): DeciderSpec =>
  given(["post-release-health"], { run: { merged: sha("f") }, input: { capabilities, ...patch } });
/** A signal went into alert. */
function alerted(patch: Partial<DecisionInput> = {}): DeciderSpec {
  const spec = watching(patch);
  spec.when(returns(seen(signal("alert", "errors", "5 %"))));
  return spec;
}
/** ... and the on-call agent was sent. */
function sent(patch: Partial<DecisionInput> = {}): DeciderSpec {
  const spec = alerted(patch);
  spec.when(returns(evidence("errors rose at 10:00")));
  return spec;
}

describe("whether there is a release to watch (rule 1)", () => {
  it.each([
    ["a merge of this run, and a monitor", { merged: sha("f") }, { capabilities }, true],
    ["a merge of another run of the task", { merged: null }, { capabilities, block: { ...taskBlock, merged } }, true],
    ["nothing merged", { merged: null }, { capabilities }, false],
    ["no monitor", { merged: sha("f") }, { capabilities: { ...capabilities, releases: false } }, false],
  ] as const)("%s", (_name, patch, known, watches) => {
    const spec = given(["post-release-health", "documenter"], { run: patch, input: known });
    expect(spec.run.cursor).toBe(watches ? 0 : 1);
    expect(spec.run.steps[0]?.state).toMatchObject({ watch: watches ? { since: 1000 } : null });
  });

  it("why there is none is written down", () => {
    const step = (patch: object, known: Partial<DecisionInput>) => {
      const spec = given(["post-release-health"], { run: patch, input: known });
      const [first] = spec.run.steps;
      if (first === undefined) throw new Error("a run without steps");
      const context = { run: spec.run, index: 0, step: first, input: spec.input, at: 1 };
      return releaseHealthStep.enter(context, first.state);
    };
    expect(step({}, { capabilities })).toEqual({
      facts: [{ is: "nothing-to-watch", because: "nothing was merged: there is no release to watch" }],
      to: "finish",
    });
    expect(step({ merged: sha("f") }, { capabilities: { ...capabilities, releases: false } })).toEqual({
      facts: [{ is: "unwatched", because: "no monitor is configured for this host" }],
      to: "finish",
    });
  });
});

describe("the watch", () => {
  it("begins with nothing seen, and keeps the window and budget of its preset (rule 2)", () => {
    const spec = watching();
    expect(spec.key).toBe("run_1/0/1/probe.1");
    expect(request(spec)).toEqual({ do: "call", name: "probe-release", input: { since: 1000 } });
    const watch = { since: 1000, windowMs: 30 * MINUTE, budget: 1 };
    expect(stateOf(spec)).toEqual({
      kind: "release-health",
      watch,
      attempts: 0,
      summary: "",
      brief: null,
      assessment: null,
      told: false,
      evictions: { crash: 0, transient: 0 },
    });
    const later = {
      run: spec.run,
      index: 0,
      step: currentStep(spec.run),
      input: decisionInput({ capabilities, preset: { ...balancedPreset, releaseWatchMinutes: 1 } }),
      at: 9,
    };
    expect(releaseHealthStep.enter(later, stateOf(spec))).toMatchObject({ facts: [{ is: "watching", ...watch }] });
    expect(releaseHealthStep.fold(stateOf(spec), { is: "watching", since: 9, windowMs: 1, budget: 9 })).toMatchObject({ watch });
  });

  it("looks again while the window is open, and is over with it, to the millisecond", () => {
    const spec = watching();
    spec.now = 1000 + 30 * MINUTE - 1;
    expect(spec.when(returns(seen(signal("ok")))).events).toEqual([]);
    expect(spec.pollAgain).toBe(true);
    spec.now += 1;
    expect(facts(spec.when(returns(seen(signal("ok")))).events)).toEqual([
      { is: "healthy", because: "1 signal(s) healthy over the whole watch window" },
    ]);
    expect(spec.run.phase.is).toBe("done");
  });

  it("a result that is none of its own, and any before it began, is no answer", () => {
    const spec = watching();
    expect(spec.when(returns(agentAnswer("x"))).events).toEqual([]);
    expect(spec.pollAgain).toBe(true);
    const [fresh] = given(["post-release-health"], { input: { capabilities } }).run.steps;
    if (fresh === undefined) throw new Error("a run without steps");
    const context = { run: spec.run, index: 0, step: currentStep(spec.run), input: spec.input, at: 1 };
    for (const result of [seen(signal("alert")), evidence("x"), called("enrich-incident", null)])
      expect(releaseHealthStep.onResult(context, fresh.state, result)).toEqual({ to: "poll-again" });
  });

  it("sends only the on-call agent", () => {
    const kind = builtInRegistries.kinds.get("post-release-health");
    if (kind === null) throw new Error("no such kind");
    expect(releaseHealthStep.dispatches?.(stepDefinition("post-release-health"), kind)).toEqual(["on-call"]);
  });
});

describe("a regression", () => {
  it("is written down, evidence is gathered, and the on-call agent is told", () => {
    const spec = watching();
    expect(facts(spec.when(returns(seen(signal("alert", "errors", "5 %")))).events)).toEqual([
      { is: "regressed", because: "in alert: errors (5 %)" },
    ]);
    expect(spec.key).toBe("run_1/0/1/evidence.2");
    expect(request(spec)).toEqual({ do: "call", name: "gather-evidence", input: { since: 1000 } });
    expect(facts(spec.when(returns(evidence("errors rose"))).events)).toEqual([
      { is: "helper-sent", helper: "on-call", brief: "errors rose" },
    ]);
    expect(spec.key).toBe("run_1/0/1/on-call.3");
    expect(request(spec)).toEqual({ do: "start-job", kind: "on-call", briefs: [{ from: "post-release-health", text: "errors rose" }] });
    expect(stateOf(spec)).toMatchObject({ attempts: 1, brief: "errors rose", summary: "in alert: errors (5 %)" });
  });

  it("people are told with the agent's opinion, the incident gets it too, and the run goes on", () => {
    const spec = sent();
    spec.when(jobReturns(opinion()));
    const told = "in alert: errors (5 %)\nrevert: the change is the cause with confidence 0.8. it is the cache";
    expect(spec.key).toBe("run_1/0/1/incident.4");
    expect(request(spec)).toEqual({ do: "call", name: "enrich-incident", input: { note: told } });
    expect(notifications(spec)).toEqual([
      {
        id: "run_1/0/regression",
        workspaceId: "ws_1",
        blockId: "blk_1",
        runId: "run_1",
        type: "release_regression",
        status: "open",
        severity: "normal",
        title: "a task: the release looks worse",
        body: told,
        createdAt: 1000,
        urgentAt: 1000 + 120 * MINUTE,
        resolvedAt: null,
      },
    ]);
    expect(stateOf(spec)).toMatchObject({ told: true, assessment: { recommendation: "revert" } });
    expect(spec.run.steps[0]).toMatchObject({ output: outputRef("looked"), model: "model-1" });
    spec.when(returns(called("enrich-incident", { enriched: true })));
    expect(spec.run.phase.is).toBe("done");
  });

  it("its notification fits, however long the task's title and the opinion are", () => {
    const spec = sent({ block: { ...taskBlock, title: "t".repeat(300) } });
    spec.when(jobReturns(opinion({ rationale: "r".repeat(8000) })));
    const [notification] = notifications(spec);
    expect([notification?.title.length, notification?.body.length]).toEqual([300, 8000]);
  });

  it("raises no notification for anything else", () => {
    const spec = alerted();
    expect(notifications(spec)).toEqual([]);
    const context = { run: spec.run, index: 0, input: spec.input, at: 1 };
    expect(releaseHealthStep.consequences?.({ is: "healthy", because: "fine" }, context)).toEqual([]);
  });

  it.each([
    ["changed the repository, whatever its opinion", finishedJob("x", workObservation(), verdict()), ""],
    ["failed", { of: "job", outcome: { is: "failed", code: "crashed", message: "boom", detail: null, observed: null } }, "boom"],
    ["gave no opinion", finishedJob("no idea", unchangedWork), "its answer could not be read"],
    ["gave something else", finishedJob("no idea", unchangedWork, validProduct({ rating: 1 })), "its answer could not be read"],
  ] as const)("an investigation that %s is still told (rule 3)", (_name, result, words) => {
    const spec = sent();
    const learnt = facts(spec.when(jobReturns(result)).events);
    expect(learnt).toEqual([
      { is: "investigated", assessment: null, summary: expect.stringContaining(`could not be completed (${words}`) as string },
    ]);
    expect(notifications(spec)).toHaveLength(1);
    expect(spec.key).toContain("incident");
  });

  it("an agent that was lost is sent again with what it was told, and at last told as one that never looked", () => {
    const spec = sent();
    spec.when(jobReturns(lostJob(false)));
    expect(request(spec)).toMatchObject({ do: "start-job", briefs: [{ text: "errors rose at 10:00" }] });
    expect(stateOf(spec)).toMatchObject({ attempts: 1, evictions: { crash: 1 } });
    const learnt = facts(spec.when(jobReturns(lostJob(false))).events);
    expect(learnt.map(({ is }) => is)).toEqual(["evicted", "investigated"]);
    expect(notifications(spec)[0]?.body).toContain("dispatched again 1 time(s) before");
    expect(spec.run.phase.is).toBe("live");
  });

  it("without a task of its own is sent with what was seen", () => {
    const spec = sent();
    const context = { run: spec.run, index: 0, step: currentStep(spec.run), input: spec.input, at: 1 };
    const untold = { ...stateOf(spec), brief: null };
    expect(releaseHealthStep.onResult(context, untold, lostJob(false))).toMatchObject({
      request: { briefs: [{ text: "in alert: errors (5 %)" }] },
    });
  });

  it.each([
    ["without a budget no agent is sent", 0, 0],
    ["nor when it is used up", 2, 2],
  ])("%s: the run fails with what was seen", (_name, budget, attempts) => {
    const spec = watching({ preset: { ...balancedPreset, releaseMaxAttempts: budget } });
    const context = { run: spec.run, index: 0, step: currentStep(spec.run), input: spec.input, at: 1 };
    expect(releaseHealthStep.onResult(context, { ...stateOf(spec), attempts }, seen(signal("alert")))).toEqual({
      facts: [{ is: "regressed", because: "in alert: errors" }],
      to: "fail",
      failure: {
        kind: "gate_exhausted",
        code: "post-release-health_exhausted",
        message: "the release regressed: in alert: errors",
        detail: null,
      },
    });
  });
});

describe("an effect that fails for good", () => {
  const fails = (spec: DeciderSpec, message: string) =>
    facts(
      spec.when({
        command: "failed",
        at: spec.now,
        actor: { type: "system", id: "millrace" },
        key: spec.key,
        code: "provider_unavailable",
        message,
        passing: false,
      }).events,
    );

  it("before anything was seen fails the run", () => {
    const spec = watching();
    fails(spec, "down");
    expect(spec.run.phase).toMatchObject({ failure: { code: "provider_unavailable" } });
  });

  it("after a regression was seen still tells people of it, and why no agent looked", () => {
    const spec = alerted();
    expect(fails(spec, "down")).toEqual([
      {
        is: "investigated",
        assessment: null,
        summary: "in alert: errors (5 %)\nThe investigation could not be completed (provider_unavailable: down): investigate by hand.",
      },
    ]);
    expect(notifications(spec)).toHaveLength(1);
  });

  it("after people were told is written down, and the run goes on", () => {
    const spec = sent();
    spec.when(jobReturns(opinion()));
    const why = `provider_unavailable: ${"m".repeat(4000)}`.slice(0, 4000);
    expect(fails(spec, "m".repeat(4000))).toEqual([{ is: "not-enriched", why }]);
    expect(spec.run.phase.is).toBe("done");
  });
});

describe("people who are asked to approve it", () => {
  const approval = { approvers: 1 };
  const changes: HumanAnswer = { answer: "request-changes", revision: { previous: null, feedback: "roll it back", comments: [] } };

  it("send the change back to the step that made it", () => {
    const spec = given(["coder", { kind: "post-release-health", approval }], { input: { capabilities, block: { ...taskBlock, merged } } });
    spec.when(jobReturns(finishedJob("code")));
    spec.when(returns(seen()));
    spec.when(answers(changes));
    expect(spec.run.cursor).toBe(0);
    expect(spec.run.steps[0]?.revision).toMatchObject({ previous: outputRef("code"), feedback: "roll it back" });
  });

  it("anything else they say ends the watch", () => {
    const spec = given([{ kind: "post-release-health", approval }], { run: { merged: sha("f") }, input: { capabilities } });
    spec.when(returns(seen()));
    const wait = openWait(spec.run);
    if (wait === null) throw new Error("no wait is open");
    const context = { run: spec.run, index: 0, step: currentStep(spec.run), input: spec.input, at: 1 };
    expect(releaseHealthStep.answered(context, stateOf(spec), wait, { answer: "proceed" })).toEqual({ to: "finish" });
  });
});
