import { verdictSchema, type Check, type HumanAnswer, type StepState } from "@millrace/contracts";
import { describe, expect, it } from "vitest";
import {
  answers,
  checkRun,
  type DeciderSpec,
  finishedJob,
  given,
  jobReturns,
  lostJob,
  outputRef,
  probeResult,
  pullRequest,
  returns,
  sha,
  workObservation,
} from "../../spec/index.js";
import { balancedPreset, builtInRegistries, decisionInput, stepDefinition } from "../../spec/defaults.js";
import { openWaitOn, refusal } from "../../run/decide/decider.fixture.js";
import { currentStep, openWait } from "../../run/model/due.logic.js";
import { ciGate } from "./gates/ci.js";
import { conflictsGate } from "./gates/conflicts.js";
import { createGateStep } from "./index.js";
import { gateStateOf, type GateState } from "./state.js";

const red = [checkRun("failure", "test", "1 != 2")];
const pending = [checkRun(null)];
const ci = (facts = {}): DeciderSpec => given(["ci"], { run: { pullRequest }, input: facts });
const conflicts = (): DeciderSpec => given(["conflicts"], { run: { pullRequest } });
function gate(spec: DeciderSpec, index = spec.run.cursor): GateState {
  const state = gateStateOf(spec.run.steps[index]?.state ?? { kind: "none" });
  if (state === null) throw new Error("that step is no gate");
  return state;
}
const request = (spec: DeciderSpec) => {
  const { activity } = currentStep(spec.run);
  return activity.is === "effect" ? activity.effect.request : null;
};
const briefs = (spec: DeciderSpec) => {
  const asked = request(spec);
  return asked?.do === "start-job" ? asked.briefs : [];
};

describe("looking", () => {
  it("asks the forge for the pull request, and for its checks only where the gate judges them", () => {
    expect(request(ci())).toEqual({ do: "probe", gate: "ci", pullRequest, checks: true });
    expect(request(conflicts())).toEqual({ do: "probe", gate: "conflicts", pullRequest, checks: false });
    expect(ci().key).toBe("run_1/0/1/probe.1");
  });

  it("without a pull request there is nothing to look at: it passes without a verdict", () => {
    const spec = given(["ci"]);
    expect(spec.run.phase.is).toBe("done");
    expect(gate(spec).verdict).toBeNull();
  });

  it("begins with nothing used up and the preset's budget, which it keeps when the preset changes", () => {
    const spec = ci();
    expect(gate(spec)).toEqual({
      kind: "gate",
      gate: "ci",
      budget: 2,
      attempts: 0,
      updates: 0,
      sentFor: null,
      watching: null,
      verdict: null,
      log: [],
      evictions: { crash: 0, transient: 0 },
    });
    spec.when(returns(probeResult({}, red)));
    spec.input = decisionInput({ preset: { ...balancedPreset, ciMaxAttempts: 9 } });
    spec.when(jobReturns(finishedJob("tried")));
    expect(gate(spec).budget).toBe(2);
  });

  it("a gate visited again keeps the budget it was given first", () => {
    const spec = given(["conflicts", "ci"], { run: { pullRequest } });
    spec.when(returns(probeResult()));
    spec.input = decisionInput({ preset: { ...balancedPreset, ciMaxAttempts: 9 } });
    spec.when(returns(probeResult({ mergeability: "conflicted" })));
    expect(spec.run.cursor).toBe(0);
    spec.when(returns(probeResult()));
    expect(gate(spec, 1).budget).toBe(2);
  });

  it("a pull request that is merged already passes; a closed one fails the run", () => {
    const merged = ci();
    merged.when(returns(probeResult({ state: "merged" }, red)));
    expect(merged.run.phase.is).toBe("done");
    const closed = ci();
    closed.when(returns(probeResult({ state: "closed" })));
    expect(closed.run.phase).toMatchObject({ failure: { kind: "gate_exhausted", code: "pull_request_closed", detail: null } });
  });

  it("an answer to something it did not ask is no answer", () => {
    const spec = ci();
    expect(spec.when(returns({ of: "merge", result: { is: "refused", because: "checks", message: "" } })).events).toEqual([]);
    expect(spec.pollAgain).toBe(true);
  });
});

