import { taskBranch } from "@millrace/kernel";
import { describe, expect, it } from "vitest";
import {
  agentAnswer,
  answers,
  checkRun,
  type DeciderSpec,
  fails,
  finishedJob,
  given,
  hasStopped,
  jobReturns,
  outputRef,
  probeResult,
  pullRequest,
  releases,
  returns,
  stops,
  testUser,
  unchangedWork,
} from "../../spec/index.js";
import { builtInRegistries, decisionInput, newRun } from "../../spec/defaults.js";
import { ENGINE } from "../../platform/actor.logic.js";
import { bareInlineKinds, refusal } from "./decider.fixture.js";
import { consequences } from "./consequences.logic.js";
import { decide, holdDecision } from "./decide.logic.js";
import { changeAtRest, currentStep, due, isAtRest, isLive } from "../model/due.logic.js";
import type { Command } from "../model/command.js";
import { createStepKinds, type DefinedStepKind } from "../model/step-kind.js";

const types = (events: readonly { readonly type: string }[]): string[] => events.map((event) => event.type);
const asking = (): DeciderSpec => given(["researcher", "documenter"]);
function working(): DeciderSpec {
  const spec = given(["architect"]);
  spec.when(returns({ of: "start-job", handle: { key: spec.key, ref: "job-1", model: "model-1" } }));
  return spec;
}

describe("starting", () => {
  it("begins the history with the whole run, then enters its first step", () => {
    const run = newRun(["researcher", "documenter"], { cursor: 1 });
    const { events } = decide(null, { command: "start", at: 7, actor: testUser, run }, decisionInput(), builtInRegistries);
    expect(types(events.map((entry) => entry.event))).toEqual(["run-started", "step-entered", "effect-requested"]);
    expect(events[0]).toEqual({ version: 1, at: 7, actor: testUser, event: { type: "run-started", run } });
    expect(events[1]).toMatchObject({ version: 1, at: 7, actor: testUser, event: { step: 1 } });
  });

  it("every other command needs a run", () => {
    expect(refusal(() => decide(null, { command: "stopped", at: 1, actor: ENGINE }, decisionInput(), builtInRegistries)).code).toBe(
      "internal",
    );
  });
});

describe("rule 2: only the effect or job in the state may return, and only while the run is live", () => {
  const stale = (key: string): readonly Command[] => [
    { command: "returned", at: 2, actor: ENGINE, key, result: agentAnswer("late") },
    { command: "failed", at: 2, actor: ENGINE, key, code: "model_failed", message: "late", passing: false },
    { command: "timed-out", at: 2, actor: ENGINE, key, message: "late" },
  ];

  it.each([
    ["an effect", asking],
    ["a job", working],
  ])("another key than that of %s changes nothing; its own does", (_name, begin) => {
    for (const command of stale("run_1/0/9/work.1")) {
      const spec = begin();
      const before = spec.run;
      expect(spec.when(command).events).toEqual([]);
      expect(spec.run).toBe(before);
    }
    for (const command of stale(begin().key).slice(1)) expect(begin().when(command).events).not.toEqual([]);
  });

  it("a stopping and a finished run take no answer from their effect", () => {
    const spec = asking();
    const { key } = spec;
    spec.when(stops("cancelled"));
    for (const command of stale(key)) expect(spec.when(command).events).toEqual([]);
    spec.when(hasStopped());
    for (const command of stale(key)) expect(spec.when(command).events).toEqual([]);
  });

  it("a waiting step takes no late answer either", () => {
    const spec = given([{ kind: "researcher", approval: { approvers: 1 } }]);
    const { key } = spec;
    spec.when(returns(agentAnswer("options")));
    for (const command of stale(key)) expect(spec.when(command).events).toEqual([]);
  });

  it("a handle that comes back for an effect that starts no job, or for a job that is known, is ignored", () => {
    for (const begin of [asking, working])
      expect(begin().when(returns({ of: "start-job", handle: { key: "k", ref: "r", model: null } })).events).toEqual([]);
  });
});

