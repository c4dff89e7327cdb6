import { failureKindSchema, mergePresetSchema, type FailureKind } from "@millrace/contracts";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { given, jobReturns, lostJob, outputRef } from "../../spec/index.js";
import { balancedPreset, builtInRegistries, decisionInput, newRun } from "../../spec/defaults.js";
import { refusal } from "../decide/decider.fixture.js";
import { ciGate } from "../../steps/gate/gates/ci.js";
import { conflictsGate } from "../../steps/gate/gates/conflicts.js";
import { failureHint } from "./failure-hints.logic.js";
import { BALANCED_PRESET, presetInForce, withholdsMerge } from "./merge-thresholds.logic.js";
import { restartIndex, retryIndex, stepsFrom, takenUpAt } from "./retry-plan.logic.js";

// The same cases every time, so that the mutation check has the same result.
fc.configureGlobal({ seed: 20261123 });

const unit = fc.float({ min: 0, max: 1, noNaN: true });

describe("withholdsMerge", () => {
  const assessments = fc.record({ complexity: unit, risk: unit, impact: unit, rationale: fc.constantFrom("looked", "", " \n") });
  const ceilings = { maxComplexity: unit, maxRisk: unit, maxImpact: unit };
  const presets = fc.record({ ...ceilings, who: fc.constant("automatic" as const) });

  it("lets a change merge exactly when it has a reason and every axis is at or below its own ceiling, which is not 0", () => {
    fc.assert(
      fc.property(assessments, presets, (score, preset) => {
        const within = score.complexity <= preset.maxComplexity && score.risk <= preset.maxRisk && score.impact <= preset.maxImpact;
        const open = Math.min(preset.maxComplexity, preset.maxRisk, preset.maxImpact) > 0;
        expect(withholdsMerge(score, preset) === null).toBe(score.rationale.trim() !== "" && within && open);
        expect(withholdsMerge(null, preset)).not.toBeNull();
      }),
    );
  });

  it("a higher score never merges where a lower one is withheld", () => {
    fc.assert(
      fc.property(assessments, presets, unit, (score, preset, more) => {
        const higher = { ...score, risk: Math.max(score.risk, more) };
        expect(withholdsMerge(score, preset) !== null && withholdsMerge(higher, preset) === null).toBe(false);
      }),
    );
  });

  it("names every axis that is above, and no other", () => {
    fc.assert(
      fc.property(assessments, presets, (score, preset) => {
        const why = withholdsMerge({ ...score, rationale: "looked" }, preset) ?? "";
        expect(why.includes("complexity")).toBe(score.complexity > preset.maxComplexity || preset.maxComplexity === 0);
        expect(why.includes("risk")).toBe(score.risk > preset.maxRisk || preset.maxRisk === 0);
        expect(why.includes("impact")).toBe(score.impact > preset.maxImpact || preset.maxImpact === 0);
      }),
    );
  });

  it("F:A10 nothing merges under a preset that leaves it to people, nor under ceilings of 0", () => {
    fc.assert(
      fc.property(assessments, fc.record({ ...ceilings, who: fc.constant("people" as const) }), (score, preset) => {
        expect(withholdsMerge(score, preset)).not.toBeNull();
      }),
    );
    const closed = { who: "automatic", maxComplexity: 0, maxRisk: 0, maxImpact: 0 } as const;
    expect(withholdsMerge({ complexity: 0, risk: 0, impact: 0, rationale: "looked" }, closed)).toContain("ceiling of 0");
  });

  it("F:A10 where the preset of a block is missing, people merge", () => {
    const block = { workspaceId: "ws_1", presetId: null };
    expect(presetInForce(block, balancedPreset)).toBe(balancedPreset);
    expect(presetInForce({ ...block, presetId: balancedPreset.id }, balancedPreset)).toBe(balancedPreset);
    expect(presetInForce({ ...block, presetId: "cautios" }, balancedPreset)).toEqual({ ...balancedPreset, who: "people" });
    expect(mergePresetSchema.parse(presetInForce(block, null))).toMatchObject({ who: "people", maxRisk: 0.4 });
  });

  it("a workspace begins with a cautious preset", () => {
    const ceilings = { who: "automatic", maxComplexity: 0.5, maxRisk: 0.4, maxImpact: 0.5, ciMaxAttempts: 10 };
    const loops = { maxReworks: 3, maxReviewIterations: 6, toleratedConcern: "none", releaseWatchMinutes: 30, releaseMaxAttempts: 1 };
    expect(BALANCED_PRESET).toEqual({ name: "Balanced", ...ceilings, ...loops });
  });
});