describe("a verdict", () => {
  it("holds what was looked at: head, base, settings, checks, time; people approve exactly that head on that base", () => {
    const spec = given([{ kind: "ci", approval: { approvers: 1 } }], { run: { pullRequest } });
    spec.now = 1200;
    spec.when(returns(probeResult()));
    expect(gate(spec).verdict).toMatchObject({
      gate: "ci",
      head: sha("2"),
      base: sha("b"),
      settings: "policy-1",
      observed: [checkRun("success")],
      says: "green",
      at: 1200,
    });
    expect(currentStep(spec.run).activity).toMatchObject({ wait: { subject: `${sha("2")}+${sha("b")}`, output: null } });
  });

  it("is recorded when it changes and not once more for every poll", () => {
    const spec = ci({ checkPolicyDigest: "policy-1" });
    const recorded = (checks: readonly Check[], head = "2", base = "b") => {
      spec.now += 10;
      return spec.when(returns(probeResult({ head: sha(head), baseHead: sha(base) }, checks))).events.length;
    };
    expect(recorded(pending)).toBe(1);
    expect(recorded(pending)).toBe(0);
    expect(recorded([])).toBe(1);
    expect(recorded([checkRun("skipped")])).toBe(1);
    expect(recorded([checkRun("skipped")], "3")).toBe(1);
    expect(recorded([checkRun("skipped")], "3", "c")).toBe(1);
    spec.input = decisionInput({ checkPolicyDigest: "policy-2" });
    expect(recorded([checkRun("skipped")], "3", "c")).toBe(1);
    expect(recorded([checkRun("skipped")], "3", "c")).toBe(0);
  });

  it("that was taken under other settings of the forge's checks is another verdict", () => {
    const spec = ci();
    const took = (checkSettings: string) => spec.when(returns(probeResult({ checkSettings }, pending))).events.map(({ type }) => type);
    expect(took("forge-1")).toEqual(["fact-recorded"]);
    expect(took("forge-1")).toEqual([]);
    expect(took("forge-2")).toEqual(["fact-recorded"]);
  });

  it("that says something else is another verdict, also when a gate gives the same reason", () => {
    let says: "pending" | "unknown" = "pending";
    const step = createGateStep([{ ...ciGate, judge: () => ({ says, because: "as ever" }) }]);
    const spec = ci();
    const context = { run: spec.run, index: 0, step: currentStep(spec.run), input: spec.input, at: 1 };
    const recorded = (stateOf: StepState) => step.onResult(context, stateOf, probeResult()).facts ?? [];
    const known = recorded(currentStep(spec.run).state).reduce((stateOf, fact) => step.fold(stateOf, fact), currentStep(spec.run).state);
    expect(recorded(known)).toEqual([]);
    says = "unknown";
    expect(recorded(known)).toMatchObject([{ is: "verdict", verdict: { says: "unknown" } }]);
  });

  it("of many failing checks still fits its shape, also after a fixer changed nothing", () => {
    const many = Array.from({ length: 100 }, (_, at) => checkRun("failure", `${at}-${"n".repeat(200)}`, "s".repeat(4000)));
    const spec = ci();
    spec.when(returns(probeResult({}, many)));
    expect(briefs(spec)[0]?.text).toHaveLength(8000);
    spec.when(jobReturns(finishedJob("no idea", workObservation({ commits: 0 }))));
    spec.when(returns(probeResult({}, many)));
    expect(verdictSchema.parse(gate(spec).verdict).because.length).toBeLessThanOrEqual(4000);
  });
});

