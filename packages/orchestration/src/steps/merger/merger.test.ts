import type { HumanWait, StepState, Run } from "@millrace/contracts";
import type { MergeResult } from "@millrace/kernel";
import { describe, expect, it } from "vitest";
import { DEFAULT_PATIENCE } from "../../run/model/decision-input.js";
import {
  agentAnswer,
  answers,
  checkRun,
  type DeciderSpec,
  fails,
  finishedJob,
  given,
  jobReturns,
  lostJob,
  outputRef,
  probeResult,
  pullRequest,
  releases,
  returns,
  sha,
  unchangedWork,
  validProduct,
  workObservation,
} from "../../spec/index.js";
import { balancedPreset, builtInRegistries, decisionInput, newRun, taskBlock } from "../../spec/defaults.js";
import { ENGINE } from "../../platform/actor.logic.js";
import { openWaitOn, refusal } from "../../run/decide/decider.fixture.js";
import { currentStep, openWait } from "../../run/model/due.logic.js";
import type { StepContext } from "../../run/model/step-kind.js";
import { conflictsGate } from "../gate/gates/conflicts.js";
import { createMergerStep } from "./index.js";

const low = { complexity: 0.1, risk: 0.1, impact: 0.1, rationale: "small" };
type Steps = Parameters<typeof given>[0];

/** A run with an open pull request, driven to its merger; every gate on the way was green. */
function atMerger(steps: Steps = ["conflicts", "ci", "merger"], facts = {}): DeciderSpec {
  const spec = given(steps, { run: { pullRequest }, input: facts });
  for (let turn = 0; turn < 20 && currentStep(spec.run).definition.kind !== "merger"; turn += 1) {
    const { activity } = currentStep(spec.run);
    if (activity.is !== "effect") throw new Error(`stuck at ${spec.summary}`);
    const asks = activity.effect.request.do;
    if (asks === "probe") spec.when(returns(probeResult()));
    else if (asks === "start-job")
      spec.when(jobReturns(finishedJob("work", currentStep(spec.run).definition.kind === "coder" ? workObservation() : unchangedWork)));
    else spec.when(returns(agentAnswer("text")));
  }
  return spec;
}
const scored = (score: object = {}, patch = {}) =>
  finishedJob("scored", unchangedWork, { ...validProduct({ ...low, ...score }), ...patch });
/** ... looked at, scored, and at the line or its question. */
function assessed(score: object = {}, steps?: Steps, facts = {}): DeciderSpec {
  const spec = atMerger(steps, facts);
  spec.when(looked());
  spec.when(jobReturns(scored(score)));
  return spec;
}
const DIFF = "d".repeat(64);
const OTHER_DIFF = "e".repeat(64);
const looked = (state = {}, diff: string | null = DIFF) => returns(probeResult(state, undefined, diff));
const placed = (ahead: number | null) => returns({ of: "call", name: "take-place", value: { ahead } });
/** ... and has taken its place, and is the first in line. */
function inFirstPlace(spec: DeciderSpec): DeciderSpec {
  spec.when(placed(null));
  spec.when(placed(0));
  return spec;
}
/** ... and has looked once more: the merge is requested. */
function atMerge(score: object = {}, steps?: Steps, facts = {}): DeciderSpec {
  const spec = inFirstPlace(assessed(score, steps, facts));
  spec.when(looked());
  return spec;
}
const request = (spec: DeciderSpec) => {
  const { activity } = currentStep(spec.run);
  return activity.is === "effect" ? activity.effect.request : null;
};
const merged: MergeResult = { is: "merged", commit: sha("f"), head: sha("2"), base: sha("b") };
const refused = (because: Extract<MergeResult, { is: "refused" }>["because"]): MergeResult => ({ is: "refused", because, message: "no" });
const stateOf = (spec: DeciderSpec) => spec.run.steps.at(-1)?.state;