describe("effects that fail", () => {
  it("a passing failure is tried five times under one key, then fails the run", () => {
    const spec = asking();
    const { key } = spec;
    for (let tries = 1; tries < 5; tries += 1) {
      expect(types(spec.when(fails(true)).events)).toEqual(["effect-failed"]);
      expect(currentStep(spec.run).activity).toMatchObject({ is: "effect", effect: { key, tries } });
    }
    // The reply of a try may be what was lost: its end is seen, and what it spent settled (F:B1).
    expect(types(spec.when(fails(true)).events)).toEqual(["effect-failed", "stop-requested"]);
    expect(spec.run.phase).toMatchObject({
      then: { failure: { kind: "agent", code: "model_failed", message: "broken (tried 5 times)", detail: null } },
    });
  });

  it("a final failure fails the run at once, and is recorded with its code", () => {
    const spec = asking();
    const { key } = spec;
    expect(spec.when(fails(false)).events[0]).toEqual({ type: "effect-failed", step: 0, key, code: "model_failed", message: "broken" });
    expect(spec.run.phase).toMatchObject({ failure: { message: "broken" } });
  });

  it("F:C2 a service that is out of order pauses the run in front of its call, again and again for a day, and fails it then", () => {
    const spec = asking();
    const { key } = spec;
    for (let tries = 1; tries < 5; tries += 1) spec.when(fails(true, "unavailable"));
    for (let pause = 0; pause < 96; pause += 1) {
      expect(types(spec.when(fails(true, "unavailable")).events)).toEqual(["effect-failed", "effect-held"]);
      expect(currentStep(spec.run).activity).toMatchObject({
        effect: { key, hold: { because: "outage", since: spec.now, until: spec.now + 15 * 60_000, message: "broken" } },
      });
      spec.now += 15 * 60_000;
      spec.when(releases());
    }
    expect(types(spec.when(fails(true, "unavailable")).events)).toEqual(["effect-failed", "stop-requested"]);
  });

  it("F:C2 an outage that ends is over: the call goes through, whatever was tried before", () => {
    const spec = asking();
    for (let tries = 0; tries < 5; tries += 1) spec.when(fails(true, "git_failed"));
    spec.when(releases());
    spec.when(returns(agentAnswer("hello")));
    expect(spec.summary).toBe("researcher:done documenter:effect");
  });

  it("F:C2 a job that cannot be asked during an outage is asked every quarter of an hour, and its work is kept", () => {
    const spec = working();
    // Nothing is paused: the job runs, and what it finishes is fetched by the next poll.
    for (let poll = 0; poll < 21; poll += 1) expect(types(spec.when(fails(true, "git_failed")).events)).toEqual(["effect-failed"]);
    expect(spec.run.phase.is).toBe("live");
    expect(spec.changes).toContainEqual(expect.objectContaining({ change: "wake", at: spec.now + 15 * 60_000 }));
    spec.when(jobReturns(finishedJob("delivered at last", unchangedWork)));
    expect(spec.run.phase.is).not.toBe("failed");
  });

  it("an unreadable job is looked at twenty times, then stopped, and the run fails once it is gone", () => {
    const spec = working();
    for (let poll = 1; poll < 20; poll += 1) {
      expect(types(spec.when(fails(true)).events)).toEqual(["effect-failed"]);
      expect(currentStep(spec.run).activity).toMatchObject({ is: "job", unreadable: poll });
    }
    expect(types(spec.when(fails(true)).events)).toEqual(["effect-failed", "stop-requested"]);
    expect(due(spec.run)).toMatchObject({
      is: "stop",
      job: { key: "run_1/0/1/work.1", ref: "job-1", kind: "architect", model: "model-1" },
      isMerging: false,
    });
    spec.when(hasStopped());
    expect(spec.run.phase).toMatchObject({ is: "failed", failure: { kind: "job_failed", code: "model_failed" } });
  });

  it.each([
    ["an agent's answer", ["researcher"], {}, "agent"],
    ["a job that does not start", ["architect"], {}, "dispatch"],
    ["a look at the forge", ["ci"], { pullRequest }, "processing"],
  ])("the failure of %s belongs to its family", (_name, steps, patch, kind) => {
    const spec = given(steps, { run: patch });
    spec.when(fails(false));
    // A job may have begun all the same: its exit is seen first.
    if (spec.run.phase.is === "stopping") spec.when(hasStopped());
    expect(spec.run.phase).toMatchObject({ is: "failed", failure: { kind } });
  });
});

