import {
  describedEventSchema,
  type EventDescription,
  type EventText,
  type RunEventBody,
  type Step,
  type StepFact,
} from "@millrace/contracts";
import { describe, expect, it } from "vitest";
import { newRun } from "../../spec/defaults.js";
import { bareInlineKinds } from "../decide/decider.fixture.js";
import { describeEvent, eventTexts } from "./describe-event.logic.js";
import { BASE, entry, freshStates, HEAD, redGate, reviewer, run, step, stepKinds, T0 } from "./run.fixture.js";

const { steps } = run();
const pullRequest = { id: "1", number: 1, url: "local-git:shop#1", branch: "millrace/blk_1", base: "main" };
const output = { key: "k", digest: "d".repeat(64), chars: 12 };
const failure = { kind: "agent", code: "x", message: "it broke", detail: null, hint: "h", step: 1, at: T0 } as const;
const record = { pullRequest, commit: "e".repeat(40), head: HEAD, base: BASE, at: T0, runId: "run_1" };
const wait = {
  id: "w",
  on: "merge",
  question: "Merge it?",
  options: [],
  subject: "s",
  output: null,
  approvers: 1,
  approvedBy: [],
  openedAt: T0,
} as const;
const answered = (answer: Extract<RunEventBody, { type: "human-answered" }>["answer"]): RunEventBody => ({
  type: "human-answered",
  step: 0,
  wait: "w",
  by: "ada",
  answer,
});
const requested = (request: Extract<RunEventBody, { type: "effect-requested" }>["effect"]["request"]): RunEventBody => ({
  type: "effect-requested",
  step: 0,
  effect: { key: "k", request, requestedAt: T0, tries: 0, hold: null },
});

const told = (event: RunEventBody) => {
  const described = describeEvent(entry(event), steps, stepKinds);
  return described === null ? null : describedEventSchema.parse(described);
};