describe("patience", () => {
  it("a head that stays pending or unknown is watched for an hour from its first verdict, and then fails the run", () => {
    const spec = ci();
    spec.now = 5000;
    spec.when(returns(probeResult({}, pending)));
    spec.now = 5000 + 3_600_000 - 1;
    expect(spec.when(returns(probeResult({}, []))).events).toHaveLength(1);
    expect(spec.run.phase.is).toBe("live");
    spec.now += 1;
    spec.when(returns(probeResult({}, [])));
    expect(spec.run.phase).toMatchObject({ failure: { kind: "timeout", code: "gate_timeout", detail: null } });
  });

  it("F:C2 time in which nothing looked does not count", () => {
    const spec = ci();
    const looked = (lookedMs: number) => returns(probeResult({}, pending), lookedMs);
    spec.when(looked(0));
    spec.now += 10 * 3_600_000;
    spec.when(looked(90_000));
    expect(spec.run.phase.is).toBe("live");
    spec.when(looked(3_600_000));
    expect(spec.run.phase).toMatchObject({ failure: { code: "gate_timeout" } });
  });

  it("a new head starts the clock again", () => {
    const spec = ci();
    spec.when(returns(probeResult({}, pending)));
    spec.now += 3_599_000;
    spec.when(returns(probeResult({ head: sha("3") }, pending)));
    spec.now += 3_599_000;
    spec.when(returns(probeResult({ head: sha("3") }, pending)));
    expect(spec.run.phase.is).toBe("live");
    expect(gate(spec).watching).toEqual({ head: sha("3"), since: 1000 + 3_599_000 });
  });
});

describe("F:C11 checks that are red without the change", () => {
  const blocked = (summary: string) => [checkRun("action_required", "test", summary)];
  const asked = (spec: DeciderSpec) => openWait(spec.run);
  const onBase = (checks: readonly Check[], own = red) => ({ ...probeResult({}, own), baseChecks: checks });

  it("are asked a person about when they cannot run, with the last lines of their output, and no helper is sent", () => {
    const spec = ci();
    spec.when(
      returns(
        probeResult({}, blocked(["first", ...Array.from({ length: 20 }, (_, line) => `line ${line}`), "pnpm: not found"].join("\n"))),
      ),
    );
    const wait = asked(spec);
    expect(wait?.on).toBe("checks-blocked");
    expect(wait?.question).toMatch(/'test' cannot run:[\s\S]*line 19\npnpm: not found$/);
    expect(wait?.question).not.toContain("first");
    expect(gate(spec)).toMatchObject({ attempts: 0, verdict: { says: "red" } });
    spec.when(answers({ answer: "choose", option: wait?.options[0] ?? "" }));
    expect(request(spec)).toMatchObject({ do: "probe" });
    spec.when(returns(probeResult()));
    expect(spec.run.phase.is).toBe("done");
  });

  it("are asked about in a question that fits a wait, however much they print", () => {
    const spec = ci();
    spec.when(
      returns(
        probeResult(
          {},
          ["a", "b", "c"].map((name) => checkRun("action_required", name, "x".repeat(3900))),
        ),
      ),
    );
    expect(asked(spec)?.question).toHaveLength(8000);
  });

  it("are asked a person about at once when they cannot run, whatever the checks of the base still do", () => {
    const spec = ci();
    spec.when(returns(onBase([checkRun(null, "test")], blocked("no machine"))));
    expect(asked(spec)?.question).toContain("'test' cannot run:\nno machine");
  });

  it.each(["failure", "timed_out", "action_required"] as const)("are asked a person about when they are %s on the base", (conclusion) => {
    const spec = ci();
    spec.when(returns(onBase([checkRun(conclusion, "test", "1 != 2")])));
    expect(asked(spec)?.question).toContain("'test' is red on the base already, without the change:\n1 != 2");
    spec.when(answers({ answer: "reject", reason: "not worth it" }));
    expect(spec.run.phase).toMatchObject({ is: "failed", failure: { kind: "rejected" } });
  });

  it("wait for the base's checks, and send the helper when it is green, or says nothing", () => {
    const spec = ci();
    spec.when(returns(onBase([checkRun(null, "test")])));
    expect(request(spec)).toMatchObject({ do: "probe" });
    spec.when(returns(onBase([checkRun("success", "test")])));
    expect(request(spec)).toMatchObject({ do: "start-job", kind: "ci-fixer" });
    const unknown = ci();
    unknown.when(returns(onBase([checkRun("cancelled", "test"), checkRun("failure", "other")])));
    expect(request(unknown)).toMatchObject({ do: "start-job", kind: "ci-fixer" });
  });

  it("are repaired by the helper where a person says so: it may be the base that the task repairs", () => {
    const spec = ci();
    spec.when(returns(onBase([checkRun("failure")])));
    expect(asked(spec)?.options).toEqual(["look again", "send the ci-fixer"]);
    spec.when(answers({ answer: "choose", option: "send the ci-fixer" }));
    expect(request(spec)).toMatchObject({ do: "start-job", kind: "ci-fixer" });
  });
});