describe("time", () => {
  it("a job that ran too long is stopped before the run fails; a call that is only asked for fails at once", () => {
    const late = (spec: DeciderSpec) =>
      spec.when({ command: "timed-out", at: 9, actor: ENGINE, key: spec.key, message: "too long" }).events;
    const job = working();
    expect(types(late(job))).toEqual(["stop-requested"]);
    job.when(hasStopped());
    expect(job.run.phase).toMatchObject({ is: "failed", failure: { kind: "timeout", code: "timed_out", message: "too long", at: 9 } });
    expect(types(late(asking()))).toEqual(["run-failed"]);
  });
});

describe("stop", () => {
  it("asks once; what it becomes is written when the exit was seen", () => {
    const spec = asking();
    expect(types(spec.when(stops("failed")).events)).toEqual(["stop-requested"]);
    expect(spec.when(stops("cancelled")).events).toEqual([]);
    expect(isLive(spec.run)).toBe(true);
    expect(types(spec.when(hasStopped()).events)).toEqual(["run-failed"]);
    expect(spec.run.phase).toMatchObject({
      failure: { kind: "cancelled", code: "stopped", message: "enough", detail: null, step: 0, at: 1000 },
    });
    expect(spec.run.phase.is === "failed" && spec.run.phase.failure.hint).not.toBe("");
    expect(spec.when(hasStopped()).events).toEqual([]);
  });

  it("a cancelled run says who cancelled it and why", () => {
    const spec = asking();
    spec.when(stops("cancelled"));
    expect(spec.run.phase).toEqual({ is: "stopping", then: { is: "cancelled", reason: "enough" }, by: testUser, since: 1000 });
    spec.now = 3000;
    expect(types(spec.when(hasStopped()).events)).toEqual(["run-cancelled"]);
    expect(spec.run).toMatchObject({ finishedAt: 3000, phase: { is: "cancelled", by: testUser, reason: "enough", at: 3000 } });
  });

  it("a reason of any length is kept as far as it fits the stored run", () => {
    for (const as of ["failed", "cancelled"] as const) {
      const spec = asking();
      spec.when(stops(as, "r".repeat(9000)));
      spec.when(hasStopped());
      expect(spec.run.phase).toMatchObject(as === "failed" ? { failure: { message: "r".repeat(4000) } } : { reason: "r".repeat(2000) });
    }
  });

  it("a finished run is not stopped", () => {
    const spec = asking();
    spec.when(fails(false));
    expect(refusal(() => spec.when(stops("failed")))).toEqual({ code: "run_not_live", fix: true });
  });

  it("a live run that was not stopped is not ended by an exit that was seen", () => {
    expect(asking().when(hasStopped()).events).toEqual([]);
  });
});