describe("before it spends anything", () => {
  it("the merger looks at the pull request", () => {
    const spec = atMerger();
    expect(request(spec)).toEqual({ do: "probe", gate: "merge", pullRequest, checks: false, diff: true });
    expect(spec.key).toBe("run_1/2/1/probe.1");
    expect(stateOf(spec)).toEqual({
      kind: "merger",
      subject: null,
      assessed: false,
      assessment: null,
      withheld: null,
      approved: false,
      ownQueue: false,
      place: "none",
      revisits: 0,
      baseMoves: 0,
      evictions: { crash: 0, transient: 0 },
    });
    spec.when(returns(probeResult()));
    expect(request(spec)).toEqual({ do: "start-job", kind: "merger", briefs: [] });
    expect(spec.key).toBe("run_1/2/1/assess.2");
  });

  it("without a pull request there is nothing to merge", () => {
    const spec = given(["ci", "merger"]);
    expect(spec.run.phase).toMatchObject({ failure: { kind: "gate_exhausted", code: "no_pull_request", detail: null } });
  });

  it("a merge that happened already is recorded, not repeated, without a question (W-19)", () => {
    const spec = atMerger(["ci", { kind: "merger", approval: { approvers: 1 } }]);
    spec.now = 1300;
    const events = spec.when(returns(probeResult({ state: "merged", mergedAs: sha("f"), head: sha("3"), baseHead: sha("c") }))).events;
    expect(events[0]).toEqual({
      type: "merged",
      step: 1,
      record: { pullRequest, commit: sha("f"), head: sha("3"), base: sha("c"), at: 1300, runId: "run_1" },
    });
    expect(spec.run).toMatchObject({ merged: sha("f"), phase: { is: "done" } });
  });

  it("a pull request that is open has not landed, whatever else is said of it", () => {
    const spec = atMerger();
    spec.when(returns(probeResult({ mergedAs: sha("f") })));
    expect(request(spec)).toMatchObject({ do: "start-job" });
  });

  it.each(["closed", "merged"] as const)("a pull request that is %s without a commit that landed is refused", (state) => {
    const spec = atMerger();
    spec.when(returns(probeResult({ state, mergedAs: null })));
    expect(spec.run.phase).toMatchObject({ failure: { code: "pull_request_closed" } });
  });
});

it.each(["open", "merged", "closed"] as const)(
  "F:A1 a pull request that is %s and points at another base lands nothing, and says both",
  (state) => {
    const spec = atMerger();
    spec.when(returns(probeResult({ state, base: "release", mergedAs: state === "merged" ? sha("f") : null })));
    expect(spec.run).toMatchObject({
      merged: null,
      phase: { failure: { code: "pull_request_retargeted", message: "pull request #7 merges into 'release' by now, not into 'main'" } },
    });
  },
);

it("F:A6 the record of a merge by hand has the commit of the base that it landed on", () => {
  const spec = atMerger();
  const byHand = probeResult({ state: "merged", mergedAs: sha("f"), mergedBase: sha("a"), baseHead: sha("f") });
  expect(spec.when(returns(byHand)).events[0]).toMatchObject({ type: "merged", record: { commit: sha("f"), base: sha("a") } });
});

