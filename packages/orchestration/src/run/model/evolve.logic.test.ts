import type { Effect, Run, RunEvent, RunEventBody, Step } from "@millrace/contracts";
import { describe, expect, it } from "vitest";
import { agentAnswer, fails, given, outputRef, pullRequest, returns, stops, testUser } from "../../spec/index.js";
import { builtInRegistries, newRun, stepDefinition } from "../../spec/defaults.js";
import { ENGINE } from "../../platform/actor.logic.js";
import { openWaitOn, refusal } from "../decide/decider.fixture.js";
import { currentStep } from "./due.logic.js";
import { evolve, freshStep, replay } from "./evolve.logic.js";
import { fromRecord, toRecord } from "./stored-run.js";

const entry = (event: RunEventBody, at = 2000): RunEvent => ({ version: 1, at, actor: ENGINE, event });
const effect = askedFor();
function askedFor(): Effect {
  const { activity } = currentStep(given(["researcher"]).run);
  if (activity.is !== "effect") throw new Error("a researcher asks its agent first");
  return activity.effect;
}
const wait = { ...openWaitOn("approval"), openedAt: 1500 };
/** Folds events into a fresh run of two steps. */
const fold = (...events: RunEventBody[]) =>
  events.reduce((run, event) => evolve(run, entry(event), builtInRegistries), newRun(["researcher", "documenter"]));