describe("the helper", () => {
  it("is told which checks fail where, and what was tried before", () => {
    const spec = ci();
    spec.when(returns(probeResult({}, [...red, checkRun("success", "lint"), checkRun("failure", "types")])));
    expect(request(spec)).toMatchObject({ do: "start-job", kind: "ci-fixer" });
    expect(spec.key).toBe("run_1/0/1/ci-fixer.2");
    expect(briefs(spec)).toEqual([
      { from: "ci", text: `test (failure) at ${sha("2").slice(0, 10)}\n1 != 2\n\ntypes (failure) at ${sha("2").slice(0, 10)}\n` },
    ]);
    spec.now = 2000;
    spec.when(jobReturns(finishedJob("I tried this")));
    expect(gate(spec).log).toEqual([{ attempt: 1, at: 2000, outcome: "completed", head: sha("2"), summary: "I tried this" }]);
    spec.when(returns(probeResult({ head: sha("3") }, red)));
    expect(briefs(spec).slice(1)).toEqual([
      { from: "earlier attempts", text: `attempt 1 at ${sha("2").slice(0, 10)}, completed: I tried this` },
    ]);
  });

  it("sees the end of a long history, as much as fits a brief", () => {
    const spec = ci({ preset: { ...balancedPreset, ciMaxAttempts: 9 } });
    for (let attempt = 0; attempt < 6; attempt += 1) {
      spec.when(returns(probeResult({ head: sha(String(attempt)) }, red)));
      spec.when(
        jobReturns({
          of: "job",
          outcome: { is: "failed", code: "crashed", message: `${attempt}`.repeat(5000), detail: null, observed: null },
        }),
      );
    }
    spec.when(returns(probeResult({ head: sha("7") }, red)));
    expect(gate(spec).log[5]).toMatchObject({ outcome: "failed", summary: `crashed: ${"5".repeat(3991)}` });
    expect(briefs(spec)[1]?.text).toHaveLength(8000);
    expect(briefs(spec)[1]?.text.endsWith("5")).toBe(true);
  });

  it("is never sent while the gate is green, pending or unknown", () => {
    for (const checks of [pending, [], [checkRun("skipped")], [checkRun("success")]]) {
      const spec = ci();
      spec.when(returns(probeResult({}, checks)));
      expect(gate(spec).attempts).toBe(0);
    }
  });

  it("after it was sent for a head only another head can pass; a green check on the old one counts as an attempt", () => {
    const spec = ci();
    spec.when(returns(probeResult({}, red)));
    spec.when(jobReturns(finishedJob("done")));
    spec.when(returns(probeResult()));
    expect(gate(spec)).toMatchObject({ attempts: 2, verdict: { says: "red", head: sha("2") } });
    spec.when(jobReturns(finishedJob("done")));
    spec.when(returns(probeResult({ head: sha("3") })));
    expect(spec.run.phase.is).toBe("done");
  });

  it("is sent as often as the budget says; then the run fails with the whole history", () => {
    const spec = ci();
    for (const head of ["2", "3"]) {
      spec.when(returns(probeResult({ head: sha(head) }, red)));
      spec.when(jobReturns(finishedJob(`tried at ${head}`)));
    }
    spec.when(returns(probeResult({ head: sha("4") }, red)));
    const [short2, short3] = [sha("2").slice(0, 10), sha("3").slice(0, 10)];
    expect(spec.run.phase).toMatchObject({
      failure: {
        kind: "gate_exhausted",
        code: "ci_exhausted",
        detail: `attempt 1 at ${short2}, completed: tried at 2\nattempt 2 at ${short3}, completed: tried at 3`,
      },
    });
    expect(gate(spec)).toMatchObject({ attempts: 2, verdict: { head: sha("4"), says: "red" } });
  });

  it("with no budget is not sent at all", () => {
    const spec = ci({ preset: { ...balancedPreset, ciMaxAttempts: 0 } });
    spec.when(returns(probeResult({}, red)));
    expect(spec.run.phase).toMatchObject({ failure: { code: "ci_exhausted", detail: "" } });
  });

  it("whose work does not count is an attempt that failed", () => {
    const spec = ci();
    spec.when(returns(probeResult({}, red)));
    spec.when(jobReturns(finishedJob("all done", workObservation({ commits: 0 }))));
    expect(gate(spec).log).toMatchObject([{ outcome: "failed", summary: expect.stringMatching(/^nothing_committed: /) }]);
  });

  it("that was lost is sent again with the same brief and burns no attempt, once for a crash and five times for a host taken away (W-39)", () => {
    for (const [transient, times] of [
      [false, 1],
      [true, 5],
    ] as const) {
      const spec = ci();
      spec.when(returns(probeResult({}, red)));
      const first = briefs(spec);
      for (let time = 0; time < times; time += 1) {
        spec.when(jobReturns(lostJob(transient)));
        expect(request(spec)).toMatchObject({ do: "start-job", kind: "ci-fixer" });
        expect(briefs(spec)).toEqual(first);
        expect(spec.key).toBe(`run_1/0/1/ci-fixer.${time + 3}`);
      }
      expect(gate(spec).attempts).toBe(1);
      spec.when(jobReturns(lostJob(transient)));
      expect(spec.run.phase).toMatchObject({ failure: { kind: "evicted", code: "job_lost", detail: null } });
      expect(gate(spec).evictions).toEqual(transient ? { crash: 0, transient: 6 } : { crash: 2, transient: 0 });
    }
  });
});

