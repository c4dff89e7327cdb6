import { runViewSchema, type EffectRequest, type Run, type RunView, type StepState } from "@millrace/contracts";
import { describe, expect, it } from "vitest";
import { createStepKinds } from "../model/step-kind.js";
import { approvalWait, entry, freshStates, reviewer, run, step, stepKinds, T0 } from "./run.fixture.js";
import { jobKeyOf, runView, type RunViewInput } from "./run-view.logic.js";

const view = (of: Run, given: Partial<RunViewInput> = {}): RunView =>
  runViewSchema.parse(
    runView({
      run: of,
      task: { id: "blk_1", title: "Add a discount" },
      events: [],
      usage: [],
      text: null,
      kinds: stepKinds,
      now: T0 + 10_000,
      ...given,
    }),
  );

const waiting = (wait = approvalWait(), state: StepState = freshStates.job): Run =>
  run({
    cursor: 0,
    steps: [
      step("architect", { state, activity: { is: "wait", wait }, timing: { startedAt: T0, finishedAt: null, waitedMs: 500 } }),
      step("coder"),
    ],
  });

describe("a run as it is shown", () => {
  it("leaves the time spent waiting for people out of a step's duration", () => {
    expect(view(run()).steps[0]).toMatchObject({ durationMs: 4000, waitedMs: 1000 });
    expect(view(waiting()).steps[0]).toMatchObject({ durationMs: 1500, waitedMs: 8500 });
    expect(view(run()).steps[2]).toMatchObject({ durationMs: null, state: "pending" });
  });

  it("carries a verdict with its head, base, settings and checks, and nothing twice", () => {
    const { verdict, helpers, loop, state } = view(run()).steps[1] ?? {};
    expect(state).toBe("running");
    expect(verdict).toMatchObject({
      says: "red",
      head: "a".repeat(40),
      base: "b".repeat(40),
      checks: [{ name: "npm test", conclusion: "failure" }],
      failing: ["npm test"],
    });
    expect(Object.keys(verdict ?? {})).not.toContain("observed");
    expect(helpers).toMatchObject([{ attempt: 1, outcome: "completed" }]);
    expect(loop).toEqual({ agent: "ci-fixer", used: 1, allowed: 2 });
  });

  it("carries what a companion, a tester, a review, a tracker and a release watch have to say", () => {
    const evictions = { crash: 0, transient: 0 };
    const report = { greenlight: false, summary: "it crashes", concerns: [], head: null, accepted: false, because: "no greenlight" };
    const tester = { kind: "tester", phase: "testing", budget: 2, attempts: 0, report, rounds: [], brief: null, log: [], evictions };
    const round = { id: "rev_1", iteration: 2, document: null, output: { key: "k", digest: "d", chars: 1 }, inShort: "1 finding" };
    const review = { ...freshStates.review, description: "d", now: { is: "asking", round, exceeded: false } };
    const watch = { since: T0, windowMs: 60_000, budget: 1 };
    const assessment = { culpritConfidence: 0.9, recommendation: "hold" as const, rationale: "r", evidence: [] };
    const health = {
      kind: "release-health",
      watch,
      attempts: 1,
      summary: "errors doubled",
      brief: null,
      assessment,
      told: true,
      evictions,
    };
    const steps = [
      reviewer(),
      step("tester", { state: tester }),
      step("requirements-review", { state: review }),
      step("tracker", { state: { kind: "tracker", notFiled: "away" } }),
      step("post-release-health", { state: health }),
    ];
    expect(view(run({ steps, cursor: 1 })).steps).toMatchObject([
      { ratings: [{ rating: 0.6, passed: false, comments: ["explain it"] }], loop: { agent: null, used: 1, allowed: 3 } },
      { report: { accepted: false, because: "no greenlight" }, loop: { agent: "fixer", used: 0, allowed: 2 } },
      { review: { iteration: 2, stage: "asking", findings: "1 finding" }, loop: { agent: "requirements-rework", used: 2, allowed: 6 } },
      { note: "not filed: away" },
      { note: "errors doubled", investigation: { recommendation: "hold" }, loop: { agent: "on-call", used: 1, allowed: 1 } },
    ]);
  });

  it("shows what the kind behind a panel shows", () => {
    const inner = reviewer().state;
    const panelled = step("reviewer", { state: { kind: "consensus", inner, panel: null } });
    expect(view(run({ steps: [panelled, step("merger")], cursor: 0 })).steps[0]?.ratings).toHaveLength(1);
  });

  it("shows a state of an unknown kind, or of another version, as nothing instead of failing", () => {
    const steps = [step("scan", { state: { kind: "scan", findings: 3 } }), step("ci", { state: { kind: "gate", newer: true } })];
    const shown = view(run({ steps, cursor: 0 }));
    expect(shown.steps.map(({ kind, verdict, loop }) => [kind, verdict, loop])).toEqual([
      ["scan", null, null],
      ["ci", null, null],
    ]);
    expect(view(run(), { kinds: createStepKinds([]) }).steps[1]?.verdict).toBeNull();
  });

  it.each([
    ["approval", freshStates.job, ["approve", "request-changes", "reject"]],
    ["merge", freshStates.merger, ["approve", "request-changes", "reject"]],
    ["cap", freshStates.companion, ["extra-round", "proceed", "reject"]],
    ["decision", freshStates.job, ["choose"]],
    ["review", freshStates.review, ["incorporate", "proceed", "reject"]],
    ["a-wait-of-tomorrow", freshStates.job, []],
    ["decision", { kind: "scan" }, []],
  ])("says which answers fit a wait on %s", (on, state, answers) => {
    expect(view(waiting(approvalWait({ on }), state)).wait).toMatchObject({ on, answers, subject: "d".repeat(64) });
  });

  it("shows the text that is to be judged beside the subject an answer is bound to", () => {
    expect(view(waiting(), { text: "# Design" }).wait?.text).toBe("# Design");
  });

  it("marks the step a run failed in", () => {
    const failure = { kind: "agent", code: "x", message: "m", detail: null, hint: "h", step: 1, at: T0 } as const;
    const failed = view(run({ phase: { is: "failed", failure }, finishedAt: T0 }));
    expect(failed.steps.map(({ state }) => state)).toEqual(["done", "failed", "pending"]);
    expect(failed).toMatchObject({ status: "failed", failure: { step: 1 } });
  });

  it("tells a stopping, a cancelled and a paused run by its current step as well", () => {
    const by = { type: "human", id: "ada" } as const;
    const stopping = { is: "stopping", then: { is: "cancelled", reason: "r" }, by, since: T0 } as const;
    expect(view(run({ phase: stopping })).steps[1]).toMatchObject({ state: "stopping", doing: null });
    const cancelled = view(run({ phase: { is: "cancelled", by, reason: "r", at: T0 }, finishedAt: T0 }));
    expect(cancelled.steps[1]?.state).toBe("cancelled");
    expect(cancelled.cancelled).toEqual({ by, reason: "r" });
    const hold = { because: "quota", until: T0 + 1, message: "used up" } as const;
    const effect = { key: "k", request: { do: "ask-agent", kind: "coder", briefs: [] }, requestedAt: T0, tries: 0, hold } as const;
    const paused = view(
      run({
        steps: [step("coder", { activity: { is: "effect", effect: { ...effect, request: { ...effect.request, briefs: [] } } } })],
        cursor: 0,
      }),
    );
    expect(paused).toMatchObject({ status: "paused", paused: hold, steps: [{ state: "paused", doing: "paused (quota)" }] });
  });

  it("does not guess a price", () => {
    const tokens = { inputTokens: 10, outputTokens: 5, cacheReadTokens: 100, cacheWriteTokens: 1 };
    const row = { key: "k", workspaceId: "w", runId: "r", kind: "coder", model: "m", tokens, at: T0 };
    const costOf = (...prices: readonly (number | null)[]) =>
      view(run(), { usage: prices.map((costMicros) => ({ ...row, costMicros, settledMicros: costMicros ?? 50 })) }).cost;
    const counts = { inputTokens: 20, outputTokens: 10, cacheReadTokens: 200, cacheWriteTokens: 2 };
    expect(costOf(7, 3)).toEqual({ calls: 2, ...counts, settledMicros: 10, estimatedCalls: 0 });
    expect(costOf(7, null)).toEqual({ calls: 2, ...counts, settledMicros: 57, estimatedCalls: 1 });
    expect(costOf()).toMatchObject({ calls: 0, settledMicros: 0, estimatedCalls: 0 });
    const unmetered = { ...row, tokens: null, costMicros: 4, settledMicros: 4 };
    expect(view(run(), { usage: [unmetered] }).cost).toMatchObject({ calls: 1, inputTokens: 0, settledMicros: 4, estimatedCalls: 0 });
  });

  it("describes the events it carries", () => {
    const events = [
      entry({ type: "step-finished", step: 0 }),
      entry({ type: "fact-recorded", step: 1, fact: { is: "budgeted", budget: 2 } }),
    ];
    expect(view(run(), { events }).timeline.map(({ line }) => line)).toEqual([{ step: 1, tone: "good", text: "done" }, null]);
  });

  it("a severe comment of a companion says how severe it is", () => {
    const { state } = reviewer();
    const comments = [{ body: "explain it", severity: "nit" }, { body: "broken" }];
    const rated = { ...state, ratings: [{ rating: 0.6, bar: 0.8, passed: false, summary: "", comments }] };
    const [shown] = view(run({ steps: [step("reviewer", { state: rated }), step("merger")], cursor: 0 })).steps;
    expect(shown?.ratings[0]?.comments).toEqual(["[nit] explain it", "broken"]);
  });

  it("finds the job a run waits for", () => {
    expect(jobKeyOf(run())).toBe("k");
    expect(jobKeyOf(waiting())).toBeNull();
    const at = (activity: Run["steps"][number]["activity"]): Run => run({ steps: [step("coder", { activity })], cursor: 0 });
    const asks = (request: EffectRequest): Run =>
      at({ is: "effect", effect: { key: "asked", request, requestedAt: T0, tries: 0, hold: null } });
    expect(jobKeyOf(at({ is: "job", job: { key: "works", kind: "coder", ref: "r", model: null }, startedAt: T0, unreadable: 0 }))).toBe(
      "works",
    );
    expect(jobKeyOf(asks({ do: "ask-agent", kind: "coder", briefs: [] }))).toBe("asked");
    expect(jobKeyOf(asks({ do: "call", name: "provision", input: null }))).toBeNull();
    expect(view(run()).steps[1]?.doing).toBe("starting the ci-fixer, try 2");
  });
});