describe("evidence: only a green CI verdict of exactly this head and base, under the settings now in force (P1)", () => {
  it("the verdict of a gate that is not registered is none", () => {
    const spec = atMerger();
    const step = currentStep(spec.run);
    const context: StepContext = { run: spec.run, index: 2, step, input: spec.input, at: 1 };
    expect(createMergerStep([conflictsGate]).onResult(context, step.state, probeResult())).toMatchObject({
      to: "fail",
      failure: { code: "no_evidence" },
    });
  });

  it("a CI gate that passed without looking is none", () => {
    const spec = given(["ci", "coder", "merger"]);
    spec.when(jobReturns(finishedJob("work")));
    spec.when(returns(probeResult()));
    expect(spec.run.phase).toMatchObject({ failure: { code: "no_evidence" } });
  });

  it("a CI gate whose last look found the pull request merged has none either", () => {
    const spec = given(["ci", "merger"], { run: { pullRequest } });
    spec.when(returns(probeResult({}, [checkRun(null)])));
    spec.when(returns(probeResult({ state: "merged" })));
    spec.when(returns(probeResult()));
    expect(spec.run.phase).toMatchObject({ failure: { code: "no_evidence" } });
  });

  it("a CI gate after the merger says nothing about what it merges", () => {
    const spec = atMerger(["ci", "merger", "ci"]);
    spec.when(returns(probeResult()));
    expect(request(spec)).toMatchObject({ do: "start-job" });
  });

  it("the nearest CI gate counts; other gates' verdicts are no evidence", () => {
    const spec = atMerger(["ci", "conflicts", "documenter", "merger"]);
    spec.when(returns(probeResult()));
    expect(request(spec)).toMatchObject({ do: "start-job" });
  });

  it.each([
    ["the head moved", { head: sha("3") }, {}],
    ["the settings changed", {}, { checkPolicyDigest: "policy-2" }],
  ])("when %s the run goes back to its gates before anything is spent", (_name, state, input) => {
    const spec = atMerger();
    spec.input = decisionInput(input);
    const events = spec.when(returns(probeResult(state))).events;
    expect(events[0]).toMatchObject({ type: "fact-recorded", fact: { is: "revisit" } });
    expect(events[1]).toMatchObject({ type: "rework-requested", step: 2, from: 0, to: 2, revision: null });
    expect(spec.summary).toBe("conflicts:effect ci:pending merger:pending");
    expect(stateOf(spec)).toMatchObject({ revisits: 1 });
  });

  it("looks again ten times at most, then fails: the base keeps moving (I6)", () => {
    const spec = atMerger();
    for (let visit = 0; visit < 10; visit += 1) {
      spec.when(returns(probeResult({ head: sha("3") })));
      spec.when(returns(probeResult()));
      spec.when(returns(probeResult()));
    }
    expect(stateOf(spec)).toMatchObject({ revisits: 10 });
    spec.when(returns(probeResult({ head: sha("3") })));
    expect(spec.run.phase).toMatchObject({ failure: { code: "base_keeps_moving" } });
  });

  it("F:C1 a base that moved costs nothing before the run is first in line", () => {
    const spec = atMerger();
    spec.when(looked({ baseHead: sha("c"), behind: true }));
    expect(request(spec)).toMatchObject({ do: "start-job", kind: "merger" });
  });

  it.each<[Steps, number]>([
    [["coder", "conflicts", "ci", "merger"], 1],
    [["coder", "ci", "conflicts", "merger"], 1],
    [["ci", "conflicts", "merger"], 0],
    [["coder", "ci", "documenter", "merger"], 1],
    [["coder", "ci", "documenter", "conflicts", "merger"], 1],
    [["coder", "ci", "documenter", "ci", "merger"], 3],
    [["ci", "documenter", "merger"], 0],
    [["coder", "ci", "documenter", "merger", "ci"], 1],
  ])("in %j a look again begins at step %i", (steps, from) => {
    const spec = atMerger(steps);
    spec.when(returns(probeResult({ head: sha("3") })));
    expect(spec.run.cursor).toBe(from);
  });
});