describe("the events of a run", () => {
  it.each<[RunEventBody, number | null, EventDescription]>([
    [{ type: "run-started", run: run() }, null, { tone: "plain", text: "run run_1 started", detail: "Simple, coder → ci → merger" }],
    [{ type: "step-entered", step: 1 }, 2, { tone: "plain", text: "begins" }],
    [requested({ do: "ask-agent", kind: "reviewer", briefs: [] }), 1, { tone: "plain", text: "asks the reviewer" }],
    [
      requested({
        do: "ask-agent",
        kind: "architect",
        briefs: [],
        participant: { id: "cautious", role: "", model: null, answers: "kind" },
      }),
      1,
      { tone: "plain", text: "asks the architect as cautious" },
    ],
    [requested({ do: "merge", pullRequest, head: HEAD, base: BASE }), 1, { tone: "plain", text: "merging aaaaaaaaaa into bbbbbbbbbb" }],
    [
      { type: "effect-held", step: 1, key: "k", hold: { because: "budget", until: null, message: "used up" } },
      2,
      { tone: "ask", text: "paused (budget)", detail: "used up" },
    ],
    [{ type: "effect-released", step: 1, key: "k" }, 2, { tone: "plain", text: "goes on" }],
    [
      { type: "effect-failed", step: 1, key: "k", code: "forge_failed", message: "git\nsaid no" },
      2,
      { tone: "bad", text: "forge_failed", detail: "git\nsaid no" },
    ],
    [
      { type: "job-started", step: 0, job: { key: "k", kind: "coder", ref: "r", model: null } },
      1,
      { tone: "plain", text: "coder at work (agent)" },
    ],
    [{ type: "output-recorded", step: 0, output, model: "m" }, 1, { tone: "dim", text: "wrote 12 characters (m)" }],
    [{ type: "pull-request-recorded", step: 0, pullRequest }, 1, { tone: "plain", text: "pull request #1, millrace/blk_1 into main" }],
    [
      { type: "estimate-recorded", step: 0, estimate: { complexity: 0.1, risk: 0.2, impact: 0.3, rationale: "", model: null, at: T0 } },
      1,
      { tone: "plain", text: "estimated complexity 0.1, risk 0.2, impact 0.3" },
    ],
    [
      { type: "human-asked", step: 2, wait: { ...wait, options: [], approvedBy: [] } },
      3,
      { tone: "ask", text: "waits for a person (merge)", detail: "Merge it?" },
    ],
    [{ type: "human-agreed", step: 2, wait: "w", by: "ada" }, 3, { tone: "good", text: "ada agrees; more approvals are needed" }],
    [answered({ answer: "choose", option: "yes" }), 1, { tone: "plain", text: "ada answers", detail: "yes" }],
    [answered({ answer: "approve", edited: null }), 1, { tone: "plain", text: "ada answers", detail: "approved" }],
    [answered({ answer: "approve", edited: output }), 1, { tone: "plain", text: "ada answers", detail: "approved, edited" }],
    [
      answered({ answer: "request-changes", revision: { previous: null, feedback: "shorter", comments: [] } }),
      1,
      { tone: "plain", text: "ada answers", detail: "changes: shorter" },
    ],
    [answered({ answer: "reject", reason: "" }), 1, { tone: "plain", text: "ada answers", detail: "rejected" }],
    [answered({ answer: "reject", reason: "no" }), 1, { tone: "plain", text: "ada answers", detail: "rejected: no" }],
    [answered({ answer: "extra-round" }), 1, { tone: "plain", text: "ada answers", detail: "one more round" }],
    [answered({ answer: "proceed" }), 1, { tone: "plain", text: "ada answers", detail: "proceed as it is" }],
    [answered({ answer: "incorporate", feedback: "" }), 1, { tone: "plain", text: "ada answers", detail: "fold the answers in" }],
    [
      answered({ answer: "incorporate", feedback: "short" }),
      1,
      { tone: "plain", text: "ada answers", detail: "fold the answers in: short" },
    ],
    [
      { type: "step-approved", step: 2, approval: { by: ["ada", "grace"], subject: HEAD, at: T0 } },
      3,
      { tone: "good", text: "approved by ada, grace for aaaaaaaaaa" },
    ],
    [
      { type: "rework-requested", step: 1, from: 0, to: 1, revision: null, why: "" },
      2,
      { tone: "ask", text: "sends the run back to step 1 coder" },
    ],
    [{ type: "merged", step: 2, record }, 3, { tone: "good", text: "merged aaaaaaaaaa into main as eeeeeeeeee" }],
    [{ type: "step-finished", step: 0 }, 1, { tone: "good", text: "done" }],
    [{ type: "step-skipped", step: 0, reason: "too small" }, 1, { tone: "dim", text: "skipped", detail: "too small" }],
    [
      { type: "stop-requested", then: { is: "cancelled", reason: "enough" } },
      null,
      { tone: "ask", text: "stop requested", detail: "enough" },
    ],
    [{ type: "stop-requested", then: { is: "failed", failure } }, null, { tone: "ask", text: "stop requested", detail: "it broke" }],
    [{ type: "run-finished" }, null, { tone: "good", text: "run done" }],
    [{ type: "run-failed", failure }, null, { tone: "bad", text: "run failed in step 2 ci", detail: "x: it broke" }],
    [{ type: "run-cancelled", reason: "" }, null, { tone: "bad", text: "run cancelled" }],
  ])("%j", (event, number, described) => expect(told(event)).toEqual({ step: number, ...described }));

  it.each<RunEventBody>([
    requested({ do: "start-job", kind: "coder", briefs: [] }),
    requested({ do: "probe", gate: "ci", pullRequest, checks: true }),
    requested({ do: "update-branch", pullRequest, head: HEAD }),
    requested({ do: "call", name: "provision", input: null }),
  ])("leave out what its result tells: $effect.request.do", (event) => expect(told(event)).toBeNull());
});

