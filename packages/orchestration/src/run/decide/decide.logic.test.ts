import { describe, expect, it } from "vitest";
import {
  ada,
  answer,
  bareInlineKinds,
  engine,
  inputWith,
  finished,
  output,
  play,
  pullRequest,
  refusal,
  registries,
  runOf,
  untouched,
  type Play,
} from "./decider.fixture.js";
import { consequences } from "./consequences.logic.js";
import { decide, holdDecision } from "./decide.logic.js";
import { currentStep, due, isAtRest, isLive } from "../model/due.logic.js";
import type { Command } from "../model/command.js";
import { createStepKinds, type DefinedStepKind } from "../model/step-kind.js";

const types = (events: readonly { readonly type: string }[]): string[] => events.map((event) => event.type);
const asking = (): Play => play(["researcher", "documenter"]);
function working(): Play {
  const run = play(["architect"]);
  run.returns({ of: "start-job", handle: { key: run.key, ref: "job-1", model: "model-1" } });
  return run;
}

describe("starting", () => {
  it("begins the history with the whole run, then enters its first step", () => {
    const run = runOf(["researcher", "documenter"], { cursor: 1 });
    const { events } = decide(null, { command: "start", at: 7, actor: ada, run }, inputWith(), registries);
    expect(types(events.map((entry) => entry.event))).toEqual(["run-started", "step-entered", "effect-requested"]);
    expect(events[0]).toEqual({ version: 1, at: 7, actor: ada, event: { type: "run-started", run } });
    expect(events[1]).toMatchObject({ version: 1, at: 7, actor: ada, event: { step: 1 } });
  });

  it("every other command needs a run", () => {
    expect(refusal(() => decide(null, { command: "stopped", at: 1, actor: engine }, inputWith(), registries)).code).toBe("internal");
  });
});

describe("rule 2: only the effect or job in the state may return, and only while the run is live", () => {
  const stale = (key: string): readonly Command[] => [
    { command: "returned", at: 2, actor: engine, key, result: { of: "ask-agent", answer: answer("late") } },
    { command: "failed", at: 2, actor: engine, key, code: "model_failed", message: "late", passing: false },
    { command: "timed-out", at: 2, actor: engine, key, message: "late" },
  ];

  it.each([
    ["an effect", asking],
    ["a job", working],
  ])("another key than that of %s changes nothing; its own does", (_name, begin) => {
    for (const command of stale("run_1/0/9/work.1")) {
      const run = begin();
      const before = run.run;
      expect(run.tell(command)).toEqual([]);
      expect(run.run).toBe(before);
    }
    for (const command of stale(begin().key).slice(1)) expect(begin().tell(command)).not.toEqual([]);
  });

  it("a stopping and a finished run take no answer from their effect", () => {
    const run = asking();
    const { key } = run;
    run.stop("cancelled");
    for (const command of stale(key)) expect(run.tell(command)).toEqual([]);
    run.stopped();
    for (const command of stale(key)) expect(run.tell(command)).toEqual([]);
  });

  it("a waiting step takes no late answer either", () => {
    const run = play([{ kind: "researcher", approval: { approvers: 1 } }]);
    const { key } = run;
    run.returns({ of: "ask-agent", answer: answer("options") });
    for (const command of stale(key)) expect(run.tell(command)).toEqual([]);
  });

  it("a handle that comes back for an effect that starts no job, or for a job that is known, is ignored", () => {
    for (const begin of [asking, working])
      expect(begin().returns({ of: "start-job", handle: { key: "k", ref: "r", model: null } })).toEqual([]);
  });
});