describe("the assessment", () => {
  it("within the ceilings merges exactly what the verdict was green for", () => {
    const spec = atMerge();
    expect(stateOf(spec)).toMatchObject({ assessment: low, withheld: null, subject: DIFF, place: "first" });
    expect(currentStep(spec.run)).toMatchObject({ output: outputRef("scored"), model: "model-1" });
    expect(request(spec)).toEqual({ do: "merge", pullRequest, head: sha("2"), base: sha("b") });
    expect(spec.key).toBe("run_1/2/1/merge.6");
  });

  it("above a ceiling, blank or unreadable asks a person, bound to the change that was shown", () => {
    const spec = assessed({ risk: 0.41 });
    expect(openWait(spec.run)).toMatchObject({
      on: "merge",
      subject: DIFF,
      output: outputRef("scored"),
      options: [],
      approvers: 1,
      question: `Merge pull request #7 (${sha("2").slice(0, 10)} into main at ${sha("b").slice(0, 10)})? risk 0.41 is above 0.4`,
    });
    expect(stateOf(spec)).toMatchObject({ withheld: "risk 0.41 is above 0.4" });
    expect(openWait(assessed({ rationale: " " }).run)?.on).toBe("merge");
    for (const product of [{ is: "none" }, { is: "invalid", issues: "no JSON" }] as const) {
      const unreadable = atMerger();
      unreadable.when(returns(probeResult()));
      unreadable.when(jobReturns(scored({}, { product })));
      expect(openWait(unreadable.run)?.on).toBe("merge");
      expect(stateOf(unreadable)).toMatchObject({ assessment: null, withheld: "the merger gave no readable assessment" });
    }
  });

  it("its own ceilings are those of the preset now in force", () => {
    expect(openWait(assessed({ risk: 0.41 }, undefined, { preset: { ...balancedPreset, maxRisk: 0.5 } }).run)).toBeNull();
  });

  it("a merger whose step asks for approval asks whatever the score, as many people as it says, once", () => {
    const spec = assessed({}, ["ci", { kind: "merger", approval: { approvers: 2 } }]);
    expect(openWait(spec.run)).toMatchObject({
      on: "merge",
      approvers: 2,
      question: expect.stringContaining("this step asks for approval"),
    });
    spec.when(answers({ answer: "approve", edited: null }, "ada"));
    expect(openWait(spec.run)).not.toBeNull();
    spec.when(answers({ answer: "approve", edited: null }, "bob"));
    inFirstPlace(spec).when(looked());
    expect(request(spec)).toMatchObject({ do: "merge" });
    spec.when(returns({ of: "merge", result: merged }));
    expect(spec.run.phase.is).toBe("done");
  });

  it("a merger that wrote, or whose job failed, fails the run", () => {
    const wrote = atMerger();
    wrote.when(returns(probeResult()));
    wrote.when(jobReturns(finishedJob("scored", workObservation(), validProduct(low))));
    expect(wrote.run.phase).toMatchObject({ failure: { kind: "completion", code: "wrote_when_read_only" } });
    const failed = atMerger();
    failed.when(returns(probeResult()));
    failed.when(jobReturns({ of: "job", outcome: { is: "failed", code: "crashed", message: "m", detail: "d", observed: null } }));
    expect(failed.run.phase).toMatchObject({ failure: { kind: "job_failed", code: "crashed", message: "m", detail: "d" } });
  });

  it("a job that calls its failure an unreadable answer is no assessment either: nothing is merged", () => {
    const spec = atMerger();
    spec.when(returns(probeResult()));
    spec.when(jobReturns({ of: "job", outcome: { is: "failed", code: "answer_invalid", message: "m", detail: null, observed: null } }));
    expect(spec.run.phase).toMatchObject({ is: "failed", failure: { kind: "job_failed", code: "answer_invalid" } });
  });

  it("a lost job is dispatched again, once for a crash and five times for a host taken away", () => {
    for (const [transient, times] of [
      [false, 1],
      [true, 5],
    ] as const) {
      const spec = atMerger();
      spec.when(returns(probeResult()));
      for (let time = 0; time < times; time += 1) {
        spec.when(jobReturns(lostJob(transient)));
        expect(request(spec)).toEqual({ do: "start-job", kind: "merger", briefs: [] });
        expect(spec.key).toBe(`run_1/2/1/assess.${time + 3}`);
      }
      spec.when(jobReturns(lostJob(transient)));
      expect(stateOf(spec)).toMatchObject({ evictions: transient ? { transient: times + 1 } : { crash: times + 1 } });
      expect(spec.run.phase).toMatchObject({
        failure: { kind: "evicted", code: "job_lost", message: `gone (dispatched again ${times} time(s) before)` },
      });
    }
  });
});

describe("the merge", () => {
  it("is recorded with its commit, and finishes the step", () => {
    const spec = atMerge();
    spec.now = 1900;
    expect(spec.when(returns({ of: "merge", result: merged })).events).toEqual([
      { type: "merged", step: 2, record: { pullRequest, commit: sha("f"), head: sha("2"), base: sha("b"), at: 1900, runId: "run_1" } },
      { type: "step-finished", step: 2 },
      { type: "run-finished" },
    ]);
  });

  it.each([
    ["head-moved", { revisits: 1, baseMoves: 0 }],
    ["base-moved", { revisits: 0, baseMoves: 1 }],
    ["conflicted", { revisits: 1, baseMoves: 0 }],
  ] as const)("refused because %s: the gates look again, and what is known of the change is kept", (because, counts) => {
    const spec = atMerge();
    spec.when(returns({ of: "merge", result: refused(because) }));
    expect(spec.run.cursor).toBe(0);
    expect(stateOf(spec)).toMatchObject({ ...counts, subject: DIFF, assessment: low, place: "none" });
  });

  it("F:A3 refused for a check that the forge requires by now: it is waited for, then the gates look, for as long as a gate is patient", () => {
    const spec = atMerge();
    const refusedAgain = returns({ of: "merge", result: refused("checks") });
    for (let round = 0; round < 10; round += 1) {
      expect(spec.when(refusedAgain).events).toEqual([]);
      expect(spec.pollAgain).toBe(true);
      spec.now += DEFAULT_PATIENCE.gateMs / 10;
      spec.when(refusedAgain);
      expect(spec.run.cursor).toBe(0);
      for (let gate = 0; gate < 2; gate += 1) spec.when(returns(probeResult()));
      spec.when(looked());
      spec.when(placed(0));
      spec.when(looked());
      expect(request(spec)).toMatchObject({ do: "merge" });
    }
    spec.now += DEFAULT_PATIENCE.gateMs / 10;
    spec.when(refusedAgain);
    expect(spec.run.phase).toMatchObject({ failure: { kind: "gate_exhausted", code: "forge_refused" } });
  });

  it("a refusal in many words is kept as far as it fits an event", () => {
    const spec = atMerge();
    const events = spec.when(
      returns({ of: "merge", result: { is: "refused", because: "base-moved", message: "m".repeat(20_000) } }),
    ).events;
    expect(events[1]).toMatchObject({ type: "rework-requested", why: expect.stringMatching(/^the forge refused the merge .*m$/) });
  });

  it.each([
    ["not-open", "pull_request_closed"],
    ["not-allowed", "forge_refused"],
  ] as const)("refused because %s: the run fails with its own code", (because, code) => {
    const spec = atMerge();
    spec.when(returns({ of: "merge", result: refused(because) }));
    expect(spec.run.phase).toMatchObject({ failure: { kind: "gate_exhausted", code } });
  });

  it("an answer to something it did not ask is no answer", () => {
    const spec = atMerge();
    expect(spec.when(returns(agentAnswer("x"))).events).toEqual([]);
    expect(spec.pollAgain).toBe(true);
    expect(spec.when(returns({ of: "update-branch", result: { is: "head-moved" } })).events).toEqual([]);
  });
});