const evictions = { crash: 0, transient: 0 };
const gate = redGate();
const companion = reviewer();
const tester = step("tester", {
  state: { kind: "tester", phase: "testing", budget: 2, attempts: 0, report: null, rounds: [], brief: null, log: [], evictions },
});
const merger = step("merger", { state: freshStates.merger });
const review = step("requirements-review", { state: freshStates.review });
const deployer = step("deployer", { state: { kind: "deployer" } });
const estimator = step("task-estimator", { state: { kind: "estimator" } });
const tracker = step("tracker", { state: { kind: "tracker", notFiled: null } });
const health = step("post-release-health", {
  state: { kind: "release-health", watch: null, attempts: 0, summary: "", brief: null, assessment: null, told: false, evictions },
});
const coder = step("coder");
const panel = step("reviewer", { state: { kind: "consensus", inner: companion.state, panel: null } });

const verdict = {
  gate: "ci",
  head: HEAD,
  base: BASE,
  settings: "c".repeat(64),
  observed: [
    { name: "test", status: "completed", conclusion: "failure", url: null, completedAt: T0, summary: "1 failing" },
    { name: "lint", status: "completed", conclusion: "success", url: null, completedAt: T0, summary: "fine" },
    { name: "slow", status: "in_progress", conclusion: null, url: null, completedAt: null, summary: "half of it" },
    { name: "e2e", status: "completed", conclusion: "failure", url: null, completedAt: T0, summary: null },
  ],
  says: "red",
  because: "test: failure",
  at: T0,
};
const round = { id: "rev_1", iteration: 2, document: null, output, inShort: "1 finding: [high] Rounding" };
const reviewed = { is: "reviewed", round, description: "d", model: null, findings: [], supersedes: null };
const compared = { fresh: 1, repeated: 2, reseeded: 1 };
const tested = (accepted: boolean) => ({
  is: "tested",
  report: { greenlight: accepted, summary: "it crashes", concerns: [], head: null, accepted, because: "no greenlight" },
  brief: "it crashes",
  round: { findings: { keys: [], rating: 0 }, blocking: 0 },
});
const assessment = { culpritConfidence: 0.9, recommendation: "revert", rationale: "it did it", evidence: [] };
const evicted = { is: "evicted", transient: false, message: "gone" };
const lost: EventDescription = { tone: "bad", text: "the job was lost", detail: "gone" };
const request = { do: "ask-agent", kind: "reviewer", briefs: [] };

const factOf = (of: Step, fact: StepFact): RunEventBody => ({ type: "fact-recorded", step: of === coder ? 0 : 1, fact });
const describedFact = (of: Step, fact: StepFact) => describeEvent(entry(factOf(of, fact)), [coder, of], stepKinds);

