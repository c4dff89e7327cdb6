import {
  runReasonSchema,
  type EffectRequest,
  type HumanWait,
  type Run,
  type RunReason,
  type Step,
  type StepState,
} from "@millrace/contracts";
import { describe, expect, it } from "vitest";
import { bareInlineKinds } from "../decide/decider.fixture.js";
import { createStepKinds } from "../model/step-kind.js";
import type { RunObservations } from "./run-reason.logic.js";
import { approvalWait, BASE, freshStates, HEAD, redGate, reviewer, run, step, stepKinds, T0 } from "./run.fixture.js";
import { runView } from "./run-view.logic.js";

const AT = T0 + 7000;
const by = { type: "human", id: "ada" } as const;
const pullRequest = { id: "1", number: 1, url: "local-git:shop#1", branch: "millrace/blk_1", base: "main" };

const reasonOf = (of: Run, observed?: RunObservations, kinds = stepKinds): RunReason => {
  const task = { id: "blk_1", title: "Add a discount" };
  const view = runView({
    run: of,
    task,
    events: [],
    usage: [],
    text: null,
    kinds,
    now: AT,
    ...(observed === undefined ? {} : { observed }),
  });
  return runReasonSchema.parse(view.reason);
};

const asks = (request: EffectRequest): Step["activity"] => ({
  is: "effect",
  effect: { key: "k", request, requestedAt: AT, tries: 0, hold: null },
});
/** A run whose first step does this, with further steps behind it. */
const doing = (kind: string, activity: Step["activity"], given: Partial<Step> = {}, ...later: Step[]): Run =>
  run({ steps: [step(kind, { activity, ...given }), ...later, step("merger")], cursor: 0 });
const waitsOn = (on: HumanWait["on"], given: Partial<HumanWait> = {}, state: StepState = freshStates.job): Run =>
  doing("architect", { is: "wait", wait: approvalWait({ on, openedAt: AT, ...given }) }, { state });
const nobody = { people: [], approvers: 1, approvedBy: [] };

describe("why a run waits for people", () => {
  it.each<[string, Run, RunReason["code"], object]>([
    ["a merge", waitsOn("merge", { subject: `${HEAD}+${BASE}` }, freshStates.merger), "approve-head", { ...nobody, head: HEAD }],
    ["an approval of a head", waitsOn("approval", { subject: `${HEAD}+${BASE}` }), "approve-head", { ...nobody, head: HEAD }],
    [
      "an approval of a step without an output",
      waitsOn("approval"),
      "approve-output",
      { ...nobody, what: "result of architect", subject: null },
    ],
    ["a decision", waitsOn("decision"), "answer-question", { people: [], kind: "architect" }],
    ["findings", waitsOn("review", {}, freshStates.review), "answer-findings", { people: [], open: null, high: 0 }],
    ["something this build does not know", waitsOn("region"), "answer-wait", { people: [], question: "Approve the design?" }],
  ])("%s", (_what, of, code, values) => expect(reasonOf(of)).toEqual({ code, values, since: AT }));

  it("names the author of the text, whichever step asks", () => {
    const output = { key: "run_1/0/1/work.1", digest: "d".repeat(64), chars: 12 };
    const wait = approvalWait({ output, approvers: 2, approvedBy: ["grace"] });
    const of = run({ steps: [step("architect", { output }), step("architect-companion", { activity: { is: "wait", wait } })], cursor: 1 });
    expect(reasonOf(of)).toMatchObject({
      code: "approve-output",
      values: { approvers: 2, approvedBy: ["grace"], what: "architect's text", subject: wait.subject },
    });
  });

  it("says what is known of the people and of the findings", () => {
    const observed = { people: ["ada"], findings: { open: 2, high: 1 } };
    expect(reasonOf(waitsOn("review", {}, freshStates.review), observed).values).toEqual({ people: ["ada"], open: 2, high: 1 });
  });

  it("says what a cap was reached with", () => {
    expect(reasonOf(waitsOn("cap", {}, reviewer().state)).values).toEqual({
      people: [],
      kind: "architect",
      rating: 0.6,
      bar: 0.8,
      used: 1,
      allowed: 3,
    });
    expect(reasonOf(waitsOn("cap", {}, freshStates.review)).values).toMatchObject({ rating: null, bar: null, used: 0, allowed: 0 });
  });

  it("another wait that offers a round more is told by its question", () => {
    const of = doing("architect", { is: "wait", wait: approvalWait({ on: "second-look", openedAt: AT }) }, { state: { kind: "inline" } });
    const inline = {
      ...bareInlineKinds().get("inline"),
      waits: { "second-look": { notification: "x", answers: ["extra-round"] as const } },
    };
    expect(reasonOf(of, {}, createStepKinds([inline]))).toMatchObject({ code: "answer-wait", values: { question: "Approve the design?" } });
  });
});