describe("due: what a run needs from the world follows from its state alone", () => {
  it("an effect, a job, a person, or nothing", () => {
    const spec = given([{ kind: "architect", approval: { approvers: 1 } }]);
    expect(due(spec.run)).toMatchObject({ is: "effect", index: 0, effect: { key: "run_1/0/1/work.1", requestedAt: 1000, tries: 0 } });
    spec.now = 1100;
    spec.when(returns({ of: "start-job", handle: { key: spec.key, ref: "job-1", model: null } }));
    expect(due(spec.run)).toMatchObject({ is: "poll", index: 0, job: { ref: "job-1", kind: "architect" }, startedAt: 1100 });
    spec.when(returns(finishedJob("design", unchangedWork)));
    expect(due(spec.run)).toEqual({ is: "rest", on: "human" });
    spec.when(answers({ answer: "approve", edited: null }));
    expect(due(spec.run)).toEqual({ is: "rest", on: "finished" });
    expect(spec.run.phase).toEqual({ is: "done", at: 1100 });
  });

  it.each([
    ["a call that may have begun", ["researcher"], {}, { key: "run_1/0/1/work.1", ref: "", kind: "researcher", model: null }],
    ["a job that may have been started", ["architect"], {}, { key: "run_1/0/1/work.1", ref: "", kind: "architect", model: null }],
    ["a look at the forge, which leaves nothing behind", ["ci"], { pullRequest }, null],
  ])("a stop takes along %s", (_name, steps, patch, job) => {
    const spec = given(steps, { run: patch });
    spec.when(stops("failed"));
    expect(due(spec.run)).toMatchObject({ is: "stop", job, isMerging: false });
  });

  it("a stop asks the forge about a pull request that no merge is known of, and about no other", () => {
    const stopping = (merged: string | null) => due(given(["researcher"], { run: { pullRequest, merged } }).when(stops("failed")).run);
    expect(stopping(null)).toMatchObject({ is: "stop", pullRequest });
    expect(stopping("f".repeat(40))).toMatchObject({ is: "stop", pullRequest: null });
  });

  it("a pause began when it was made, or when its effect was asked for in runs of before", () => {
    const paused = (since?: number) => {
      const spec = asking();
      const hold = { because: "quota", until: null, message: "", ...(since === undefined ? {} : { since }) } as const;
      return due(spec.when({ command: "hold", at: 5, actor: ENGINE, key: spec.key, hold }).run);
    };
    expect(paused(1700)).toMatchObject({ is: "held", since: 1700 });
    expect(paused()).toMatchObject({ is: "held", since: 1000 });
  });

  it("the change that may land while a run rests is that of its pull request, else that of the branch of its task", () => {
    const repository = { forge: "memory", id: "sample", base: "main" };
    const held = (patch = {}) => {
      const spec = given(["researcher"], { run: patch });
      const hold = { because: "quota", until: null, message: "" } as const;
      return changeAtRest(spec.when({ command: "hold", at: 5, actor: ENGINE, key: spec.key, hold }).run);
    };
    expect(held({ pullRequest })).toEqual({ repository, branch: "work", runId: "run_1" });
    expect(held()).toEqual({ repository, branch: taskBranch({ id: "blk_1" }), runId: "run_1" });
    expect(held({ merged: "f".repeat(40) })).toBeNull();
    expect(changeAtRest(asking().run)).toBeNull();
  });

  it("a run that points at no step, or at one that does nothing, is refused when it is read", () => {
    expect(refusal(() => due(newRun(["researcher"], { cursor: 1 }))).code).toBe("stored_shape_invalid");
    expect(refusal(() => due(newRun(["researcher"]))).code).toBe("stored_shape_invalid");
    const spec = asking();
    spec.when(returns(agentAnswer("options")));
    expect(refusal(() => due({ ...spec.run, cursor: 0 })).code).toBe("stored_shape_invalid");
    const steps = spec.run.steps.map((step) => ({ ...step, activity: { is: "skipped", reason: "x" } as const }));
    expect(refusal(() => due({ ...spec.run, steps })).code).toBe("stored_shape_invalid");
  });
});