describe("the fold", () => {
  it("raises the revision by one with every event", () => {
    expect(fold({ type: "step-entered", step: 0 }, { type: "run-finished" }).revision).toBe(3);
  });

  it("refuses a history that does not begin with a start, and an event of a step that is not there", () => {
    expect(refusal(() => replay([entry({ type: "run-finished" })], builtInRegistries)).code).toBe("stored_shape_invalid");
    expect(refusal(() => fold({ type: "step-finished", step: 2 })).code).toBe("stored_shape_invalid");
    expect(replay([], builtInRegistries)).toBeNull();
  });

  it("patches the named step only", () => {
    const run = fold({ type: "effect-requested", step: 1, effect });
    expect(run.steps[0]).toEqual(newRun(["researcher"]).steps[0]);
    expect(run.steps[1]).toMatchObject({ effects: 1, activity: { is: "effect", effect } });
  });

  it("a step keeps the time it was first entered", () => {
    const run = evolve(fold({ type: "step-entered", step: 1 }), entry({ type: "step-entered", step: 1 }, 9000), builtInRegistries);
    expect(run).toMatchObject({ cursor: 1, steps: [{ timing: { startedAt: null } }, { timing: { startedAt: 2000 } }] });
  });

  it("a job's own model, when known, replaces what the step knew", () => {
    const job = { key: "k", kind: "researcher", ref: "r", model: "m1" };
    const started: RunEventBody = { type: "job-started", step: 0, job };
    expect(fold(started).steps[0]).toMatchObject({ model: "m1", activity: { is: "job", job, startedAt: 2000, unreadable: 0 } });
    expect(fold(started, { ...started, job: { ...job, model: null } }).steps[0]?.model).toBe("m1");
    expect(fold(started, { type: "output-recorded", step: 0, output: outputRef("x"), model: null }).steps[0]?.model).toBe("m1");
  });

  it("a failure counts on an effect and on a job, and changes nothing else", () => {
    const failed: RunEventBody = { type: "effect-failed", step: 0, key: "k", code: "x", message: "" };
    expect(fold({ type: "effect-requested", step: 0, effect }, failed).steps[0]?.activity).toEqual({
      is: "effect",
      effect: { ...effect, tries: 1 },
    });
    expect(fold(failed).steps[0]?.activity).toEqual({ is: "pending" });
  });

  it("agreement is added to an open wait, and means nothing without one", () => {
    const agreed: RunEventBody = { type: "human-agreed", step: 0, wait: "w", by: "ada" };
    const run = fold({ type: "human-asked", step: 0, wait }, agreed, { ...agreed, by: "bob" });
    expect(run.steps[0]).toMatchObject({ waits: 1, activity: { wait: { approvedBy: ["ada", "bob"] } } });
    expect(fold(agreed).steps[0]?.activity).toEqual({ is: "pending" });
  });

  it("time spent on people adds up, never below nothing, and only a choice is remembered as a decision", () => {
    const answered: RunEventBody = { type: "human-answered", step: 0, wait: "w", by: "ada", answer: { answer: "choose", option: "a" } };
    const asked: RunEventBody = { type: "human-asked", step: 0, wait };
    expect(fold(asked, answered, asked, answered).steps[0]).toMatchObject({
      timing: { waitedMs: 1000 },
      decisions: [
        { question: "?", chosen: "a" },
        { question: "?", chosen: "a" },
      ],
    });
    expect(fold({ ...asked, wait: { ...wait, openedAt: 9000 } }, answered).steps[0]?.timing.waitedMs).toBe(0);
    expect(fold(asked, { ...answered, answer: { answer: "proceed" } }).steps[0]?.decisions).toEqual([]);
    expect(fold(answered).steps[0]).toMatchObject({ decisions: [], timing: { waitedMs: 0 } });
  });

  it("a step that was skipped keeps when it was entered, and ends then", () => {
    const run = fold({ type: "step-entered", step: 0 }, { type: "step-skipped", step: 0, reason: "too small" });
    expect(run.steps[0]).toMatchObject({ activity: { is: "skipped", reason: "too small" }, timing: { startedAt: 2000, finishedAt: 2000 } });
  });

  it("a finished step drops the reason it was done again", () => {
    const revision = { previous: null, feedback: "again", comments: [] };
    const reset: RunEventBody = { type: "rework-requested", step: 0, from: 0, to: 0, revision, why: "again" };
    expect(fold(reset).steps[0]?.revision).toEqual(revision);
    expect(fold(reset, { type: "step-finished", step: 0 }).steps[0]).toMatchObject({ revision: null, timing: { finishedAt: 2000 } });
  });

  it("the actor of the stop is who cancelled; without a stop it is the actor of the command", () => {
    const stop: RunEvent = {
      version: 1,
      at: 5,
      actor: testUser,
      event: { type: "stop-requested", then: { is: "cancelled", reason: "r" } },
    };
    const stopping = evolve(newRun(["researcher"]), stop, builtInRegistries);
    expect(stopping.phase).toEqual({ is: "stopping", then: { is: "cancelled", reason: "r" }, by: testUser, since: 5 });
    expect(evolve(stopping, entry({ type: "run-cancelled", reason: "r" }), builtInRegistries)).toMatchObject({
      finishedAt: 2000,
      phase: { by: testUser, at: 2000 },
    });
    expect(fold({ type: "run-cancelled", reason: "r" }).phase).toMatchObject({ by: ENGINE });
  });

  it("the end of a run has its time", () => {
    expect(fold({ type: "run-finished" })).toMatchObject({ finishedAt: 2000, phase: { is: "done", at: 2000 } });
    const failure = { kind: "agent", code: "x", message: "", detail: null, hint: "", step: 0, at: 1 } as const;
    expect(fold({ type: "run-failed", failure })).toMatchObject({ finishedAt: 2000, phase: { is: "failed", failure } });
  });

  it("a merge and a pull request are facts of the run", () => {
    const record = { pullRequest, commit: "c".repeat(40), head: "a".repeat(40), base: "b".repeat(40), at: 1, runId: "run_1" };
    expect(fold({ type: "merged", step: 0, record }).merged).toBe(record.commit);
    expect(fold({ type: "pull-request-recorded", step: 0, pullRequest }).pullRequest).toEqual(pullRequest);
  });
});