describe("people at the merger", () => {
  it("approve what was shown, send it back to the step that made it, or reject", () => {
    const approved = assessed({ risk: 1 });
    approved.when(answers({ answer: "approve", edited: null }));
    inFirstPlace(approved).when(looked());
    expect(request(approved)).toEqual({ do: "merge", pullRequest, head: sha("2"), base: sha("b") });
    expect(currentStep(approved.run).approved).toMatchObject({ by: ["ada"], subject: DIFF });
    const back = assessed({ risk: 1 }, ["coder", "ci", "merger"]);
    back.when(answers({ answer: "request-changes", revision: { previous: null, feedback: "smaller", comments: [] } }));
    expect(back.run.steps[0]).toMatchObject({ attempt: 2, revision: { previous: outputRef("work"), feedback: "smaller" } });
    const rejected = assessed({ risk: 1 });
    rejected.when(answers({ answer: "reject", reason: "no" }));
    expect(rejected.run.phase).toMatchObject({ failure: { code: "merge_rejected" } });
  });
});

describe("the second line: whatever led here, nothing merges without evidence and a pull request (P1)", () => {
  const step = builtInRegistries.stepKinds.get("merger");
  const approve = { answer: "approve", edited: null } as const;
  /** The merger as its step kind sees it, in a run that should not have come so far. */
  function merger(run: Run): { readonly context: StepContext; readonly state: StepState; readonly wait: HumanWait } {
    const index = run.steps.findIndex((one) => one.definition.kind === "merger");
    const own = run.steps[index];
    if (own === undefined) throw new Error("there is no merger");
    const wait = openWaitOn("merge");
    return { context: { run, index, step: own, input: decisionInput(), at: 1 }, state: own.state, wait };
  }
  const unjudged = merger(newRun(["coder", "ci", "merger"], { pullRequest }));
  const unopened = merger({ ...atMerger().run, pullRequest: null });
  const noEvidence = { to: "fail", failure: { kind: "gate_exhausted", code: "no_evidence" } };
  const noPullRequest = { to: "fail", failure: { kind: "gate_exhausted", code: "no_pull_request" } };

  it.each([
    ["evidence", unjudged],
    ["a pull request", unopened],
  ])("without %s neither a score nor a person merges, without a question", (_name, { context, state, wait }) => {
    expect(step.onResult(context, state, scored())).toMatchObject(noEvidence);
    expect(step.onResult(context, state, scored({ risk: 1 }))).toMatchObject(noEvidence);
    expect(step.answered(context, state, wait, approve)).toMatchObject(noEvidence);
  });

  it("without a pull request neither a look nor a merge is believed", () => {
    const { context, state } = unopened;
    expect(step.onResult(context, state, probeResult({ state: "merged", mergedAs: sha("f") }))).toMatchObject(noPullRequest);
    expect(step.onResult(context, state, { of: "merge", result: merged })).toMatchObject(noPullRequest);
  });

  it("an answer to another kind of wait, or a handle, moves nothing", () => {
    const { context, state, wait } = unjudged;
    expect(refusal(() => step.answered(context, state, wait, { answer: "proceed" })).code).toBe("wait_mismatch");
    expect(step.onResult(context, state, { of: "start-job", handle: { key: "k", ref: "r", model: null } })).toEqual({ to: "poll-again" });
  });
});

