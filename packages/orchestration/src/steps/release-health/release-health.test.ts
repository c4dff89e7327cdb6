import type { HumanAnswer, JsonValue, MergeRecord } from "@millrace/contracts";
import { describe, expect, it } from "vitest";
import {
  answer,
  block,
  definition,
  inputWith,
  finished,
  lost,
  observed,
  output,
  play,
  preset,
  pullRequest,
  registries,
  sha,
  untouched,
  valid,
  type Play,
} from "../../run/decide/decider.fixture.js";
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
const verdict = (patch = {}) => valid({ culpritConfidence: 0.8, recommendation: "revert", rationale: "it is the cache", ...patch });
const opinion = (patch = {}) => finished("looked", untouched, verdict(patch));
const stateOf = (run: Play) => currentStep(run.run).state;
const request = (run: Play) => {
  const { activity } = currentStep(run.run);
  return activity.is === "effect" ? activity.effect.request : null;
};
const facts = (events: ReturnType<Play["tell"]>) => events.flatMap((event) => (event.type === "fact-recorded" ? [event.fact] : []));
const notifications = (run: Play) => run.changes.flatMap((change) => (change.change === "raise-notification" ? [change.notification] : []));

const watching = (patch: Partial<DecisionInput> = {}): Play =>
  play(["post-release-health"], { merged: sha("f") }, { capabilities, ...patch });
/** A signal went into alert. */
function alerted(patch: Partial<DecisionInput> = {}): Play {
  const run = watching(patch);
  run.returns(seen(signal("alert", "errors", "5 %")));
  return run;
}
/** ... and somebody was sent to look. */
function sent(patch: Partial<DecisionInput> = {}): Play {
  const run = alerted(patch);
  run.returns(evidence("errors rose at 10:00"));
  return run;
}

describe("whether there is a release to watch (rule 1)", () => {
  it.each([
    ["a merge of this run, and a monitor", { merged: sha("f") }, { capabilities }, true],
    ["a merge of another run of the task", { merged: null }, { capabilities, block: { ...block, merged } }, true],
    ["nothing merged", { merged: null }, { capabilities }, false],
    ["no monitor", { merged: sha("f") }, { capabilities: { ...capabilities, releases: false } }, false],
  ] as const)("%s", (_name, patch, known, watches) => {
    const run = play(["post-release-health", "documenter"], patch, known);
    expect(run.run.cursor).toBe(watches ? 0 : 1);
    expect(run.run.steps[0]?.state).toMatchObject({ watch: watches ? { since: 1000 } : null });
  });

  it("why there is none is written down", () => {
    const step = (patch: object, known: Partial<DecisionInput>) => {
      const run = play(["post-release-health"], patch, known);
      const [first] = run.run.steps;
      if (first === undefined) throw new Error("a run without steps");
      const context = { run: run.run, index: 0, step: first, input: run.input, at: 1 };
      return releaseHealthStep.enter(context, first.state);
    };
    expect(step({}, { capabilities })).toEqual({
      facts: [{ is: "nothing-to-watch", because: "nothing was merged: there is no release to watch" }],
      to: "finish",
    });
    expect(step({ merged: sha("f") }, { capabilities: { ...capabilities, releases: false } })).toEqual({
      facts: [{ is: "nothing-to-watch", because: "no monitor is configured for this host" }],
      to: "finish",
    });
  });
});