describe("what a move leaves behind", () => {
  it("an answer becomes the step's output and model, and the next step is entered in the same transition", () => {
    const spec = asking();
    spec.now = 2000;
    expect(types(spec.when(returns(agentAnswer("options"))).events)).toEqual([
      "output-recorded",
      "step-finished",
      "step-entered",
      "effect-requested",
    ]);
    expect(spec.run).toMatchObject({
      cursor: 1,
      steps: [
        { output: outputRef("options"), model: "model-1", activity: { is: "done" }, timing: { startedAt: 1000, finishedAt: 2000 } },
        { timing: { startedAt: 2000, finishedAt: null } },
      ],
    });
  });

  it("a pull request is recorded once, however often it is seen, and again when it is another", () => {
    const spec = given(["coder", "coder", "coder"]);
    expect(types(spec.when(jobReturns(finishedJob("one"))).events)).toContain("pull-request-recorded");
    expect(types(spec.when(jobReturns(finishedJob("two"))).events)).not.toContain("pull-request-recorded");
    const seen = finishedJob("three");
    if (seen.of !== "job" || seen.outcome.is !== "finished" || seen.outcome.observed === null) throw new Error("nothing was observed");
    const other = { ...seen.outcome.observed, pullRequest: { ...pullRequest, id: "pr8", number: 8 } };
    expect(types(spec.when(jobReturns({ of: "job", outcome: { ...seen.outcome, observed: other } })).events)).toContain(
      "pull-request-recorded",
    );
    expect(spec.run.pullRequest?.number).toBe(8);
  });

  it("what people approve is the output, or this attempt where there is none", () => {
    const gate = given([{ kind: "ci", approval: { approvers: 2 } }]);
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
    const inline = given([{ kind: "researcher", approval: { approvers: 1 } }]);
    inline.when(returns(agentAnswer("options")));
    expect(currentStep(inline.run).activity).toMatchObject({ wait: { subject: "options", output: outputRef("options") } });
  });

  it("texts of a failure fit the shape a run is stored in", () => {
    const spec = given(["coder"]);
    spec.when(
      jobReturns({
        of: "job",
        outcome: { is: "failed", code: "crashed", message: "m".repeat(5000), detail: "d".repeat(9000), observed: null },
      }),
    );
    expect(spec.run.phase).toMatchObject({ failure: { message: "m".repeat(4000), detail: "d".repeat(8000) } });
  });

  it("a rework tells the step that starts over why, under a new attempt and new keys", () => {
    const spec = given([{ kind: "researcher", approval: { approvers: 1 } }]);
    spec.when(returns(agentAnswer("options")));
    const revision = { previous: outputRef("options"), feedback: "shorter", comments: [] };
    expect(spec.when(answers({ answer: "request-changes", revision })).events[1]).toEqual({
      type: "rework-requested",
      step: 0,
      from: 0,
      to: 0,
      revision,
      why: "shorter",
    });
    expect(spec.run.steps[0]).toMatchObject({ attempt: 2, effects: 1, waits: 0, output: null, approved: null, revision });
    expect(spec.key).toBe("run_1/0/2/work.1");
    spec.when(returns(agentAnswer("short options")));
    spec.when(answers({ answer: "approve", edited: null }));
    expect(spec.run.steps[0]).toMatchObject({ attempt: 2, revision: null, activity: { is: "done" } });
  });

  it("a step that people approved on the way is not asked about again when it finishes", () => {
    const asks = { on: "merge", question: "?", options: [], subject: "d", output: null, approvers: 1 } as const;
    const inline = builtInRegistries.stepKinds.get("inline");
    const kind: DefinedStepKind = {
      ...inline,
      waits: { merge: { notification: "merge_review", answers: ["approve"] } },
      enter: () => ({ to: "wait", on: asks }),
      answered: () => ({ to: "finish" }),
    };
    const own = { ...builtInRegistries, stepKinds: createStepKinds([kind]) };
    const run = newRun([{ kind: "researcher", approval: { approvers: 1 } }]);
    const parked = decide(null, { command: "start", at: 1, actor: testUser, run }, decisionInput(), own).run;
    const command = {
      command: "answer",
      at: 2,
      actor: testUser,
      wait: "run_1.0.1.1",
      subject: "d",
      answer: { answer: "approve", edited: null },
    } as const;
    expect(decide(parked, command, decisionInput(), own).run.phase).toEqual({ is: "done", at: 2 });
  });
});