describe("a branch that is behind its base", () => {
  it("is brought up to date before it is judged, and is looked at again, whatever the update said", () => {
    const spec = ci();
    spec.when(returns(probeResult()));
    const behind = ci();
    expect(behind.when(returns(probeResult({ behind: true }, red))).events.map((event) => event.type)).toEqual([
      "fact-recorded",
      "effect-requested",
    ]);
    expect(behind.key).toBe("run_1/0/1/update.2");
    expect(request(behind)).toEqual({ do: "update-branch", pullRequest, head: sha("2") });
    behind.when(returns({ of: "update-branch", result: { is: "head-moved" } }));
    expect(request(behind)).toMatchObject({ do: "probe" });
    behind.when(returns(probeResult({ head: sha("3") })));
    expect(behind.run.phase.is).toBe("done");
  });

  it("voids the verdict it had", () => {
    const spec = ci();
    spec.when(returns(probeResult({}, pending)));
    spec.when(returns(probeResult({ behind: true })));
    expect(gate(spec)).toMatchObject({ verdict: null, updates: 1 });
  });

  it("is not touched while the forge does not know whether it merges cleanly", () => {
    const spec = conflicts();
    spec.when(returns(probeResult({ behind: true, mergeability: "unknown" })));
    expect(gate(spec)).toMatchObject({ updates: 0, verdict: { says: "pending" } });
    expect(spec.pollAgain).toBe(true);
  });

  it("F:C1 is brought up to date once; a base that moves on meanwhile costs no further round, and the branch is judged as it stands", () => {
    const spec = ci();
    spec.when(returns(probeResult({ behind: true })));
    expect(request(spec)).toMatchObject({ do: "update-branch" });
    spec.when(returns({ of: "update-branch", result: { is: "updated", head: sha("2") } }));
    expect(request(spec)).toMatchObject({ do: "probe", evenBehind: true });
    spec.when(returns(probeResult({ behind: true })));
    expect(spec.run.phase.is).toBe("done");
    expect(gateStateOf(spec.run.steps[0]?.state ?? { kind: "" })?.verdict).toMatchObject({ says: "green", head: sha("2"), base: sha("b") });
  });
});