describe("effects that fail", () => {
  it("a passing failure is tried five times under one key, then fails the run", () => {
    const run = asking();
    const { key } = run;
    for (let tries = 1; tries < 5; tries += 1) {
      expect(types(run.fails(true))).toEqual(["effect-failed"]);
      expect(currentStep(run.run).activity).toMatchObject({ is: "effect", effect: { key, tries } });
    }
    expect(types(run.fails(true))).toEqual(["effect-failed", "run-failed"]);
    expect(run.run.phase).toMatchObject({
      failure: { kind: "agent", code: "model_failed", message: "broken (tried 5 times)", detail: null },
    });
  });

  it("a final failure fails the run at once, and is recorded with its code", () => {
    const run = asking();
    const { key } = run;
    expect(run.fails(false)[0]).toEqual({ type: "effect-failed", step: 0, key, code: "model_failed", message: "broken" });
    expect(run.run.phase).toMatchObject({ failure: { message: "broken" } });
  });

  it("an unreadable job is looked at twenty times, then stopped, and the run fails once it is gone", () => {
    const run = working();
    for (let look = 1; look < 20; look += 1) {
      expect(types(run.fails(true))).toEqual(["effect-failed"]);
      expect(currentStep(run.run).activity).toMatchObject({ is: "job", unreadable: look });
    }
    expect(types(run.fails(true))).toEqual(["effect-failed", "stop-requested"]);
    expect(due(run.run)).toEqual({ is: "stop", job: { key: "run_1/0/1/work.1", ref: "job-1", model: "model-1" }, merge: null });
    run.stopped();
    expect(run.run.phase).toMatchObject({ is: "failed", failure: { kind: "timeout", code: "model_failed" } });
  });

  it.each([
    ["an agent's answer", ["researcher"], {}, "agent"],
    ["a job that does not start", ["architect"], {}, "dispatch"],
    ["a look at the forge", ["ci"], { pullRequest }, "processing"],
  ])("the failure of %s belongs to its family", (_name, steps, patch, kind) => {
    const run = play(steps, patch);
    run.fails(false);
    // A job may have begun all the same: its exit is seen first.
    if (run.run.phase.is === "stopping") run.stopped();
    expect(run.run.phase).toMatchObject({ is: "failed", failure: { kind } });
  });
});

describe("time", () => {
  it("a job that ran too long is stopped before the run fails; a call that is only asked for fails at once", () => {
    const late = (run: Play) => run.tell({ command: "timed-out", at: 9, actor: engine, key: run.key, message: "too long" });
    const job = working();
    expect(types(late(job))).toEqual(["stop-requested"]);
    job.stopped();
    expect(job.run.phase).toMatchObject({ is: "failed", failure: { kind: "timeout", code: "timed_out", message: "too long", at: 9 } });
    expect(types(late(asking()))).toEqual(["run-failed"]);
  });
});

describe("stop", () => {
  it("asks once; what it becomes is written when the exit was seen", () => {
    const run = asking();
    expect(types(run.stop("failed"))).toEqual(["stop-requested"]);
    expect(run.stop("cancelled")).toEqual([]);
    expect(isLive(run.run)).toBe(true);
    expect(types(run.stopped())).toEqual(["run-failed"]);
    expect(run.run.phase).toMatchObject({
      failure: { kind: "cancelled", code: "stopped", message: "enough", detail: null, step: 0, at: 1000 },
    });
    expect(run.run.phase.is === "failed" && run.run.phase.failure.hint).not.toBe("");
    expect(run.stopped()).toEqual([]);
  });

  it("a cancelled run says who cancelled it and why", () => {
    const run = asking();
    run.stop("cancelled");
    expect(run.run.phase).toEqual({ is: "stopping", then: { is: "cancelled", reason: "enough" }, by: ada, since: 1000 });
    run.at = 3000;
    expect(types(run.stopped())).toEqual(["run-cancelled"]);
    expect(run.run).toMatchObject({ finishedAt: 3000, phase: { is: "cancelled", by: ada, reason: "enough", at: 3000 } });
  });

  it("a reason of any length is kept as far as it fits the stored run", () => {
    for (const as of ["failed", "cancelled"] as const) {
      const run = asking();
      run.stop(as, "r".repeat(9000));
      run.stopped();
      expect(run.run.phase).toMatchObject(as === "failed" ? { failure: { message: "r".repeat(4000) } } : { reason: "r".repeat(2000) });
    }
  });

  it("a finished run is not stopped", () => {
    const run = asking();
    run.fails(false);
    expect(refusal(() => run.stop("failed"))).toEqual({ code: "run_not_live", fix: true });
  });

  it("a live run that nobody stopped is not ended by an exit that was seen", () => {
    expect(asking().stopped()).toEqual([]);
  });
});