describe("a pause in front of an effect", () => {
  const hold = { because: "budget", until: 9000, message: "no money" } as const;
  const held = (): DeciderSpec => {
    const spec = asking();
    spec.when({ command: "hold", at: 5, actor: ENGINE, key: spec.key, hold });
    return spec;
  };

  it("holds the effect with its key and no other", () => {
    const spec = held();
    expect(due(spec.run)).toMatchObject({ is: "held", key: spec.key, until: 9000 });
    const other = asking();
    expect(other.when({ command: "hold", at: 5, actor: ENGINE, key: "run_1/0/9/work.1", hold }).events).toEqual([]);
  });

  it("takes no answer: its call was not made", () => {
    const spec = asking();
    spec.when({ command: "hold", at: 5, actor: ENGINE, key: spec.key, hold: { because: "quota", until: null, message: "" } });
    expect(spec.when(returns(agentAnswer("options"))).events).toEqual([]);
    expect(spec.summary).toBe("researcher:effect documenter:pending");
  });

  it("holds no job that runs: it goes on", () => {
    const spec = working();
    spec.when({ command: "hold", at: 5, actor: ENGINE, key: spec.key, hold });
    expect(due(spec.run)).toMatchObject({ is: "poll", job: { ref: "job-1" } });
    expect(currentStep(spec.run).activity).toEqual(currentStep(working().run).activity);
  });

  it("is released once; then there is nothing to release: a driver is ignored, a person is told", () => {
    const spec = held();
    expect(types(spec.when({ command: "release", at: 6, actor: ENGINE }).events)).toEqual(["effect-released"]);
    expect(spec.when({ command: "release", at: 7, actor: ENGINE }).events).toEqual([]);
    expect(refusal(() => spec.when({ command: "release", at: 7, actor: testUser }))).toEqual({ code: "conflict", fix: true });
  });

  it("is added to a decision whose commit a budget refused: what became known on the way is kept", () => {
    const spec = asking();
    const returned = { command: "returned", at: 3, actor: ENGINE, key: spec.key, result: agentAnswer("x") } as const;
    const decision = decide(spec.run, returned, spec.input, builtInRegistries);
    const paused = holdDecision(decision, { at: 3, actor: ENGINE }, hold, spec.input, builtInRegistries);
    expect(types(paused.events.map(({ event }) => event))).toEqual([...types(decision.events.map(({ event }) => event)), "effect-held"]);
    expect(paused.pollAgain).toBe(false);
    expect(due(paused.run)).toMatchObject({ is: "held", until: 9000 });
    const job = working();
    const waiting = { events: [], run: job.run, pollAgain: false };
    expect(refusal(() => holdDecision(waiting, { at: 3, actor: ENGINE }, hold, job.input, builtInRegistries)).code).toBe("internal");
  });

  it("is a rest for a follower of the run when it is long or has no end, like a wait and an end", () => {
    const at = (until: number | null) => {
      const spec = asking();
      spec.when({ command: "hold", at: 5, actor: ENGINE, key: spec.key, hold: { ...hold, until } });
      return spec.run;
    };
    const now = 1000;
    expect(isAtRest(at(null), now)).toBe(true);
    expect(isAtRest(at(now + 10 * 60_000), now)).toBe(false);
    expect(isAtRest(at(now + 10 * 60_000 + 1), now)).toBe(true);
    expect(isAtRest(asking().run, now)).toBe(false);
    expect(isAtRest(working().run, now)).toBe(false);
    const waiting = given([{ kind: "researcher", approval: { approvers: 1 } }]);
    waiting.when(returns(agentAnswer("options")));
    expect(isAtRest(waiting.run, now)).toBe(true);
    waiting.when(answers({ answer: "approve", edited: null }));
    expect(isAtRest(waiting.run, now)).toBe(true);
  });
});

describe("a step kind that leaves out what it may", () => {
  const own = { ...builtInRegistries, stepKinds: bareInlineKinds() };

  it("fails its run when its effect does", () => {
    const { run } = decide(null, { command: "start", at: 1, actor: testUser, run: newRun(["researcher"]) }, decisionInput(), own);
    const failed = { command: "failed", at: 2, actor: ENGINE, key: "run_1/0/1/work.1", code: "model_failed", message: "broken" } as const;
    const decision = decide(run, { ...failed, passing: false }, decisionInput(), own);
    expect(decision.run.phase).toMatchObject({ is: "failed", failure: { code: "model_failed", message: "broken" } });
  });

  it("its facts mean nothing outside the run", () => {
    const { run } = given(["researcher"]);
    const event = { type: "fact-recorded", step: 0, fact: { is: "seen" } } as const;
    const changes = consequences(
      { before: run, after: run, events: [{ version: 1, at: 1, actor: ENGINE, event }], pollAgain: false, at: 1 },
      decisionInput(),
      own.stepKinds,
    );
    expect(changes.map(({ change }) => change)).toEqual(["patch-block", "wake"]);
  });
});

it("a merge that was recorded already is not recorded again by the stop that sees it", () => {
  const record = { pullRequest, commit: "f".repeat(40), head: "2".repeat(40), base: "b".repeat(40), at: 5, runId: "run_1" };
  const stopping = (merged: string | null) => {
    const spec = given(["researcher"], { run: { merged } });
    spec.when(stops("cancelled"));
    return types(spec.when({ command: "stopped", at: 9, actor: ENGINE, merged: record }).events);
  };
  expect(stopping(null)).toEqual(["merged", "run-cancelled"]);
  expect(stopping(record.commit)).toEqual(["run-cancelled"]);
});