describe("a conflict with the base", () => {
  it("is the conflicts gate's own business: its helper resolves it, three times at most", () => {
    const spec = conflicts();
    for (let attempt = 0; attempt < 3; attempt += 1) {
      spec.when(returns(probeResult({ mergeability: "conflicted", conflicts: ["a.ts", "b.ts"] })));
      expect(request(spec)).toMatchObject({ do: "start-job", kind: "conflict-resolver" });
      expect(briefs(spec)[0]).toEqual({ from: "conflicts", text: expect.stringContaining("a.ts, b.ts") });
      spec.when(jobReturns(finishedJob("resolved")));
    }
    spec.when(returns(probeResult({ mergeability: "conflicted" })));
    expect(spec.run.phase).toMatchObject({ failure: { code: "conflicts_exhausted" } });
  });

  it("goes back from CI to the conflicts gate before it, ten times at most", () => {
    const spec = given(["documenter", "conflicts", "ci"], { run: { pullRequest } });
    spec.when(
      returns({
        of: "ask-agent",
        answer: { output: outputRef("docs"), excerpt: "", product: { is: "none" }, question: null, model: null },
      }),
    );
    for (let time = 0; time < 10; time += 1) {
      spec.when(returns(probeResult()));
      spec.when(returns(probeResult({}, pending)));
      const [learnt, sentBack] = spec.when(returns(probeResult({ mergeability: "conflicted" }))).events;
      expect(learnt).toMatchObject({ fact: { is: "behind", head: sha("2"), base: sha("b") } });
      expect(sentBack).toMatchObject({ type: "rework-requested", step: 2, from: 1, to: 2, revision: null });
      expect(gate(spec, 2)).toMatchObject({ updates: time + 1, verdict: null, budget: 2 });
    }
    spec.when(returns(probeResult()));
    spec.when(returns(probeResult({ mergeability: "conflicted" })));
    expect(spec.run.phase).toMatchObject({ failure: { code: "conflicted" } });
  });

  it("fails the run where no conflicts gate stands before CI, and after it does not count", () => {
    for (const steps of [["ci"], ["ci", "conflicts"]]) {
      const spec = given(steps, { run: { pullRequest } });
      spec.when(returns(probeResult({ mergeability: "conflicted", conflicts: ["a.ts"] })));
      expect(spec.run.phase).toMatchObject({
        failure: { kind: "gate_exhausted", code: "conflicted", message: expect.stringContaining("a.ts") },
      });
    }
  });
});

describe("what the conflicts gate says", () => {
  const says = (mergeability: "clean" | "conflicted" | "unknown", files: string[] = []) => {
    const result = probeResult({ mergeability, conflicts: files });
    if (result.of !== "probe") throw new Error("not a probe");
    return conflictsGate.judge({ state: result.state, checks: [], input: decisionInput() });
  };

  it("green when clean, red when conflicted, pending while the forge does not know", () => {
    expect(says("clean").says).toBe("green");
    expect(says("unknown").says).toBe("pending");
    expect(says("conflicted")).toEqual({ says: "red", because: "the branch conflicts with its base" });
    expect(says("conflicted", ["a.ts", "b.ts"])).toEqual({ says: "red", because: "conflicts with the base in a.ts, b.ts" });
    expect(
      says(
        "conflicted",
        Array.from({ length: 20 }, () => "x".repeat(300)),
      ).because,
    ).toHaveLength(4000);
  });
});