describe("due: what a run needs from the world follows from its state alone", () => {
  it("an effect, a job, a person, or nothing", () => {
    const run = play([{ kind: "architect", approval: { approvers: 1 } }]);
    expect(due(run.run)).toMatchObject({ is: "effect", index: 0, effect: { key: "run_1/0/1/work.1", requestedAt: 1000, tries: 0 } });
    run.at = 1100;
    run.returns({ of: "start-job", handle: { key: run.key, ref: "job-1", model: null } });
    expect(due(run.run)).toMatchObject({ is: "poll", index: 0, job: { ref: "job-1", kind: "architect" }, startedAt: 1100 });
    run.returns(finished("design", untouched));
    expect(due(run.run)).toEqual({ is: "rest", on: "human" });
    run.answers({ answer: "approve", edited: null });
    expect(due(run.run)).toEqual({ is: "rest", on: "finished" });
    expect(run.run.phase).toEqual({ is: "done", at: 1100 });
  });

  it.each([
    ["a call that may have begun", ["researcher"], {}, { key: "run_1/0/1/work.1", ref: "", model: null }],
    ["a job that may have been started", ["architect"], {}, { key: "run_1/0/1/work.1", ref: "", model: null }],
    ["a look at the forge, which leaves nothing behind", ["ci"], { pullRequest }, null],
  ])("a stop takes along %s", (_name, steps, patch, job) => {
    const run = play(steps, patch);
    run.stop("failed");
    expect(due(run.run)).toEqual({ is: "stop", job, merge: null });
  });

  it("a run that points at no step, or at one that does nothing, is refused when it is read", () => {
    expect(refusal(() => due(runOf(["researcher"], { cursor: 1 }))).code).toBe("stored_shape_invalid");
    expect(refusal(() => due(runOf(["researcher"]))).code).toBe("stored_shape_invalid");
    const run = asking();
    run.returns({ of: "ask-agent", answer: answer("options") });
    expect(refusal(() => due({ ...run.run, cursor: 0 })).code).toBe("stored_shape_invalid");
  });
});