describe("the watch", () => {
  it("begins with nothing seen, and keeps the window and budget of its preset (rule 2)", () => {
    const run = watching();
    expect(run.key).toBe("run_1/0/1/probe.1");
    expect(request(run)).toEqual({ do: "call", name: "probe-release", input: { since: 1000 } });
    const watch = { since: 1000, windowMs: 30 * MINUTE, budget: 1 };
    expect(stateOf(run)).toEqual({
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
      run: run.run,
      index: 0,
      step: currentStep(run.run),
      input: inputWith({ capabilities, preset: { ...preset, releaseWatchMinutes: 1 } }),
      at: 9,
    };
    expect(releaseHealthStep.enter(later, stateOf(run))).toMatchObject({ facts: [{ is: "watching", ...watch }] });
    expect(releaseHealthStep.fold(stateOf(run), { is: "watching", since: 9, windowMs: 1, budget: 9 })).toMatchObject({ watch });
  });

  it("looks again while the window is open, and is over with it, to the millisecond", () => {
    const run = watching();
    run.at = 1000 + 30 * MINUTE - 1;
    expect(run.returns(seen(signal("ok")))).toEqual([]);
    expect(run.again).toBe(true);
    run.at += 1;
    expect(facts(run.returns(seen(signal("ok"))))).toEqual([{ is: "healthy", because: "1 signal(s) healthy over the whole watch window" }]);
    expect(run.run.phase.is).toBe("done");
  });

  it("a result that is none of its own, and any before it began, is no answer", () => {
    const run = watching();
    expect(run.returns({ of: "ask-agent", answer: answer("x") })).toEqual([]);
    expect(run.again).toBe(true);
    const [fresh] = play(["post-release-health"], {}, { capabilities }).run.steps;
    if (fresh === undefined) throw new Error("a run without steps");
    const context = { run: run.run, index: 0, step: currentStep(run.run), input: run.input, at: 1 };
    for (const result of [seen(signal("alert")), evidence("x"), called("enrich-incident", null)])
      expect(releaseHealthStep.onResult(context, fresh.state, result)).toEqual({ to: "again" });
  });

  it("sends nobody but the on-call agent", () => {
    const kind = registries.kinds.get("post-release-health");
    if (kind === null) throw new Error("no such kind");
    expect(releaseHealthStep.dispatches?.(definition("post-release-health"), kind)).toEqual(["on-call"]);
  });
});

describe("a regression", () => {
  it("is written down, evidence is gathered, and the on-call agent is told", () => {
    const run = watching();
    expect(facts(run.returns(seen(signal("alert", "errors", "5 %"))))).toEqual([{ is: "regressed", because: "in alert: errors (5 %)" }]);
    expect(run.key).toBe("run_1/0/1/evidence.2");
    expect(request(run)).toEqual({ do: "call", name: "gather-evidence", input: { since: 1000 } });
    expect(facts(run.returns(evidence("errors rose")))).toEqual([{ is: "helper-sent", helper: "on-call", brief: "errors rose" }]);
    expect(run.key).toBe("run_1/0/1/on-call.3");
    expect(request(run)).toEqual({ do: "start-job", kind: "on-call", briefs: [{ from: "post-release-health", text: "errors rose" }] });
    expect(stateOf(run)).toMatchObject({ attempts: 1, brief: "errors rose", summary: "in alert: errors (5 %)" });
  });

  it("people are told with the agent's opinion, the incident gets it too, and the run goes on", () => {
    const run = sent();
    run.works(opinion());
    const told = "in alert: errors (5 %)\nrevert: the change is the cause with confidence 0.8. it is the cache";
    expect(run.key).toBe("run_1/0/1/incident.4");
    expect(request(run)).toEqual({ do: "call", name: "enrich-incident", input: { note: told } });
    expect(notifications(run)).toEqual([
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
    expect(stateOf(run)).toMatchObject({ told: true, assessment: { recommendation: "revert" } });
    expect(run.run.steps[0]).toMatchObject({ output: output("looked"), model: "model-1" });
    run.returns(called("enrich-incident", { enriched: true }));
    expect(run.run.phase.is).toBe("done");
  });

  it("its notification fits, however long the task's title and the opinion are", () => {
    const run = sent({ block: { ...block, title: "t".repeat(300) } });
    run.works(opinion({ rationale: "r".repeat(8000) }));
    const [notification] = notifications(run);
    expect([notification?.title.length, notification?.body.length]).toEqual([300, 8000]);
  });

  it("raises no notification for anything else", () => {
    const run = alerted();
    expect(notifications(run)).toEqual([]);
    const context = { run: run.run, index: 0, input: run.input, at: 1 };
    expect(releaseHealthStep.consequences?.({ is: "healthy", because: "fine" }, context)).toEqual([]);
  });

  it.each([
    ["changed the repository, whatever its opinion", finished("x", observed(), verdict()), ""],
    ["failed", { of: "job", outcome: { is: "failed", code: "crashed", message: "boom", detail: null, observed: null } }, "boom"],
    ["gave no opinion", finished("no idea", untouched), "its answer could not be read"],
    ["gave something else", finished("no idea", untouched, valid({ rating: 1 })), "its answer could not be read"],
  ] as const)("an investigation that %s is still told (rule 3)", (_name, result, words) => {
    const run = sent();
    const learnt = facts(run.works(result));
    expect(learnt).toEqual([
      { is: "investigated", assessment: null, summary: expect.stringContaining(`could not be completed (${words}`) as string },
    ]);
    expect(notifications(run)).toHaveLength(1);
    expect(run.key).toContain("incident");
  });

  it("an agent that was lost is sent again with what it was told, and at last told as one that never looked", () => {
    const run = sent();
    run.works(lost(false));
    expect(request(run)).toMatchObject({ do: "start-job", briefs: [{ text: "errors rose at 10:00" }] });
    expect(stateOf(run)).toMatchObject({ attempts: 1, evictions: { crash: 1 } });
    const learnt = facts(run.works(lost(false)));
    expect(learnt.map(({ is }) => is)).toEqual(["evicted", "investigated"]);
    expect(notifications(run)[0]?.body).toContain("dispatched again 1 time(s) before");
    expect(run.run.phase.is).toBe("live");
  });

  it("that nobody told of it what to look at is sent with what was seen", () => {
    const run = sent();
    const context = { run: run.run, index: 0, step: currentStep(run.run), input: run.input, at: 1 };
    const untold = { ...stateOf(run), brief: null };
    expect(releaseHealthStep.onResult(context, untold, lost(false))).toMatchObject({
      request: { briefs: [{ text: "in alert: errors (5 %)" }] },
    });
  });

  it.each([
    ["without a budget nobody is sent", 0, 0],
    ["nor when it is used up", 2, 2],
  ])("%s: the run fails with what was seen", (_name, budget, attempts) => {
    const run = watching({ preset: { ...preset, releaseMaxAttempts: budget } });
    const context = { run: run.run, index: 0, step: currentStep(run.run), input: run.input, at: 1 };
    expect(releaseHealthStep.onResult(context, { ...stateOf(run), attempts }, seen(signal("alert")))).toEqual({
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
  const fails = (run: Play, message: string) =>
    facts(
      run.tell({
        command: "failed",
        at: run.at,
        actor: { type: "system", id: "millrace" },
        key: run.key,
        code: "provider_unavailable",
        message,
        passing: false,
      }),
    );

  it("before anything was seen fails the run", () => {
    const run = watching();
    fails(run, "down");
    expect(run.run.phase).toMatchObject({ failure: { code: "provider_unavailable" } });
  });

  it("after a regression was seen still tells people of it, and why nobody looked", () => {
    const run = alerted();
    expect(fails(run, "down")).toEqual([
      {
        is: "investigated",
        assessment: null,
        summary: "in alert: errors (5 %)\nThe investigation could not be completed (provider_unavailable: down): investigate by hand.",
      },
    ]);
    expect(notifications(run)).toHaveLength(1);
  });

  it("after people were told is written down, and the run goes on", () => {
    const run = sent();
    run.works(opinion());
    const why = `provider_unavailable: ${"m".repeat(4000)}`.slice(0, 4000);
    expect(fails(run, "m".repeat(4000))).toEqual([{ is: "not-enriched", why }]);
    expect(run.run.phase.is).toBe("done");
  });
});

describe("people who are asked to approve it", () => {
  const approval = { approvers: 1 };
  const changes: HumanAnswer = { answer: "request-changes", revision: { previous: null, feedback: "roll it back", comments: [] } };

  it("send the change back to the step that made it", () => {
    const run = play(["coder", { kind: "post-release-health", approval }], {}, { capabilities, block: { ...block, merged } });
    run.works(finished("code"));
    run.returns(seen());
    run.answers(changes);
    expect(run.run.cursor).toBe(0);
    expect(run.run.steps[0]?.revision).toMatchObject({ previous: output("code"), feedback: "roll it back" });
  });

  it("anything else they say ends the watch", () => {
    const run = play([{ kind: "post-release-health", approval }], { merged: sha("f") }, { capabilities });
    run.returns(seen());
    const wait = openWait(run.run);
    if (wait === null) throw new Error("nobody is asked");
    const context = { run: run.run, index: 0, step: currentStep(run.run), input: run.input, at: 1 };
    expect(releaseHealthStep.answered(context, stateOf(run), wait, { answer: "proceed" })).toEqual({ to: "finish" });
  });
});