describe("people at a gate", () => {
  it("send the change back to the step that made it, with the output it had", () => {
    const spec = given(["architect", "coder", "documenter", { kind: "ci", approval: { approvers: 1 } }]);
    spec.when(jobReturns(finishedJob("design", workObservation({ commits: 0, treeChanged: false }))));
    spec.when(jobReturns(finishedJob("code")));
    spec.when(
      returns({
        of: "ask-agent",
        answer: { output: outputRef("docs"), excerpt: "", product: { is: "none" }, question: null, model: null },
      }),
    );
    spec.when(returns(probeResult()));
    spec.when(answers({ answer: "request-changes", revision: { previous: null, feedback: "rename it", comments: [] } }));
    expect(spec.run.cursor).toBe(1);
    expect(spec.run.steps[1]?.revision).toEqual({ previous: outputRef("code"), feedback: "rename it", comments: [] });
    expect(spec.summary).toBe("architect:done coder:effect documenter:pending ci:pending");
  });

  it("not to a later one", () => {
    const spec = given(["coder", { kind: "ci", approval: { approvers: 1 } }, "coder"]);
    spec.when(jobReturns(finishedJob("code")));
    spec.when(returns(probeResult()));
    spec.when(answers({ answer: "request-changes", revision: { previous: null, feedback: "x", comments: [] } }));
    expect(spec.run.cursor).toBe(0);
  });

  it("cannot where nothing before the gate makes changes", () => {
    const spec = given(["architect", { kind: "ci", approval: { approvers: 1 } }], { run: { pullRequest } });
    spec.when(jobReturns(finishedJob("design", workObservation({ commits: 0, treeChanged: false }))));
    spec.when(returns(probeResult()));
    const changes: HumanAnswer = { answer: "request-changes", revision: { previous: null, feedback: "x", comments: [] } };
    expect(refusal(() => spec.when(answers(changes)))).toEqual({ code: "wait_mismatch", fix: true });
  });
});

describe("the registry of gates", () => {
  it("refuses a state of a gate that is not registered, and other steps are no gates", () => {
    const step = createGateStep([ciGate]);
    const spec = given(["coder", "conflicts"]);
    spec.when(jobReturns(finishedJob("code")));
    const { state } = currentStep(spec.run);
    const context = { run: spec.run, index: 1, step: currentStep(spec.run), input: spec.input, at: 1 };
    expect(refusal(() => step.enter(context, state))).toEqual({ code: "stored_shape_invalid", fix: true });
    expect(gateStateOf({ kind: "inline" })).toBeNull();
    const wait = openWaitOn("approval");
    expect(refusal(() => step.answered(context, state, wait, { answer: "proceed" })).code).toBe("wait_mismatch");
  });
});