describe("the line to a base (F:C1)", () => {
  const gates = (spec: DeciderSpec) => {
    for (let gate = 0; gate < 2; gate += 1) spec.when(returns(probeResult({ head: sha("3"), baseHead: sha("c") })));
  };

  it("F:C1 a run that may land takes a place, and until it is the first in line only the line is looked at", () => {
    const spec = assessed();
    expect(request(spec)).toEqual({ do: "call", name: "take-place", input: {} });
    expect(spec.key).toBe("run_1/2/1/turn.3");
    expect(spec.when(placed(null)).events[0]).toMatchObject({ fact: { is: "in-line", ahead: null } });
    expect(request(spec)).toEqual({ do: "call", name: "take-place", input: {} });
    expect(spec.when(placed(3)).events).toEqual([]);
    expect(spec.pollAgain).toBe(true);
    expect(spec.when(placed(0)).events[0]).toMatchObject({ fact: { is: "first-in-line" } });
    expect(request(spec)).toMatchObject({ do: "probe", gate: "merge" });
  });

  it("F:C1 the first in line is judged again where the base moved, and lands without a second assessment", () => {
    const spec = inFirstPlace(assessed());
    spec.when(looked({ baseHead: sha("c"), behind: true }));
    expect(spec.run.cursor).toBe(0);
    expect(stateOf(spec)).toMatchObject({ baseMoves: 1, revisits: 0 });
    gates(spec);
    spec.when(looked({ head: sha("3"), baseHead: sha("c") }));
    expect(request(spec)).toMatchObject({ name: "take-place" });
    spec.when(placed(0));
    spec.when(looked({ head: sha("3"), baseHead: sha("c") }));
    expect(request(spec)).toEqual({ do: "merge", pullRequest, head: sha("3"), base: sha("c") });
  });

  it("F:C1 an approval is for the change: a base that moved does not ask for it again, another change does", () => {
    for (const [diff, asks] of [
      [DIFF, { name: "take-place" }],
      [OTHER_DIFF, { do: "start-job" }],
    ] as const) {
      const spec = assessed({ risk: 1 });
      spec.when(answers({ answer: "approve", edited: null }));
      inFirstPlace(spec).when(looked({ baseHead: sha("c") }));
      gates(spec);
      spec.when(looked({ head: sha("3"), baseHead: sha("c") }, diff));
      expect(request(spec)).toMatchObject(asks);
      if (diff === DIFF) continue;
      spec.when(jobReturns(scored({ risk: 1 })));
      expect(openWait(spec.run)).toMatchObject({ on: "merge", subject: OTHER_DIFF });
    }
  });

  it("F:C1 where the forge cannot tell the change, it is the head and the base", () => {
    const spec = atMerger();
    spec.when(looked({}, null));
    spec.when(jobReturns(scored({ risk: 1 })));
    expect(openWait(spec.run)).toMatchObject({ subject: `${sha("2")}+${sha("b")}` });
  });

  it("F:A3 settings of the checks that change while a person is asked, or while the change is assessed, send it back to its gates", () => {
    const asked = assessed({ risk: 1 });
    asked.input = decisionInput({ checkPolicyDigest: "policy-2" });
    asked.when(answers({ answer: "approve", edited: null }));
    inFirstPlace(asked).when(looked());
    expect(asked.run.cursor).toBe(0);
    const scoring = atMerger();
    scoring.when(looked());
    scoring.input = decisionInput({ checkPolicyDigest: "policy-2" });
    scoring.when(jobReturns(scored()));
    inFirstPlace(scoring).when(looked());
    expect(scoring.run.cursor).toBe(0);
    expect(stateOf(scoring)).toMatchObject({ assessment: low });
  });

  it("F:A3 thresholds that were lowered since the assessment ask a person", () => {
    const spec = inFirstPlace(assessed({ risk: 0.3 }));
    spec.input = decisionInput({ preset: { ...balancedPreset, maxRisk: 0.2 } });
    spec.when(looked());
    expect(openWait(spec.run)).toMatchObject({ on: "merge", question: expect.stringContaining("risk 0.3 is above 0.2") });
  });

  it("F:C1 a place that is behind others from the start is written down with how many", () => {
    expect(assessed().when(placed(2)).events).toMatchObject([{ type: "fact-recorded", fact: { is: "in-line", ahead: 2 } }]);
  });

  it("F:C1 a place in line that was lost is written down as taken anew", () => {
    const spec = assessed();
    spec.when(placed(2));
    expect(spec.when(placed(null)).events[0]).toMatchObject({ fact: { is: "in-line", ahead: null } });
  });

  it("F:C1 a place that was given up is taken again, at the end of the line", () => {
    const lost = inFirstPlace(assessed());
    expect(lost.when(looked({}, OTHER_DIFF)).events[0]).toMatchObject({ fact: { is: "looked", subject: OTHER_DIFF } });
    lost.when(jobReturns(scored({ risk: 1 })));
    lost.when(answers({ answer: "approve", edited: null }));
    expect(lost.when(placed(null)).events[0]).toMatchObject({ fact: { is: "in-line", ahead: null } });
    expect(stateOf(lost)).toMatchObject({ place: "in-line", approved: true });
  });

  it("F:C1 a place that a pause gave up while the gates were visited is taken again: two never follow the same base", () => {
    const paused = inFirstPlace(assessed());
    paused.when(looked({ baseHead: sha("c"), behind: true }));
    gates(paused);
    paused.when(looked({ head: sha("3"), baseHead: sha("d"), behind: true }));
    expect(request(paused)).toMatchObject({ name: "take-place" });
    paused.when(placed(null));
    expect(paused.when(placed(1)).events).toEqual([]);
    expect(stateOf(paused)).toMatchObject({ place: "in-line", baseMoves: 1 });
  });

  it("F:C1 a run that an outage paused in front of its last look has lost its place", () => {
    const spec = inFirstPlace(assessed());
    for (let tries = 0; tries < 5; tries += 1) spec.when(fails(true, "unavailable"));
    spec.when(releases());
    spec.when(looked());
    expect(request(spec)).toMatchObject({ name: "take-place" });
    const events = spec.when(placed(0)).events;
    expect(events.filter(({ type }) => type === "fact-recorded")).toEqual([]);
    spec.when(looked());
    expect(request(spec)).toMatchObject({ do: "merge" });
  });

  it("a base that other people move without end ends the run after a hundred rounds (I6)", () => {
    const spec = inFirstPlace(assessed());
    const base = (round: number) => round.toString(16).padStart(40, "0");
    for (let round = 0; round < 100; round += 1) {
      spec.when(looked({ baseHead: base(round) }));
      for (let gate = 0; gate < 2; gate += 1) spec.when(returns(probeResult()));
      spec.when(looked());
      spec.when(placed(0));
    }
    expect(stateOf(spec)).toMatchObject({ baseMoves: 100 });
    spec.when(looked({ baseHead: sha("e") }));
    expect(spec.run.phase).toMatchObject({ failure: { code: "base_keeps_moving" } });
  });

  it("where the forge has a merge queue of its own, no place is taken", () => {
    const spec = assessed();
    const own = atMerger();
    own.when(looked({ ownQueue: true }));
    own.when(jobReturns(scored()));
    expect(request(spec)).toMatchObject({ name: "take-place" });
    expect(request(own)).toMatchObject({ do: "probe" });
    own.when(looked({ ownQueue: true }));
    expect(request(own)).toMatchObject({ do: "merge" });
    own.when(returns({ of: "merge", result: refused("checks") }));
    expect(own.run.phase).toMatchObject({ failure: { code: "forge_refused" } });
  });
});