describe("what a move leaves behind", () => {
  it("an answer becomes the step's output and model, and the next step is entered in the same transition", () => {
    const run = asking();
    run.at = 2000;
    expect(types(run.returns({ of: "ask-agent", answer: answer("options") }))).toEqual([
      "output-recorded",
      "step-finished",
      "step-entered",
      "effect-requested",
    ]);
    expect(run.run).toMatchObject({
      cursor: 1,
      steps: [
        { output: output("options"), model: "model-1", activity: { is: "done" }, timing: { startedAt: 1000, finishedAt: 2000 } },
        { timing: { startedAt: 2000, finishedAt: null } },
      ],
    });
  });

  it("a pull request is recorded once, however often it is seen, and again when it is another", () => {
    const run = play(["coder", "coder", "coder"]);
    expect(types(run.works(finished("one")))).toContain("pull-request-recorded");
    expect(types(run.works(finished("two")))).not.toContain("pull-request-recorded");
    const seen = finished("three");
    if (seen.of !== "job" || seen.outcome.is !== "finished" || seen.outcome.observed === null) throw new Error("nothing was observed");
    const other = { ...seen.outcome.observed, pullRequest: { ...pullRequest, id: "pr8", number: 8 } };
    expect(types(run.works({ of: "job", outcome: { ...seen.outcome, observed: other } }))).toContain("pull-request-recorded");
    expect(run.run.pullRequest?.number).toBe(8);
  });

  it("what people approve is the output, or this attempt where there is none", () => {
    const gate = play([{ kind: "ci", approval: { approvers: 2 } }]);
    expect(currentStep(gate.run).activity).toMatchObject({
      is: "wait",
      wait: {
        id: "run_1.0.1.1",
        on: "approval",
        subject: "run_1/0/1",
        output: null,
        options: [],
        approvers: 2,
        approvedBy: [],
        openedAt: 1000,
      },
    });
    const inline = play([{ kind: "researcher", approval: { approvers: 1 } }]);
    inline.returns({ of: "ask-agent", answer: answer("options") });
    expect(currentStep(inline.run).activity).toMatchObject({ wait: { subject: "options", output: output("options") } });
  });

  it("texts of a failure fit the shape a run is stored in", () => {
    const run = play(["coder"]);
    run.works({
      of: "job",
      outcome: { is: "failed", code: "crashed", message: "m".repeat(5000), detail: "d".repeat(9000), observed: null },
    });
    expect(run.run.phase).toMatchObject({ failure: { message: "m".repeat(4000), detail: "d".repeat(8000) } });
  });

  it("a rework tells the step that starts over why, under a new attempt and new keys", () => {
    const run = play([{ kind: "researcher", approval: { approvers: 1 } }]);
    run.returns({ of: "ask-agent", answer: answer("options") });
    const revision = { previous: output("options"), feedback: "shorter", comments: [] };
    expect(run.answers({ answer: "request-changes", revision })[1]).toEqual({
      type: "rework-requested",
      step: 0,
      from: 0,
      to: 0,
      revision,
      why: "shorter",
    });
    expect(run.run.steps[0]).toMatchObject({ attempt: 2, effects: 1, waits: 0, output: null, approved: null, revision });
    expect(run.key).toBe("run_1/0/2/work.1");
    run.returns({ of: "ask-agent", answer: answer("short options") });
    run.answers({ answer: "approve", edited: null });
    expect(run.run.steps[0]).toMatchObject({ attempt: 2, revision: null, activity: { is: "done" } });
  });

  it("a step that people approved on the way is not asked about again when it finishes", () => {
    const asks = { on: "merge", question: "?", options: [], subject: "d", output: null, approvers: 1 } as const;
    const inline = registries.stepKinds.get("inline");
    const kind: DefinedStepKind = {
      ...inline,
      waits: { merge: { notification: "merge_review", answers: ["approve"] } },
      enter: () => ({ to: "wait", on: asks }),
      answered: () => ({ to: "finish" }),
    };
    const own = { ...registries, stepKinds: createStepKinds([kind]) };
    const run = runOf([{ kind: "researcher", approval: { approvers: 1 } }]);
    const parked = decide(null, { command: "start", at: 1, actor: ada, run }, inputWith(), own).run;
    const command = {
      command: "answer",
      at: 2,
      actor: ada,
      wait: "run_1.0.1.1",
      subject: "d",
      answer: { answer: "approve", edited: null },
    } as const;
    expect(decide(parked, command, inputWith(), own).run.phase).toEqual({ is: "done", at: 2 });
  });
});