describe("what is compared between repairs", () => {
  const failing = (...told: readonly (string | null)[]) => told.map((summary, at) => checkRun("failure", `test ${at}`, summary));
  /** Red on head after head with these checks, repaired in between, until it ends or four looks are over. */
  function repaired(rounds: readonly (readonly Check[])[], flags = [1]): DeciderSpec {
    const spec = given(["ci"], { run: { pullRequest, flags }, input: { preset: { ...balancedPreset, ciMaxAttempts: 9 } } });
    for (const [at, checks] of rounds.entries()) {
      if (at > 0)
        spec.when(jobReturns(finishedJob("tried", workObservation({ headAfter: sha(`${at + 3}`), remoteHead: sha(`${at + 3}`) }))));
      spec.when(returns(probeResult({ head: sha(`${at + 3}`) }, checks)));
    }
    return spec;
  }

  it("the same checks failing with the same words, in whatever order, on four heads end the gate", () => {
    const [one, other] = failing("a", "b");
    if (one === undefined || other === undefined) throw new Error("two checks");
    const spec = repaired([
      [one, other],
      [other, one],
      [one, other],
      [other, one],
    ]);
    expect(spec.run.phase).toMatchObject({ failure: { code: "ci_exhausted", message: expect.stringContaining("on 4 heads") as string } });
    expect(repaired([[one], [one], [one], [other]]).run.phase.is).toBe("live");
  });

  it("what one check says ends where the next begins", () => {
    const split = [checkRun("failure", "a", "b\nc (failure): d")];
    const apart = [checkRun("failure", "a", "b"), checkRun("failure", "c", "d")];
    expect(repaired([split, split, split, apart]).run.phase.is).toBe("failed");
    const joined = [checkRun("failure", "a", "bc (failure): d")];
    expect(repaired([joined, joined, joined, apart]).run.phase.is).toBe("live");
  });

  it("one check that says nothing of why it failed cannot be compared, whatever the others say", () => {
    for (const blank of [null, " "]) {
      const checks = failing("a", blank);
      expect(repaired([checks, checks, checks, checks]).run.phase.is).toBe("live");
    }
  });

  it("a gate that reads no checks is told by its heads alone", () => {
    const spec = given(["conflicts"], { run: { pullRequest, flags: [1] } });
    const events = spec.when(returns(probeResult({ mergeability: "conflicted" }))).events;
    expect(events).toContainEqual({
      type: "fact-recorded",
      step: 0,
      fact: { is: "helper-sent", head: sha("2"), helper: "conflict-resolver", failing: null },
    });
  });

  it("a helper that was sent before failures were compared leaves nothing to compare", () => {
    const spec = given(["ci"], { run: { pullRequest, flags: [1] } });
    const sent = createGateStep([ciGate]).fold(gate(spec), { is: "helper-sent", head: sha("2"), helper: "ci-fixer" });
    expect(sent).toMatchObject({ attempts: 1, sentFor: sha("2") });
    expect(sent).not.toHaveProperty("repairs");
  });

  it("a run that remembers no repairs yet has none in vain", () => {
    const spec = given(["ci"], { run: { pullRequest, flags: [1] } });
    const state = gate(spec);
    expect(state.repairs).toBeUndefined();
    const step = createGateStep([ciGate]);
    const context = { run: spec.run, index: 0, step: currentStep(spec.run), input: spec.input, at: 1 };
    expect(step.onResult(context, state, probeResult({}, red))).toMatchObject({ to: "effect", phase: "ci-fixer" });
  });
});

it("goes back to the conflicts gate itself, not to whatever stands between", () => {
  const spec = given(["conflicts", "documenter", "ci"], { run: { pullRequest } });
  spec.when(returns(probeResult()));
  spec.when(
    returns({ of: "ask-agent", answer: { output: outputRef("docs"), excerpt: "", product: { is: "none" }, question: null, model: null } }),
  );
  spec.when(returns(probeResult({ mergeability: "conflicted" })));
  expect(spec.run.cursor).toBe(0);
});

it("a gate that is not registered gives no evidence", () => {
  const kind = builtInRegistries.kinds.get("ci");
  if (kind === null) throw new Error("no ci gate");
  expect(createGateStep([ciGate]).givesEvidence(kind)).toBe(true);
  expect(createGateStep([conflictsGate]).givesEvidence(kind)).toBe(false);
});

it("a gate that is not registered sends its own kind and no helper", () => {
  const kind = builtInRegistries.kinds.get("conflicts");
  if (kind === null) throw new Error("no conflicts gate");
  expect(createGateStep([ciGate]).dispatches?.(stepDefinition("conflicts"), kind)).toEqual(["conflicts"]);
  expect(createGateStep([conflictsGate]).dispatches?.(stepDefinition("conflicts"), kind)).toEqual(["conflict-resolver"]);
});