describe("what follows a merge", () => {
  const service = { ...taskBlock, id: "blk_0", level: "service" as const };
  const named = { block: { ...taskBlock, moduleName: "billing" }, service };
  const asking: Steps = ["ci", { kind: "merger", approval: { approvers: 1 } }];
  /** Merged outside of this run, so without an approval. */
  function landed(facts = {}): DeciderSpec {
    const spec = atMerger(asking, facts);
    spec.when(returns(probeResult({ state: "merged", mergedAs: sha("f") })));
    return spec;
  }

  it("the task goes to the module it names, after the merge was recorded; the question is gone", () => {
    const spec = landed(named);
    expect(spec.run.merged).toBe(sha("f"));
    expect(spec.key).toContain("/module.");
    expect(request(spec)).toEqual({ do: "call", name: "assign-module", input: { module: "billing" } });
    spec.when(returns({ of: "call", name: "assign-module", value: null }));
    expect(spec.run.phase.is).toBe("done");
  });

  it.each([
    ["names none", { service }],
    ["is in no service", { block: { ...taskBlock, moduleName: "billing" }, service: null }],
  ])("a task that %s goes nowhere", (_name, facts) => {
    expect(landed(facts).run.phase.is).toBe("done");
  });

  it("that it cannot be moved is written down and unmakes nothing, however long the reason", () => {
    const spec = landed(named);
    const before = stateOf(spec);
    const failed = { command: "failed", at: 1, actor: ENGINE, key: spec.key, code: "storage_failed", passing: false } as const;
    const events = spec.when({ ...failed, message: "m".repeat(4000) }).events;
    const why = `storage_failed: ${"m".repeat(4000)}`.slice(0, 4000);
    expect(events).toContainEqual({ type: "fact-recorded", step: 1, fact: { is: "not-assigned", why } });
    expect(spec.run.phase.is).toBe("done");
    expect(stateOf(spec)).toEqual(before);
  });

  it("what fails before it fails the run; a merge whose reply was lost is looked at first", () => {
    const looking = atMerger();
    looking.when(fails(false, "forge_failed"));
    expect(looking.run.phase).toMatchObject({ failure: { code: "forge_failed" } });
    const merging = atMerge();
    merging.when(fails(false, "forge_failed"));
    expect(merging.run.phase).toMatchObject({ is: "stopping", then: { failure: { code: "forge_failed" } } });
  });

  it("a merge that the forge has taken is asked about again, under the same key, and what it says is written down when it changes", () => {
    const merging = atMerge();
    const key = merging.key;
    const tell = (message: string) => merging.when(returns({ of: "merge", result: { is: "sent", message } })).events;
    const sent = (message: string) => ({ type: "fact-recorded", step: 2, fact: { is: "sent", message } });
    expect(tell("second in the queue")).toEqual([expect.objectContaining(sent("second in the queue"))]);
    expect(tell("second in the queue")).toEqual([]);
    expect(tell("first in the queue")).toEqual([expect.objectContaining(sent("first in the queue"))]);
    expect(merging.key).toBe(key);
    expect(stateOf(merging)).toMatchObject({ sent: "first in the queue" });
    merging.when(returns({ of: "merge", result: merged }));
    expect(merging.run).toMatchObject({ phase: { is: "done" }, merged: sha("f") });
  });

  it("a merge that the forge has taken is waited for as long as a gate, and the failure says how long that was", () => {
    const waiting = atMerge();
    const sent = returns({ of: "merge", result: { is: "sent", message: "m".repeat(9000) } });
    waiting.now += DEFAULT_PATIENCE.gateMs - 1;
    expect(waiting.when(sent).events).toMatchObject([{ fact: { is: "sent", message: "m".repeat(4000) } }]);
    expect(waiting.pollAgain).toBe(true);
    waiting.now += 1;
    waiting.when(sent);
    expect(waiting.run.phase).toMatchObject({
      is: "stopping",
      then: { failure: { code: "merge_timeout", message: expect.stringContaining("for 60 min") } },
    });
  });

  it("a merge that never lands is seen to before the run fails", () => {
    const merging = atMerge();
    const [asked, sent] = [request(merging), { of: "merge", result: { is: "sent", message: "first" } }] as const;
    expect(asked).toMatchObject({ do: "merge" });
    const events = merging.when({
      command: "returned",
      at: DEFAULT_PATIENCE.gateMs + 1_000_000,
      actor: ENGINE,
      key: merging.key,
      result: sent,
    }).events;
    expect(events.at(-1)).toMatchObject({
      type: "stop-requested",
      then: { is: "failed", failure: { kind: "timeout", code: "merge_timeout" } },
    });
    expect(merging.run.phase.is).toBe("stopping");
  });

  it("a task lands once: another run's merge ends this one, its own does not", () => {
    const record = { pullRequest, commit: sha("e"), head: sha("2"), base: sha("b"), at: 5 };
    const merging = (runId: string) => {
      const spec = atMerger();
      spec.when(looked());
      spec.input = decisionInput({ block: { ...taskBlock, merged: { ...record, runId } } });
      spec.when(jobReturns(scored()));
      return spec;
    };
    expect(merging("run_0").run.phase).toMatchObject({ failure: { code: "already_merged" } });
    expect(request(merging("run_1"))).toMatchObject({ do: "call", name: "take-place" });
  });
});