describe("how often a gate may send its helper", () => {
  it("CI as often as the preset says, conflicts three times", () => {
    const input = decisionInput({ preset: { ...balancedPreset, ciMaxAttempts: 7 } });
    expect([ciGate.budget(input), conflictsGate.budget(input)]).toEqual([7, 3]);
  });
});

describe("failureHint", () => {
  const failed = { id: "run_1", blockId: "blk_1", step: 1, code: "x", branch: "millrace/blk_1" };
  const hintOf = (kind: FailureKind, code = "x") => failureHint({ ...failed, kind, code });

  it.each(failureKindSchema.options)("F:E3 a %s failure names a command with the ids it takes, in a text that fits a failure", (kind) => {
    expect(hintOf(kind)).toMatch(/millrace [a-z]+ (edit )?(run|blk)_1/);
    expect(hintOf(kind).length).toBeLessThanOrEqual(1000);
  });

  it("F:E3 a red gate names the branch to repair, and says how to see and get it", () => {
    expect(hintOf("gate_exhausted", "ci_exhausted")).toBe(
      "fix the cause on the branch 'millrace/blk_1' (see it: millrace diff blk_1; get it: millrace branch blk_1), push it, " +
        "then take it up at this step again with: millrace retry run_1",
    );
    expect(failureHint({ ...failed, kind: "gate_exhausted", branch: null })).not.toContain("branch");
  });

  it("F:E3 the time is used up only where it was, and what cannot be retried is not to be retried", () => {
    const saysTime = (kind: FailureKind, code: string) => hintOf(kind, code).includes("time of this step is used up");
    expect([saysTime("timeout", "timed_out"), saysTime("timeout", "gate_timeout"), saysTime("job_failed", "git_failed")]).toEqual([
      true,
      false,
      false,
    ]);
    for (const code of ["pull_request_closed", "no_evidence", "already_merged", "stored_run_unreadable"])
      expect(hintOf("gate_exhausted", code)).not.toContain("retry");
  });

  it("F:E3 the log of a step is asked for by its number, which begins at 1", () => {
    expect(hintOf("agent")).toContain("millrace logs run_1 --step 2");
  });

  it("no two families get the same advice", () => {
    expect(new Set(failureKindSchema.options.map((kind) => hintOf(kind))).size).toBe(failureKindSchema.options.length);
  });
});

describe("taking up a run whose environment was taken down", () => {
  const steps = (...kinds: string[]) => {
    const { run } = given(kinds);
    return run.steps.map((step, index) => (index < kinds.length - 1 ? { ...step, activity: { is: "done" as const } } : step));
  };

  it.each([
    ["the tester needs it again", ["coder", "deployer", "tester"], 2, 1],
    ["no later step brings the service up", ["deployer", "coder", "documenter"], 2, 2],
    ["there was none", ["coder", "tester"], 1, 1],
  ])("F:A13 %s", (_name, kinds, from, at) => {
    expect(takenUpAt({ steps: steps(...kinds) }, from, builtInRegistries.stepKinds)).toBe(at);
  });

  it("F:A13 an environment that the first step made, for a tester that is not the last", () => {
    expect(takenUpAt({ steps: steps("deployer", "tester", "documenter") }, 1, builtInRegistries.stepKinds)).toBe(0);
  });

  it("F:A13 a tester before that step brings nothing up again", () => {
    expect(takenUpAt({ steps: steps("deployer", "tester", "documenter") }, 2, builtInRegistries.stepKinds)).toBe(2);
  });

  it("F:A13 a deployer that has made none does not count", () => {
    const pending = steps("deployer", "tester").map((step) => ({ ...step, activity: { is: "pending" as const } }));
    expect(takenUpAt({ steps: pending }, 1, builtInRegistries.stepKinds)).toBe(1);
  });
});