describe("a pause in front of an effect", () => {
  const hold = { because: "budget", until: 9000, message: "no money" } as const;
  const held = (): Play => {
    const run = asking();
    run.tell({ command: "hold", at: 5, actor: engine, key: run.key, hold });
    return run;
  };

  it("holds the effect with its key and no other", () => {
    const run = held();
    expect(due(run.run)).toEqual({ is: "held", key: run.key, until: 9000 });
    const other = asking();
    expect(other.tell({ command: "hold", at: 5, actor: engine, key: "run_1/0/9/work.1", hold })).toEqual([]);
  });

  it("holds no job that runs: it goes on", () => {
    const run = working();
    run.tell({ command: "hold", at: 5, actor: engine, key: run.key, hold });
    expect(due(run.run)).toMatchObject({ is: "poll", job: { ref: "job-1" } });
    expect(currentStep(run.run).activity).toEqual(currentStep(working().run).activity);
  });

  it("is released once; then there is nothing to release: a driver is ignored, a person is told", () => {
    const run = held();
    expect(types(run.tell({ command: "release", at: 6, actor: engine }))).toEqual(["effect-released"]);
    expect(run.tell({ command: "release", at: 7, actor: engine })).toEqual([]);
    expect(refusal(() => run.tell({ command: "release", at: 7, actor: ada }))).toEqual({ code: "conflict", fix: true });
  });

  it("is added to a decision whose commit a budget refused: what became known on the way is kept", () => {
    const run = asking();
    const returned = { command: "returned", at: 3, actor: engine, key: run.key, result: { of: "ask-agent", answer: answer("x") } } as const;
    const decision = decide(run.run, returned, run.input, registries);
    const paused = holdDecision(decision, { at: 3, actor: engine }, hold, run.input, registries);
    expect(types(paused.events.map(({ event }) => event))).toEqual([...types(decision.events.map(({ event }) => event)), "effect-held"]);
    expect(paused.again).toBe(false);
    expect(due(paused.run)).toMatchObject({ is: "held", until: 9000 });
    const job = working();
    const waiting = { events: [], run: job.run, again: false };
    expect(refusal(() => holdDecision(waiting, { at: 3, actor: engine }, hold, job.input, registries)).code).toBe("internal");
  });

  it("is a rest for whoever follows the run when it is long or has no end, like a wait and an end", () => {
    const at = (until: number | null) => {
      const run = asking();
      run.tell({ command: "hold", at: 5, actor: engine, key: run.key, hold: { ...hold, until } });
      return run.run;
    };
    const now = 1000;
    expect(isAtRest(at(null), now)).toBe(true);
    expect(isAtRest(at(now + 10 * 60_000), now)).toBe(false);
    expect(isAtRest(at(now + 10 * 60_000 + 1), now)).toBe(true);
    expect(isAtRest(asking().run, now)).toBe(false);
    expect(isAtRest(working().run, now)).toBe(false);
    const waiting = play([{ kind: "researcher", approval: { approvers: 1 } }]);
    waiting.returns({ of: "ask-agent", answer: answer("options") });
    expect(isAtRest(waiting.run, now)).toBe(true);
    waiting.answers({ answer: "approve", edited: null });
    expect(isAtRest(waiting.run, now)).toBe(true);
  });
});

describe("a step kind that leaves out what it may", () => {
  const own = { ...registries, stepKinds: bareInlineKinds() };

  it("fails its run when its effect does", () => {
    const { run } = decide(null, { command: "start", at: 1, actor: ada, run: runOf(["researcher"]) }, inputWith(), own);
    const failed = { command: "failed", at: 2, actor: engine, key: "run_1/0/1/work.1", code: "model_failed", message: "broken" } as const;
    const decision = decide(run, { ...failed, passing: false }, inputWith(), own);
    expect(decision.run.phase).toMatchObject({ is: "failed", failure: { code: "model_failed", message: "broken" } });
  });

  it("its facts mean nothing outside the run", () => {
    const { run } = play(["researcher"]);
    const event = { type: "fact-recorded", step: 0, fact: { is: "seen" } } as const;
    const changes = consequences(
      { before: run, after: run, events: [{ version: 1, at: 1, actor: engine, event }], again: false, at: 1 },
      inputWith(),
      own.stepKinds,
    );
    expect(changes.map(({ change }) => change)).toEqual(["patch-block", "wake"]);
  });
});

it("a merge that was recorded already is not recorded again by the stop that sees it", () => {
  const record = { pullRequest, commit: "f".repeat(40), head: "2".repeat(40), base: "b".repeat(40), at: 5, runId: "run_1" };
  const stopping = (merged: string | null) => {
    const run = play(["researcher"], { merged });
    run.stop("cancelled");
    return types(run.tell({ command: "stopped", at: 9, actor: engine, merged: record }));
  };
  expect(stopping(null)).toEqual(["merged", "run-cancelled"]);
  expect(stopping(record.commit)).toEqual(["run-cancelled"]);
});

it("a job whose start failed for good may run all the same: it is stopped before the run fails", () => {
  const run = play(["architect"]);
  run.fails(false, "dispatch_failed");
  expect(run.run.phase).toMatchObject({ is: "stopping", then: { failure: { kind: "dispatch", code: "dispatch_failed" } } });
  expect(due(run.run)).toEqual({ is: "stop", job: { key: "run_1/0/1/work.1", ref: "", model: null }, merge: null });
});