describe("the facts of the step kinds", () => {
  it.each<[string, Step, StepFact, EventDescription]>([
    ["job", coder, evicted, lost],
    ["gate", gate, { is: "verdict", verdict }, { tone: "bad", text: "red for aaaaaaaaaa", detail: "test: failure" }],
    ["gate", gate, { is: "verdict", verdict: { ...verdict, says: "green", because: "" } }, { tone: "good", text: "green for aaaaaaaaaa" }],
    [
      "gate",
      gate,
      { is: "verdict", verdict: { ...verdict, says: "pending", because: "" } },
      { tone: "dim", text: "pending for aaaaaaaaaa" },
    ],
    [
      "gate",
      gate,
      { is: "behind", head: HEAD, base: BASE },
      { tone: "plain", text: "the branch is behind bbbbbbbbbb; bringing it up to date" },
    ],
    ["gate", gate, { is: "helper-sent", head: HEAD, helper: "ci-fixer" }, { tone: "plain", text: "sends the ci-fixer for aaaaaaaaaa" }],
    [
      "gate",
      gate,
      { is: "helper-returned", attempt: 1, at: T0, outcome: "failed", head: HEAD, summary: "no" },
      { tone: "bad", text: "helper attempt 1 failed", detail: "no" },
    ],
    ["gate", gate, evicted, lost],
    [
      "companion",
      companion,
      { is: "rated", rating: 0.9, bar: 0.8, passed: true, summary: "good", comments: [] },
      { tone: "good", text: "rates the work 0.9 (bar 0.8), passes", detail: "good" },
    ],
    [
      "companion",
      companion,
      { is: "rated", rating: 0.6, bar: 0.8, passed: false, summary: "bad", comments: [], compared },
      { tone: "ask", text: "rates the work 0.6 (bar 0.8), not yet (1 new, 2 repeated, 1 came back)", detail: "bad" },
    ],
    [
      "companion",
      companion,
      { is: "rated", rating: 0.6, bar: 0.8, passed: false, summary: "", comments: [], compared: { fresh: 1, repeated: 1, reseeded: 1 } },
      { tone: "ask", text: "rates the work 0.6 (bar 0.8), not yet (1 new, 1 repeated, 1 came back)" },
    ],
    [
      "companion",
      companion,
      { is: "rated", rating: 0.6, bar: 0.8, passed: false, summary: "", comments: [], compared: { fresh: 1, repeated: 2, reseeded: 0 } },
      { tone: "ask", text: "rates the work 0.6 (bar 0.8), not yet (1 new, 2 repeated)" },
    ],
    [
      "companion",
      companion,
      { is: "rated", rating: 0.6, bar: 0.8, passed: false, summary: "", comments: [], compared: { fresh: 3, repeated: 0, reseeded: 0 } },
      { tone: "ask", text: "rates the work 0.6 (bar 0.8), not yet" },
    ],
    ["companion", companion, { is: "round-granted" }, { tone: "plain", text: "one more round granted" }],
    ["tester", tester, { is: "helper-sent", head: null, helper: "fixer" }, { tone: "plain", text: "sends the fixer" }],
    [
      "tester",
      tester,
      { is: "helper-returned", attempt: 1, at: T0, outcome: "completed", head: null, summary: "repaired" },
      { tone: "plain", text: "helper attempt 1 completed", detail: "repaired" },
    ],
    ["tester", tester, { is: "untested", because: "no browser", brief: "" }, { tone: "ask", text: "could not test", detail: "no browser" }],
    ["tester", tester, evicted, lost],
    ["merger", merger, { is: "assessed", assessment: null, withheld: null }, { tone: "good", text: "within the merge thresholds" }],
    [
      "merger",
      merger,
      { is: "assessed", assessment: null, withheld: "risk 0.9" },
      { tone: "ask", text: "does not merge by itself", detail: "risk 0.9" },
    ],
    ["merger", merger, { is: "revisit", because: "the head moved" }, { tone: "plain", text: "looks again", detail: "the head moved" }],
    [
      "merger",
      merger,
      { is: "sent", message: "queued" },
      { tone: "plain", text: "the forge has accepted the merge and lands it by itself", detail: "queued" },
    ],
    ["merger", merger, { is: "approved" }, { tone: "good", text: "approved for this change" }],
    ["merger", merger, { is: "in-line", ahead: null }, { tone: "plain", text: "takes a place in line" }],
    ["merger", merger, { is: "in-line", ahead: 2 }, { tone: "plain", text: "waits for its turn: 2 before it" }],
    ["merger", merger, { is: "first-in-line" }, { tone: "plain", text: "is first in line" }],
    ["merger", merger, { is: "not-assigned", why: "x" }, { tone: "bad", text: "the task was not moved into its module", detail: "x" }],
    ["merger", merger, evicted, lost],
    ["review", review, { is: "closed-before", review: "rev_1" }, { tone: "good", text: "closed before, for the same description" }],
    [
      "review",
      review,
      { is: "review-resumed", round, status: "ready", description: "d", cap: 6 },
      { tone: "plain", text: "takes up iteration 2, with its answers", detail: "1 finding: [high] Rounding" },
    ],
    ["review", review, { ...reviewed, status: "ready" }, { tone: "ask", text: "iteration 2 has 1 finding: [high] Rounding" }],
    [
      "review",
      review,
      { ...reviewed, status: "exceeded" },
      { tone: "ask", text: "iteration 2 has 1 finding: [high] Rounding, and no round is left" },
    ],
    [
      "review",
      review,
      { ...reviewed, status: "incorporated" },
      { tone: "good", text: "iteration 2 has 1 finding: [high] Rounding: closed" },
    ],
    [
      "review",
      review,
      { is: "review-reopened", review: "rev_1", because: "1 finding(s) are open" },
      { tone: "ask", text: "the findings are open to people again", detail: "1 finding(s) are open" },
    ],
    [
      "review",
      review,
      { is: "reworked", review: "rev_1", document: output, model: null },
      { tone: "plain", text: "the answers became a document of 12 characters" },
    ],
    ["review", review, { is: "round-granted", review: "rev_1" }, { tone: "plain", text: "one more round granted" }],
    [
      "review",
      review,
      { is: "review-closed", review: "rev_1", how: "proceed", document: null, description: "d" },
      { tone: "good", text: "closed as it is, by a person" },
    ],
    [
      "review",
      review,
      { is: "review-closed", review: "rev_1", how: "nothing-to-fold", document: null, description: "d" },
      { tone: "good", text: "closed: nothing to fold in" },
    ],
    ["deployer", deployer, { is: "not-provisioned", why: "off" }, { tone: "bad", text: "nothing was provisioned", detail: "off" }],
    ["estimator", estimator, { is: "not-estimated", why: "prose" }, { tone: "bad", text: "there is no estimate", detail: "prose" }],
    ["tracker", tracker, { is: "not-filed", why: "away" }, { tone: "bad", text: "the report was not filed", detail: "away" }],
    [
      "release-health",
      health,
      { is: "watching", since: T0, windowMs: 1_800_000, budget: 1 },
      { tone: "plain", text: "watches the release for 30 min" },
    ],
    [
      "release-health",
      health,
      { is: "nothing-to-watch", because: "nothing merged" },
      { tone: "dim", text: "watches nothing", detail: "nothing merged" },
    ],
    [
      "release-health",
      health,
      { is: "unwatched", because: "no monitor" },
      { tone: "bad", text: "the release is not watched", detail: "no monitor" },
    ],
    ["release-health", health, { is: "healthy", because: "quiet" }, { tone: "good", text: "the release is healthy", detail: "quiet" }],
    ["release-health", health, { is: "regressed", because: "errors" }, { tone: "bad", text: "the release looks worse", detail: "errors" }],
    ["release-health", health, { is: "helper-sent", helper: "on-call", brief: "" }, { tone: "plain", text: "sends the on-call" }],
    [
      "release-health",
      health,
      { is: "investigated", assessment, summary: "s" },
      { tone: "ask", text: "the on-call agent recommends: revert", detail: "it did it" },
    ],
    [
      "release-health",
      health,
      { is: "investigated", assessment: null, summary: "by hand" },
      { tone: "bad", text: "the regression was not investigated", detail: "by hand" },
    ],
    ["release-health", health, { is: "not-enriched", why: "x" }, { tone: "bad", text: "the incident was not updated", detail: "x" }],
    ["release-health", health, evicted, lost],
    [
      "consensus",
      panel,
      { is: "panel-contribution", participant: "bold", round: 0, output, model: null, product: null },
      { tone: "plain", text: "bold answers" },
    ],
    [
      "consensus",
      panel,
      { is: "panel-contribution", participant: "bold", round: 2, output, model: null, product: null },
      { tone: "plain", text: "bold answers the others, round 2" },
    ],
    ["consensus", panel, { is: "panel-ballot", participant: "bold", scores: [] }, { tone: "plain", text: "bold votes" }],
    [
      "consensus",
      panel,
      { is: "panel-agreed", on: "k", confidence: 0.7, isClose: true },
      { tone: "plain", text: "the panel has one answer (confidence 0.7, a close vote)" },
    ],
    [
      "consensus",
      panel,
      { is: "panel-agreed", on: "k", confidence: null, isClose: false },
      { tone: "plain", text: "the panel has one answer" },
    ],
    ["consensus, of the kind behind it", panel, { is: "round-granted" }, { tone: "plain", text: "one more round granted" }],
  ])("%s: %j", (_kind, of, fact, described) => {
    expect(describedFact(of, fact)).toEqual({ step: of === coder ? 1 : 2, ...described });
  });

  it.each([
    [true, "good", "accepted"],
    [false, "ask", "not accepted"],
  ] as const)("tester: a report, accepted %s", (accepted, tone, word) => {
    const fact = { ...tested(accepted), round: { findings: [], blocking: 0 }, compared };
    const text = `${word}, no greenlight (1 new, 2 repeated, 1 came back)`;
    expect(describedFact(tester, fact)).toEqual({ step: 2, tone, text, detail: "it crashes" });
  });

  it.each<[Step, StepFact]>([
    [gate, { is: "budgeted", budget: 2 }],
    [tester, { is: "budgeted", budget: 2 }],
    [companion, { is: "sent-back" }],
    [companion, { is: "budgeted", maxReworks: 3 }],
    [merger, { is: "looked", subject: "s", ownQueue: false }],
    [review, { is: "review-begun", next: "rev_1", description: "d", cap: 6, supersedes: null }],
    [review, { is: "incorporating", review: "rev_1", feedback: "" }],
    [review, { is: "answers-collected", texts: [], next: "rev_2" }],
    [panel, { is: "panel-asked", request }],
  ])("leave out their bookkeeping", (of, fact) => expect(describedFact(of, fact)).toBeNull());

  it("name a step that is not there by its number alone", () => {
    expect(told({ type: "run-failed", failure: { ...failure, step: 7 } })).toMatchObject({ text: "run failed in step 8" });
  });

  it("are named where nothing knows them: of an unknown kind, of another version, of no step", () => {
    const byName = { step: 2, tone: "dim", text: "something-new" };
    expect(describedFact(step("scan", { state: { kind: "scan" } }), { is: "something-new" })).toEqual(byName);
    expect(describedFact(gate, { is: "something-new" })).toEqual(byName);
    const [inline] = newRun(["researcher"]).steps;
    if (inline === undefined) throw new Error("a run of one step");
    expect(describeEvent(entry(factOf(gate, { is: "something-new" })), [coder, inline], bareInlineKinds())).toEqual(byName);
    expect(describeEvent(entry({ type: "fact-recorded", step: 1, fact: { is: "something-new" } }), [], stepKinds)).toEqual(byName);
  });
});