describe("a run that fails with a pull request", () => {
  const record = { pullRequest, commit: "f".repeat(40), head: "2".repeat(40), base: "b".repeat(40), at: 5, runId: "run_0" };
  const failing = (run = {}, input = {}): DeciderSpec => given(["ci"], { run, input }).when(fails(false, "forge_failed"));

  it("F:A6 asks the forge first whether it has landed, and says on which branch the change is", () => {
    const spec = failing({ pullRequest });
    expect(types(spec.events)).toEqual(["effect-failed", "stop-requested", "run-failed"]);
    const exhausted = given(["ci"], { run: { pullRequest }, input: { preset: { ...decisionInput().preset, ciMaxAttempts: 0 } } });
    exhausted.when(returns(probeResult({}, [checkRun("failure")])));
    expect(exhausted.phase).toMatchObject({ failure: { hint: expect.stringContaining("'work'") } });
  });

  it("F:A6 ends at once where the merge is known, of the run or of its task", () => {
    expect(types(given(["researcher"], { run: { pullRequest, merged: record.commit } }).when(fails(false)).events)).toEqual([
      "effect-failed",
      "run-failed",
    ]);
    const block = { ...decisionInput().block, merged: record };
    expect(types(failing({ pullRequest }, { block }).events)).toEqual(["effect-failed", "run-failed"]);
  });
});

it("F:B1 what is called again and is no agent spends nothing: the run fails at once", () => {
  const spec = given(["deployer"]).when(fails(true), fails(false));
  expect(types(spec.events)).toEqual(["effect-failed", "run-failed"]);
});

describe("a defect of the engine or of a kind", () => {
  const defect: Command = { command: "defect", at: 9, actor: ENGINE, code: "internal", message: "threw" };

  it.each<[string, () => DeciderSpec, string[]]>([
    ["a call that was made once fails the run", asking, ["run-failed"]],
    ["a call that was tried before is seen to end first", () => asking().when(fails(true)), ["stop-requested"]],
    ["a job is seen to end first", working, ["stop-requested"]],
    [
      "a run that waits for a person fails",
      () => given([{ kind: "researcher", approval: { approvers: 1 } }]).when(returns(agentAnswer("options"))),
      ["run-failed"],
    ],
    ["a run that is stopping fails: that is where it threw", () => working().when(stops("cancelled")), ["run-failed"]],
    [
      "a run that is stopping fails also with a pull request: the forge is not asked twice",
      () => given(["ci"], { run: { pullRequest } }).when(stops("cancelled")),
      ["run-failed"],
    ],
    ["a run that has ended stays as it is", () => asking().when(fails(false)), []],
  ])("%s", (_name, begin, events) => expect(types(begin().when(defect).events)).toEqual(events));
});

it("a failure whose call could not be seen to end says why it ended, as far as it fits", () => {
  const spec = given(["architect"]).when(fails(false, "dispatch_failed"));
  const { job } = due(spec.run) as Extract<ReturnType<typeof due>, { is: "stop" }>;
  spec.when({ command: "stopped", at: 9, actor: ENGINE, unseen: job });
  expect(spec.phase).toMatchObject({ failure: { code: "job_unseen", message: expect.stringMatching(/^broken;.*run_1\/0\/1\/work\.1/) } });
  const long = given(["architect"]).when(stops("cancelled", "r".repeat(9000)));
  long.when({ command: "stopped", at: 9, actor: ENGINE, unseen: { key: "k".repeat(200), ref: "", kind: "k".repeat(3000), model: null } });
  expect(long.phase.is === "failed" && long.phase.failure.message).toHaveLength(4000);
});

it("a job whose start failed for good may run all the same: it is stopped before the run fails", () => {
  const spec = given(["architect"]);
  spec.when(fails(false, "dispatch_failed"));
  expect(spec.run.phase).toMatchObject({ is: "stopping", then: { failure: { kind: "dispatch", code: "dispatch_failed" } } });
  expect(due(spec.run)).toMatchObject({
    is: "stop",
    job: { key: "run_1/0/1/work.1", ref: "", kind: "architect", model: null },
    isMerging: false,
  });
});