describe("recovery of lost jobs", () => {
  const losses = fc.array(fc.boolean(), { maxLength: 12 });
  /** A coder whose job is lost again and again (true: its host was taken away), until the run gives up. */
  function lose(all: readonly boolean[]) {
    const spec = given(["coder"]);
    let dispatches = 0;
    for (const transient of all) {
      if (spec.run.phase.is !== "live") break;
      spec.when(jobReturns(lostJob(transient)));
      dispatches += 1;
    }
    return { run: spec.run, dispatches, evictions: spec.run.steps[0]?.state["evictions"] };
  }

  it("ends: one crash and five hosts taken away, each kind with a budget of its own (I6)", () => {
    fc.assert(
      fc.property(losses, (all) => {
        const last = all.findIndex((transient, at) => all.slice(0, at + 1).filter((one) => one === transient).length > (transient ? 5 : 1));
        const { run, dispatches } = lose(all);
        expect(run.phase.is).toBe(last < 0 ? "live" : "failed");
        expect(dispatches).toBe(last < 0 ? all.length : last + 1);
      }),
    );
  });

  it("counts each loss once, in its own kind", () => {
    fc.assert(
      fc.property(losses, (all) => {
        const { evictions, dispatches } = lose(all);
        const counted = all.slice(0, dispatches);
        expect(evictions).toEqual({ transient: counted.filter(Boolean).length, crash: counted.filter((transient) => !transient).length });
      }),
    );
  });

  it("keeps a message of any length in a fact that can be folded", () => {
    const spec = given(["coder"]);
    const [recorded] = spec.when(jobReturns(lostJob(true, "m".repeat(9000)))).events;
    expect(recorded).toEqual({ type: "fact-recorded", step: 0, fact: { is: "evicted", transient: true, message: "m".repeat(4000) } });
  });

  it("says how often it went again, in both kinds together", () => {
    expect(lose([true, false, true, false]).run.phase).toMatchObject({ failure: { message: "gone (dispatched again 3 time(s) before)" } });
  });
});

/** A run of `length` steps of which the first `done` are done, failed where it stands. */
function failedRun(length: number, done: number) {
  const run = newRun(Array.from({ length }, (_, at) => ({ kind: "researcher", approval: { approvers: (at % 9) + 1 } })));
  const failure = { kind: "agent", code: "x", message: "", detail: null, hint: "", step: 0, at: 1 } as const;
  const steps = run.steps.map((step, at) => ({
    ...step,
    attempt: 3,
    output: outputRef(`${at}`),
    activity: at < done ? { is: "done" as const } : { is: "pending" as const },
  }));
  return { ...run, steps, cursor: Math.min(done, length - 1), phase: { is: "failed" as const, failure } };
}
const lengths = fc.integer({ min: 1, max: 12 }).chain((length) => fc.tuple(fc.constant(length), fc.nat({ max: length })));

describe("retry and restart", () => {
  it("a retry resumes at the first step that is not done; at the last when all are", () => {
    fc.assert(
      fc.property(lengths, ([length, done]) => {
        expect(retryIndex(failedRun(length, done))).toBe(Math.min(done, length - 1));
      }),
    );
  });

  it("only a failed run is retried: a live one is told to stop first, a finished one to start anew", () => {
    const live = given(["researcher"]).run;
    expect(refusal(() => retryIndex(live))).toEqual({ code: "conflict", fix: true });
    expect(() => retryIndex(live)).toThrow(expect.objectContaining({ fix: expect.stringMatching(/^stop it first/) }));
    expect(() => retryIndex({ ...live, phase: { is: "done", at: 1 } })).toThrow(
      expect.objectContaining({ code: "conflict", fix: expect.stringMatching(/^start a new run/) }),
    );
  });

  it("a restart begins at any step that is done, or at the first that is not", () => {
    fc.assert(
      fc.property(lengths, fc.integer({ min: -3, max: 15 }), ([length, done], index) => {
        const begin = refusal(() => restartIndex(failedRun(length, done), index));
        const isThere = index >= 0 && index < length;
        expect(begin).toEqual(isThere && index <= done ? { code: "accepted", fix: false } : { code: "validation", fix: true });
        if (begin.code === "accepted") expect(restartIndex(failedRun(length, done), index)).toBe(index);
      }),
    );
    expect(refusal(() => restartIndex(failedRun(3, 3), 0.5)).code).toBe("validation");
  });

  it("keeps what comes before as it was and every definition; the rest has done nothing yet (I13)", () => {
    fc.assert(
      fc.property(lengths, fc.nat({ max: 12 }), ([length, done], from) => {
        const run = failedRun(length, done);
        const steps = stepsFrom(run, from, builtInRegistries);
        expect(steps.slice(0, from)).toEqual(run.steps.slice(0, from));
        expect(steps.map((step) => step.definition)).toEqual(run.steps.map((step) => step.definition));
        for (const step of steps.slice(from)) expect(step).toMatchObject({ attempt: 1, output: null, activity: { is: "pending" } });
      }),
    );
  });
});