describe("a reset replaces state and keeps definitions (I13)", () => {
  const revision = { previous: null, feedback: "again", comments: [] };
  /** Four worked steps, of which the third asks that steps two to three start over. */
  function reset() {
    const steps = ["architect", "coder", "reviewer", "documenter"].map((kind) => ({
      ...freshStep(
        stepDefinition({ kind, approval: { approvers: 2 }, bar: kind === "reviewer" ? 0.3 : null, instructions: kind }),
        builtInRegistries,
      ),
      output: outputRef(kind),
      model: kind,
      effects: 3,
      waits: 2,
      decisions: [{ question: "?", chosen: kind }],
      activity: { is: "done" as const },
    }));
    const before = { ...newRun(["coder"]), steps, cursor: 2 };
    const sentBack = evolve(before, entry({ type: "fact-recorded", step: 2, fact: { is: "sent-back" } }), builtInRegistries);
    return {
      before,
      after: evolve(sentBack, entry({ type: "rework-requested", step: 2, from: 1, to: 2, revision, why: "again" }), builtInRegistries),
    };
  }

  it("steps outside the range are untouched, and the cursor goes to its first", () => {
    const { before, after } = reset();
    expect(after.steps[0]).toBe(before.steps[0]);
    expect(after.steps[3]).toBe(before.steps[3]);
    expect(after.cursor).toBe(1);
  });

  it("inside it everything starts over but the definition, the model, and the next attempt's number", () => {
    const { before, after } = reset();
    expect(after.steps[1]).toEqual({
      ...freshStep(before.steps[1]?.definition ?? stepDefinition("coder"), builtInRegistries),
      attempt: 2,
      model: "coder",
      decisions: [{ question: "?", chosen: "coder" }],
      revision,
    });
    expect(after.steps.map((step) => step.definition)).toEqual(before.steps.map((step) => step.definition));
  });

  it("the step that asked remembers why, but not what people told it before", () => {
    expect(reset().after.steps[2]).toMatchObject({
      attempt: 2,
      state: { reworks: 1, bar: 0.3 },
      decisions: [],
      revision: null,
      output: null,
      model: "reviewer",
    });
  });

  it("a step that sends itself back remembers nothing", () => {
    const run = newRun(["reviewer"]);
    const counted = evolve(run, entry({ type: "fact-recorded", step: 0, fact: { is: "sent-back" } }), builtInRegistries);
    const after = evolve(counted, entry({ type: "rework-requested", step: 0, from: 0, to: 0, revision, why: "" }), builtInRegistries);
    expect(after.steps[0]?.state).toMatchObject({ reworks: 0 });
  });
});

describe("a fresh step", () => {
  it("has done nothing yet", () => {
    expect(newRun(["researcher"]).steps[0]).toEqual({
      definition: stepDefinition("researcher"),
      attempt: 1,
      effects: 0,
      waits: 0,
      state: { kind: "inline" },
      activity: { is: "pending" },
      timing: { startedAt: null, finishedAt: null, waitedMs: 0 },
      output: null,
      model: null,
      revision: null,
      approved: null,
      decisions: [],
    });
  });

  it("of a kind that is not registered is refused", () => {
    const wizard = stepDefinition("wizard");
    expect(refusal(() => freshStep(wizard, builtInRegistries)).code).toBe("pipeline_invalid");
    expect(refusal(() => builtInRegistries.stepKinds.get("wizard"))).toEqual({ code: "stored_shape_invalid", fix: true });
  });
});