describe("a change that has landed while nothing was in flight", () => {
  const record = { pullRequest, commit: "f".repeat(40), head: "2".repeat(40), base: "b".repeat(40), at: 5, runId: "run_1" };
  const lands: Command = { command: "landed", at: 9, actor: ENGINE, merged: record };
  const approved = { kind: "researcher", approval: { approvers: 1 } };
  const asked = (steps: Parameters<typeof given>[0], input = {}): DeciderSpec =>
    given(steps, { run: { pullRequest }, input }).when(returns(agentAnswer("options")));

  it("passes by every step up to the merger, and goes on behind it", () => {
    const spec = asked([approved, "ci", "merger", "documenter"]).when(lands);
    expect(spec.summary).toBe("researcher:skipped ci:skipped merger:skipped documenter:effect");
    expect(spec.run).toMatchObject({ merged: record.commit, cursor: 3 });
    expect(spec.changes).toContainEqual(expect.objectContaining({ change: "resolve-notification", as: "acted" }));
  });

  it("ends a run without a merger: nothing says what would come behind the merge", () => {
    const spec = asked([approved, "documenter"]).when(lands);
    expect(spec.summary).toBe("researcher:skipped documenter:skipped");
    expect(spec.phase.is).toBe("done");
  });

  it("is learnt by a run without a pull request: an earlier run of the task opened it", () => {
    const spec = given([approved, "ci", "merger"])
      .when(returns(agentAnswer("options")))
      .when(lands);
    expect(spec.run).toMatchObject({ pullRequest: null, merged: record.commit, phase: { is: "done" } });
  });

  it("leaves a run alone that works, that has no repository, or that knows", () => {
    const events = (spec: DeciderSpec): readonly unknown[] => spec.when(lands).events;
    expect(events(given(["researcher"], { run: { pullRequest } }))).toEqual([]);
    expect(events(given([approved], { run: { repository: null } }).when(returns(agentAnswer("options"))))).toEqual([]);
    expect(events(given([approved], { run: { pullRequest, merged: record.commit } }).when(returns(agentAnswer("options"))))).toEqual([]);
  });

  it("enters each step that it passes by, and the one at hand but once", () => {
    const spec = asked([approved, "ci", "merger"]).when(lands);
    const passed = spec.events.flatMap((event) => ("step" in event ? [[event.type, event.step]] : []));
    expect(passed).toEqual([
      ["merged", 0],
      ["step-skipped", 0],
      ["step-entered", 1],
      ["step-skipped", 1],
      ["step-entered", 2],
      ["step-skipped", 2],
    ]);
  });

  it("goes on behind a merger that is the first step", () => {
    const spec = given(["merger", "documenter"], { run: { pullRequest } });
    spec.when({ command: "hold", at: 5, actor: ENGINE, key: spec.key, hold: { because: "outage", until: null, message: "away" } });
    expect(spec.when(lands).summary).toBe("merger:skipped documenter:effect");
  });

  it("lets a run that takes up a merged one pass its merger by", () => {
    const spec = given(["researcher", "merger", "documenter"], { run: { pullRequest, merged: record.commit } });
    expect(spec.summary).toBe("researcher:skipped merger:skipped documenter:effect");
  });

  it("is recorded by the run that the task knows it of", () => {
    const spec = asked([approved], { block: { ...decisionInput().block, merged: record } });
    expect(spec.when(lands).run.merged).toBe(record.commit);
  });

  it("is not recorded for a run whose task another one has landed", () => {
    const merged = { ...record, runId: "run_0" };
    const spec = asked([approved], { block: { ...decisionInput().block, merged } });
    expect(types(spec.when(stops("failed"), { command: "stopped", at: 9, actor: ENGINE, merged: record }).events)).toEqual(["run-failed"]);
  });

  it("changes the hint of a failure, and raises no notification, when nothing is left to do", () => {
    const failing = (steps: Parameters<typeof given>[0]): DeciderSpec => {
      const spec = given(steps, { run: { pullRequest } });
      return spec.when(stops("failed"), { command: "stopped", at: 9, actor: ENGINE, merged: record });
    };
    expect(failing(["ci", "merger"]).phase).toMatchObject({
      failure: { hint: "the change is merged all the same: nothing is left to do" },
    });
    expect(failing(["ci", "merger", "documenter"]).phase).toMatchObject({ failure: { hint: expect.stringContaining("retry") } });
  });
});
