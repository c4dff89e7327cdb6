import type { EffectRequest, Run, Step, StepView } from "@millrace/contracts";
import { describe, expect, it } from "vitest";
import { bareInlineKinds } from "../decide/decider.fixture.js";
import { approvalWait, freshStates, HEAD, BASE, redGate, run, step, stepKinds, T0 } from "./run.fixture.js";
import { stepView } from "./step-view.logic.js";

const pullRequest = { id: "1", number: 1, url: "local-git:shop#1", branch: "millrace/blk_1", base: "main" };
const job = { key: "k", kind: "coder", ref: "r", model: "job-model" };
const atWork: Step["activity"] = { is: "job", job, startedAt: T0, unreadable: 0 };
const asks = (request: EffectRequest, tries = 0): Step["activity"] => ({
  is: "effect",
  effect: { key: "k", request, requestedAt: T0, tries, hold: null },
});
const shown = (of: Run, index = 0, kinds = stepKinds): StepView => {
  const view = stepView(of, index, kinds, T0 + 1000);
  if (view === null) throw new Error("no such step");
  return view;
};
/** A run of two steps at its first one. */
const at = (activity: Step["activity"], given: Partial<Step> = {}, of: Partial<Run> = {}): Run =>
  run({ steps: [step("coder", { activity, ...given }), step("merger")], cursor: 0, ...of });

describe("what a step is shown to do", () => {
  it.each<[Step["activity"], StepView["state"], string | null]>([
    [{ is: "pending" }, "pending", null],
    [{ is: "done" }, "done", null],
    [{ is: "skipped", reason: "too small" }, "skipped", "too small"],
    [atWork, "running", "coder at work"],
    [{ is: "wait", wait: approvalWait() }, "waiting", "waits for a person"],
    [asks({ do: "ask-agent", kind: "coder", briefs: [] }), "running", "asking the coder"],
    [asks({ do: "start-job", kind: "coder", briefs: [] }, 1), "running", "starting the coder, try 2"],
    [asks({ do: "probe", gate: "ci", pullRequest, checks: true }), "running", "waiting for the checks"],
    [asks({ do: "probe", gate: "ci", pullRequest, checks: false }), "running", "looking at the pull request"],
    [asks({ do: "update-branch", pullRequest, head: HEAD }), "running", "bringing the branch up to date"],
    [asks({ do: "merge", pullRequest, head: HEAD, base: BASE }), "running", "merging"],
    [asks({ do: "call", name: "provision", input: null }), "running", "provision"],
  ])("%j", (activity, state, doing) => expect(shown(at(activity))).toMatchObject({ state, doing }));

  it("a step that the run has left is pending again, whatever it was doing", () => {
    const left = run({ steps: [step("coder", { activity: { is: "done" } }), step("ci"), step("merger", { activity: atWork })], cursor: 1 });
    expect(shown(left, 2).state).toBe("pending");
  });

  it("a step behind the one a run failed in is pending, and what is done stays done", () => {
    const failure = { kind: "agent", code: "x", message: "m", detail: null, hint: "h", step: 0, at: T0 } as const;
    const failed = run({ steps: [step("coder", { activity: atWork }), step("merger")], cursor: 0, phase: { is: "failed", failure } });
    expect([shown(failed, 0).state, shown(failed, 1).state]).toEqual(["failed", "pending"]);
    expect(shown({ ...failed, steps: [step("coder", { activity: { is: "skipped", reason: "x" } })] }).state).toBe("skipped");
  });
});

describe("the model of a step", () => {
  it("is the one that worked; before that the one of its job", () => {
    expect(shown(at(atWork, { model: "used" })).model).toBe("used");
    expect(shown(at(atWork)).model).toBe("job-model");
    expect(shown(at({ is: "pending" })).model).toBeNull();
  });
});

describe("the state of a step", () => {
  it("of a kind that declares no view shows nothing of itself", () => {
    const inline = at({ is: "pending" }, { state: { kind: "inline" } });
    expect(shown(inline, 0, bareInlineKinds())).toMatchObject({ verdict: null, loop: null, note: null, isInLine: false });
  });

  it.each<[string, object, Partial<StepView>]>([
    [
      "a gate that has not looked",
      { ...redGate().state, verdict: null },
      { verdict: null, loop: { agent: "ci-fixer", used: 1, allowed: 2 } },
    ],
    ["a gate that is not registered", { ...redGate().state, gate: "scan" }, { loop: null }],
    ["a merger in line", { ...freshStates.merger, place: "in-line" }, { isInLine: true, mergeSent: null }],
    ["a merger whose turn it is", { ...freshStates.merger, place: "first", sent: "queued" }, { isInLine: false, mergeSent: "queued" }],
    ["a tracker that has filed", { kind: "tracker", notFiled: null }, { note: null }],
    [
      "a release watch that has not begun",
      {
        kind: "release-health",
        watch: null,
        attempts: 0,
        summary: "",
        brief: null,
        assessment: null,
        told: false,
        evictions: { crash: 0, transient: 0 },
      },
      { note: null, loop: null, investigation: null },
    ],
    [
      "a tester that has not tested",
      {
        kind: "tester",
        phase: "testing",
        budget: 2,
        attempts: 0,
        report: null,
        rounds: [],
        brief: null,
        log: [],
        evictions: { crash: 0, transient: 0 },
      },
      { report: null, loop: { agent: "fixer", used: 0, allowed: 2 } },
    ],
  ])("%s", (_what, state, expected) => {
    expect(shown(at({ is: "pending" }, { state: state as Step["state"] }))).toMatchObject(expected);
  });

  const round = { id: "rev_1", iteration: 2, document: null, output: { key: "k", digest: "d", chars: 1 }, inShort: "1 finding" };
  it.each<[object, StepView["review"]]>([
    [{ is: "reading" }, null],
    [{ is: "closed" }, null],
    [
      { is: "reviewing", id: "rev_1", iteration: 1, document: null, answers: [], supersedes: null },
      { iteration: 1, stage: "reviewing", findings: null },
    ],
    [
      { is: "asking", round, exceeded: false },
      { iteration: 2, stage: "asking", findings: "1 finding" },
    ],
    [
      { is: "collecting", round, feedback: "" },
      { iteration: 2, stage: "folding", findings: "1 finding" },
    ],
    [
      { is: "reworking", round, answers: [], nextId: "rev_2" },
      { iteration: 2, stage: "folding", findings: "1 finding" },
    ],
  ])("a review that is at %j", (now, review) => {
    expect(shown(at({ is: "pending" }, { state: { ...freshStates.review, now } as Step["state"] })).review).toEqual(review);
  });
});