describe("the row of a run", () => {
  it.each([
    ["running", () => given(["researcher"])],
    [
      "waiting",
      () => {
        const spec = given([{ kind: "researcher", approval: { approvers: 1 } }]);
        spec.when(returns(agentAnswer("options")));
        return spec;
      },
    ],
    [
      "stopping",
      () => {
        const spec = given(["researcher"]);
        spec.when(stops("failed"));
        return spec;
      },
    ],
    [
      "failed",
      () => {
        const spec = given(["researcher"]);
        spec.when(fails(false));
        return spec;
      },
    ],
  ])("says %s, and is read back as it was", (status, begin) => {
    const { run } = begin();
    const record = toRecord(run, 4000);
    expect(record).toEqual({
      id: "run_1",
      workspaceId: "ws_1",
      blockId: "blk_1",
      serviceId: null,
      taskType: null,
      pipeline: { id: run.pipeline.id, digest: run.pipeline.digest },
      status,
      revision: run.revision,
      createdAt: 1000,
      updatedAt: 4000,
      shapeVersion: 1,
      document: expect.objectContaining({ id: "run_1", revision: run.revision }),
    });
    expect(fromRecord(record)).toEqual(run);
  });

  it("is stored without what its schema fills in: steps that are still to come are small", () => {
    const { run } = given(Array.from({ length: 20 }, () => "researcher"));
    const record = toRecord(run, 4000);
    expect(JSON.stringify(record.document).length).toBeLessThan(JSON.stringify(run).length / 2);
    expect(fromRecord({ ...record, document: JSON.parse(JSON.stringify(record.document)) })).toEqual(run);
  });

  it("is stored without any member that says nothing", () => {
    const run = newRun(["researcher"]);
    const { steps } = toRecord(run, 1).document as { readonly steps: readonly object[] };
    expect(steps).toEqual([{ definition: { kind: "researcher" }, attempt: 1, state: { kind: "inline" }, activity: { is: "pending" } }]);
    const [begun] = (
      toRecord({ ...run, steps: run.steps.map((step) => ({ ...step, timing: { startedAt: 5, finishedAt: null, waitedMs: 0 } })) }, 1)
        .document as { readonly steps: readonly object[] }
    ).steps;
    expect(begun).toMatchObject({ timing: { startedAt: 5 } });
    expect(begun).toHaveProperty("timing", { startedAt: 5 });
  });

  it("keeps the time that people took, whatever else is known of a step", () => {
    const run = newRun(["researcher"]);
    const waited = { ...run, steps: run.steps.map((step) => ({ ...step, timing: { startedAt: null, finishedAt: null, waitedMs: 7 } })) };
    expect(fromRecord(toRecord(waited, 1))).toEqual(waited);
  });

  it("of a run that was ended without its document is read as its end left it", () => {
    const { run } = given(["researcher"]);
    const failure = { kind: "processing", code: "stored_run_unreadable", message: "m", detail: null, hint: "h", step: 0, at: 9 } as const;
    const ended = entry({ type: "run-failed", failure }, 9);
    expect(fromRecord({ ...toRecord(run, 4), ended })).toEqual({
      ...run,
      finishedAt: 9,
      phase: { is: "failed", failure },
      revision: run.revision + 1,
    });
  });

  it("keeps everything that was said: an answered question, an approval, a revision, the time people took", () => {
    const [first, ...rest] = given(["researcher", "documenter"]).run.steps;
    if (first === undefined) throw new Error("a run has steps");
    const step: Step = {
      ...first,
      attempt: 2,
      effects: 3,
      waits: 1,
      timing: { startedAt: 1000, finishedAt: 3000, waitedMs: 700 },
      output: outputRef("abc"),
      model: "model-1",
      revision: { previous: null, feedback: "again", comments: [] },
      approved: { by: ["ada"], subject: "abc", at: 2000 },
      decisions: [{ question: "which?", chosen: "this" }],
    };
    const run: Run = { ...newRun(["researcher", "documenter"]), steps: [step, ...rest] };
    expect(fromRecord(toRecord(run, 1))).toEqual(run);
  });

  it("of a newer shape is refused rather than half understood; the current one is read (P13)", () => {
    const record = toRecord(given(["researcher"]).run, 1);
    expect(refusal(() => fromRecord({ ...record, shapeVersion: 2 }))).toEqual({ code: "stored_shape_newer", fix: true });
    expect(refusal(() => fromRecord({ ...record, shapeVersion: 1 })).code).toBe("accepted");
  });

  it("that is damaged names the places, at most five, and never the values (I12)", () => {
    const record = toRecord(given(["researcher"]).run, 1);
    const damaged = { ...given(["researcher"]).run, id: "sk secret", blockId: 1, workspaceId: 1, startedAt: "x", revision: 0, cursor: -1 };
    const errors = [damaged, "sk secret"].map((document) => {
      try {
        return fromRecord({ ...record, document });
      } catch (error) {
        return error;
      }
    });
    expect(errors[0]).toMatchObject({ code: "stored_shape_invalid", details: { runId: "run_1" }, fix: expect.stringMatching(/restore/) });
    expect(errors[0]).toHaveProperty("details.paths.length", 5);
    expect(errors[1]).toMatchObject({ details: { paths: ["(the whole of it)"] } });
    for (const error of errors) expect(String(error)).not.toContain("sk secret");
  });
});