describe("why a run is paused", () => {
  const held = (because: "budget" | "quota" | "limit" | "outage", until: number | null): Run =>
    doing("coder", {
      is: "effect",
      effect: {
        key: "k",
        request: { do: "start-job", kind: "coder", briefs: [] },
        requestedAt: AT,
        tries: 0,
        hold: { because, until, message: "no more" },
      },
    });

  it.each<[Run, RunReason["code"], object]>([
    [held("budget", null), "paused", { message: "no more" }],
    [held("quota", T0), "paused-limit", { because: "quota", until: T0 }],
    [held("limit", null), "paused-limit", { because: "limit", until: null }],
    [held("outage", T0), "paused-outage", { message: "no more", until: T0 }],
  ])("%#", (of, code, values) => expect(reasonOf(of)).toEqual({ code, values, since: AT }));

  it("says which cap holds it where that is known", () => {
    const cap = { scope: "run", capMicros: 5, leftMicros: 1, reserveMicros: 2 } as const;
    expect(reasonOf(held("budget", null), { cap })).toEqual({ code: "paused-budget", values: cap, since: AT });
  });
});

describe("what a run does", () => {
  const job: Step["activity"] = { is: "job", job: { key: "k", kind: "coder", ref: "r", model: null }, startedAt: AT, unreadable: 0 };
  const probe = asks({ do: "probe", gate: "ci", pullRequest, checks: true });
  const check = (name: string, status: "completed" | "in_progress") => ({
    name,
    status,
    conclusion: status === "completed" ? "success" : null,
    url: null,
    completedAt: null,
    summary: null,
  });
  const seen = (says: string, observed: readonly object[]): Partial<Step> => {
    const { state } = redGate();
    const verdict = { gate: "ci", head: HEAD, base: BASE, settings: "s", observed, says, because: "skipped only", at: T0 };
    return { state: { ...state, verdict } };
  };
  const repository = { forge: "local-git", id: "shop", base: "trunk" };
  const inLine: Partial<Step> = { state: { ...freshStates.merger, place: "in-line" } };
  const evictions = { crash: 0, transient: 0 };
  const tester: Partial<Step> = {
    state: { kind: "tester", phase: "fixing", budget: 2, attempts: 1, report: null, rounds: [], brief: "b", log: [], evictions },
  };
  const merge = asks({ do: "merge", pullRequest, head: HEAD, base: BASE });
  const merger = (sent?: string): { readonly state: StepState } => ({
    state: { ...freshStates.merger, ...(sent === undefined ? {} : { sent }) },
  });

  it.each<[string, Run, RunReason]>([
    ["an agent works", doing("coder", job), { code: "at-work", values: { kind: "coder", progress: null }, since: AT }],
    [
      "an agent is called",
      doing("reviewer", asks({ do: "ask-agent", kind: "reviewer", briefs: [] })),
      { code: "at-work", values: { kind: "reviewer", progress: null }, since: AT },
    ],
    [
      "a helper repairs",
      run(),
      {
        code: "repairing",
        values: {
          gate: "ci",
          head: HEAD,
          failing: ["npm test"],
          because: "npm test: failure",
          helper: "ci-fixer",
          attempt: 1,
          allowed: 2,
        },
        since: T0,
      },
    ],
    [
      "checks run",
      doing("ci", probe, seen("pending", [check("unit", "completed"), check("e2e", "in_progress")])),
      { code: "checks-pending", values: { gate: "ci", head: HEAD, running: ["e2e"], total: 2, nextAt: null }, since: T0 },
    ],
    [
      "no check is registered",
      doing("ci", probe, seen("unknown", [])),
      { code: "checks-unknown", values: { gate: "ci", head: HEAD, because: null, nextAt: null }, since: T0 },
    ],
    [
      "the checks say nothing",
      doing("ci", probe, seen("unknown", [check("unit", "completed")])),
      { code: "checks-unknown", values: { gate: "ci", head: HEAD, because: "skipped only", nextAt: null }, since: T0 },
    ],
    [
      "a gate looks for the first time",
      doing("ci", probe),
      { code: "step", values: { kind: "ci", doing: "waiting for the checks" }, since: AT },
    ],
    [
      "a gate that was red looks again",
      doing("ci", probe, redGateState()),
      { code: "step", values: { kind: "ci", doing: "waiting for the checks" }, since: AT },
    ],
    [
      "the branch is behind",
      doing("ci", asks({ do: "update-branch", pullRequest, head: HEAD })),
      { code: "behind-base", values: { branch: "main", base: null }, since: AT },
    ],
    ["it merges", doing("merger", merge, merger()), { code: "merging", values: { head: HEAD, branch: "main" }, since: AT }],
    [
      "the forge lands it",
      doing("merger", merge, merger("queued")),
      { code: "merge-sent", values: { head: HEAD, ahead: null }, since: AT },
    ],
    [
      "the branch of a run without a pull request is behind the base of its repository",
      { ...doing("ci", asks({ do: "update-branch", pullRequest, head: HEAD })), pullRequest: null, repository },
      { code: "behind-base", values: { branch: "trunk", base: null }, since: AT },
    ],
    [
      "the branch is behind the base of its pull request, whatever the repository's is",
      { ...doing("ci", asks({ do: "update-branch", pullRequest, head: HEAD })), repository },
      { code: "behind-base", values: { branch: "main", base: null }, since: AT },
    ],
    [
      "a branch of nothing that is known is behind",
      { ...doing("ci", asks({ do: "update-branch", pullRequest, head: HEAD })), pullRequest: null, repository: null },
      { code: "behind-base", values: { branch: "its base", base: null }, since: AT },
    ],
    [
      "it waits for its turn",
      doing("merger", asks({ do: "call", name: "take-place", input: {} }), inLine),
      { code: "in-line", values: { branch: "main", ahead: null }, since: AT },
    ],
    [
      "its turn has come, and it looks at the change",
      doing("merger", asks({ do: "probe", gate: "merger", pullRequest, checks: false }), inLine),
      { code: "step", values: { kind: "merger", doing: "looking at the pull request" }, since: AT },
    ],
    [
      "a gate calls a service between two looks",
      doing("ci", asks({ do: "call", name: "ask", input: null }), seen("pending", [])),
      { code: "step", values: { kind: "ci", doing: "ask" }, since: AT },
    ],
    [
      "a fixer works for a tester, which has no verdict",
      doing("tester", { ...job, job: { ...job.job, kind: "fixer" } }, tester),
      { code: "at-work", values: { kind: "fixer", progress: null }, since: AT },
    ],
    [
      "an agent works for a red gate that has no loop",
      doing("scan", job, { state: { ...redGate().state, gate: "scan" } }),
      { code: "at-work", values: { kind: "coder", progress: null }, since: AT },
    ],
    [
      "a gate that was red is asked itself",
      doing("coder", job, redGateState()),
      { code: "at-work", values: { kind: "coder", progress: null }, since: AT },
    ],
    [
      "a helper works after its gate was not red any more",
      doing("ci", job, seen("pending", [])),
      { code: "at-work", values: { kind: "coder", progress: null }, since: AT },
    ],
    [
      "a service is called",
      doing("deployer", asks({ do: "call", name: "provision", input: null })),
      { code: "step", values: { kind: "deployer", doing: "provision" }, since: AT },
    ],
  ])("%s", (_what, of, reason) => expect(reasonOf(of)).toEqual(reason));

  function redGateState(): Partial<Step> {
    return { state: redGate().state };
  }

  it("says what was seen beside it: progress, silence, the next look, the queue, and that nothing drives it", () => {
    const coder = doing("coder", job);
    expect(reasonOf(coder, { progress: { completed: 2, total: 4 } }).values).toEqual({ kind: "coder", progress: { done: 2, total: 4 } });
    expect(reasonOf(coder, { silence: { since: T0, endsAfterMs: 1000 }, progress: { completed: 2, total: 4 } })).toEqual({
      code: "silent",
      values: { kind: "coder", endsAfterMs: 1000 },
      since: T0,
    });
    expect(reasonOf(doing("ci", probe, seen("unknown", [])), { nextLookAt: AT }).values).toMatchObject({ nextAt: AT });
    expect(reasonOf(doing("merger", merge, merger("queued")), { mergesAhead: 2 }).values).toMatchObject({ ahead: 2 });
    const waits = doing("merger", asks({ do: "call", name: "take-place", input: {} }), inLine);
    expect(reasonOf(waits, { mergesAhead: 2 }).values).toMatchObject({ ahead: 2 });
    expect(reasonOf(coder, { notDrivenSince: T0 })).toEqual({ code: "not-driven", values: {}, since: T0 });
    expect(reasonOf(waitsOn("decision"), { notDrivenSince: T0 }).code).toBe("answer-question");
  });

  it("says who sent the work back, and why", () => {
    const revision = { previous: null, feedback: "say why", comments: [] };
    const again = doing("coder", job, { revision, attempt: 2 }, reviewer());
    expect(reasonOf(again)).toEqual({
      code: "sent-back",
      values: { to: "coder", by: "reviewer", rating: 0.6, bar: 0.8, because: "say why" },
      since: AT,
    });
    expect(reasonOf(doing("coder", job, { revision })).values).toMatchObject({ by: null, rating: null });
    const before = run({ steps: [reviewer(), step("coder", { activity: job, revision }), step("merger")], cursor: 1 });
    expect(reasonOf(before).values).toMatchObject({ by: null, rating: null });
    expect(reasonOf(again, { progress: { completed: 0, total: 1 } }).code).toBe("at-work");
  });

  it("says what a stop waits for", () => {
    const phase: Run["phase"] = { is: "stopping", then: { is: "cancelled", reason: "r" }, by, since: T0 };
    expect(reasonOf({ ...doing("coder", job), phase })).toEqual({ code: "stopping", values: { kind: "coder" }, since: T0 });
    expect(reasonOf({ ...doing("ci", probe), phase }).values).toEqual({ kind: null });
  });
});