describe("the texts of an event", () => {
  const textsOf = (of: Step, event: RunEventBody): readonly EventText[] => eventTexts(entry(event), [coder, of], stepKinds);

  it("are the output that was recorded", () => {
    expect(textsOf(gate, { type: "output-recorded", step: 1, output, model: null })).toEqual([{ title: "output", output }]);
  });

  it("are what failing checks printed", () => {
    expect(textsOf(gate, factOf(gate, { is: "verdict", verdict }))).toEqual([
      { title: "check 'test' of aaaaaaaaaa: failure", text: "1 failing" },
    ]);
  });

  it("are the findings and the document of a review", () => {
    expect(textsOf(review, factOf(review, { ...reviewed, status: "ready" }))).toEqual([{ title: "findings", output }]);
    expect(textsOf(review, factOf(review, { is: "reworked", review: "rev_1", document: output, model: null }))).toEqual([
      { title: "document", output },
    ]);
  });

  it("are what each participant of a panel wrote", () => {
    const fact = { is: "panel-contribution", participant: "bold", round: 0, output, model: null, product: null };
    expect(textsOf(panel, factOf(panel, fact))).toEqual([{ title: "answer of bold", output }]);
  });

  it("are none of an event without any, nor of a fact that is not known", () => {
    expect(textsOf(gate, { type: "step-finished", step: 1 })).toEqual([]);
    expect(textsOf(gate, factOf(gate, { is: "something-new" }))).toEqual([]);
    expect(textsOf(gate, factOf(gate, { is: "behind", head: HEAD, base: BASE }))).toEqual([]);
    expect(textsOf(review, factOf(review, { is: "round-granted", review: "rev_1" }))).toEqual([]);
    expect(textsOf(panel, factOf(panel, { is: "panel-ballot", participant: "bold", scores: [] }))).toEqual([]);
    expect(textsOf(merger, factOf(merger, { is: "approved" }))).toEqual([]);
    expect(textsOf(step("scan", { state: { kind: "scan" } }), factOf(gate, { is: "x" }))).toEqual([]);
    expect(eventTexts(entry({ type: "fact-recorded", step: 7, fact: { is: "x" } }), steps, stepKinds)).toEqual([]);
  });
});