describe("how a run ended", () => {
  const failed = (kind: "gate_exhausted" | "agent", used: number): Run => {
    const { state } = redGate();
    const failure = { kind, code: "x", message: "it broke", detail: null, hint: "h", step: 1, at: AT };
    return run({ steps: [step("coder"), { ...redGate(), state: { ...state, attempts: used } }], phase: { is: "failed", failure } });
  };
  /** Its repairs used up, and its gate changed like this. */
  const ended = ({ says, ...patch }: { readonly says?: string; readonly verdict?: null; readonly gate?: string }): Run => {
    const of = failed("gate_exhausted", 2);
    const [coder, gate] = of.steps;
    if (coder === undefined || gate === undefined) throw new Error("a run of two steps");
    const verdict = says === undefined ? {} : { verdict: { ...(gate.state["verdict"] as object), says } };
    return { ...of, steps: [coder, { ...gate, state: { ...gate.state, ...verdict, ...patch } }] };
  };
  const merged = (given: Partial<Step>, assessment: object | null, withheld: string | null, sent?: string): Run => {
    const { state } = redGate();
    const verdict = { gate: "ci", head: HEAD, base: BASE, settings: "s", observed: [], says: "green", because: "", at: T0 };
    const merger = step("merger", {
      ...given,
      state: { ...freshStates.merger, assessment, withheld, ...(sent === undefined ? {} : { sent }) },
    });
    return run({ steps: [{ ...redGate(), state: { ...state, verdict } }, merger], phase: { is: "done", at: AT }, merged: "e".repeat(40) });
  };
  const scores = { complexity: 0.1, risk: 0.1, impact: 0.1, rationale: "small" };
  const approved = { by: ["ada"], subject: HEAD, at: T0 };
  const landed = { head: HEAD, branch: "main", commit: "e".repeat(40) };

  it.each<[string, Run, RunReason["code"], object]>([
    ["repairs used up", failed("gate_exhausted", 2), "gate-exhausted", { gate: "ci", head: HEAD, used: 2, allowed: 2 }],
    ["ended before the repairs were used up", failed("gate_exhausted", 1), "failed", { message: "it broke" }],
    ["used up, at a gate that was not red at last", ended({ verdict: null }), "failed", { message: "it broke" }],
    ["used up, at a gate that was unknown at last", ended({ says: "unknown" }), "failed", { message: "it broke" }],
    ["red, at a gate that repairs nothing", ended({ gate: "scan" }), "failed", { message: "it broke" }],
    ["failed", failed("agent", 2), "failed", { message: "it broke" }],
    ["cancelled", run({ phase: { is: "cancelled", by, reason: "enough", at: AT } }), "cancelled", { by: "ada", reason: "enough" }],
    ["finished", run({ phase: { is: "done", at: AT } }), "finished", {}],
    ["merged within the thresholds", merged({}, scores, null), "merged", { ...landed, approvedBy: [], automatic: true }],
    ["merged on a person's word", merged({ approved }, scores, "risk"), "merged", { ...landed, approvedBy: ["ada"], automatic: false }],
    [
      "merged on a person's word, within the thresholds",
      merged({ approved }, scores, null),
      "merged",
      { ...landed, approvedBy: ["ada"], automatic: false },
    ],
    [
      "merged on a person's word, never assessed",
      merged({ approved }, null, "no answer"),
      "merged",
      { ...landed, approvedBy: ["ada"], automatic: false },
    ],
    ["merged by hand, though withheld", merged({}, scores, "risk"), "merged", { ...landed, approvedBy: [], automatic: false }],
    [
      "landed by the forge's queue",
      merged({ approved }, null, null, "queued"),
      "merged",
      { ...landed, approvedBy: ["ada"], automatic: false },
    ],
    [
      "landed by the forge's queue, never assessed",
      merged({}, null, null, "queued"),
      "merged",
      { ...landed, approvedBy: [], automatic: false },
    ],
    [
      "merged where no pull request is known",
      { ...merged({}, null, null), pullRequest: null, repository: { forge: "local-git", id: "shop", base: "trunk" } },
      "merged",
      { ...landed, branch: "trunk", approvedBy: [], automatic: false },
    ],
    [
      "merged where no repository is known either",
      { ...merged({}, null, null), pullRequest: null, repository: null },
      "merged",
      { ...landed, branch: "its base", approvedBy: [], automatic: false },
    ],
    [
      "merged into the base of its pull request, whatever the repository's is",
      { ...merged({}, null, null), repository: { forge: "local-git", id: "shop", base: "trunk" } },
      "merged",
      { ...landed, approvedBy: [], automatic: false },
    ],
    ["merged by hand", merged({}, null, null), "merged", { ...landed, approvedBy: [], automatic: false }],
  ])("%s", (_how, of, code, values) => expect(reasonOf(of)).toEqual({ code, values, since: AT }));

  it("leaves out a head that it does not know", () => {
    expect(reasonOf(run({ steps: [step("coder")], cursor: 0, phase: { is: "done", at: AT }, merged: HEAD })).values).toMatchObject({
      head: null,
    });
  });
});
