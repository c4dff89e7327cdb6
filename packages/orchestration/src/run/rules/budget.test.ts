import { budgetSchema, MIN_RESERVATION_MICROS } from "@millrace/contracts";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { given, hasStopped, pullRequest, returns, stops } from "../../spec/index.js";
import { meteredCall, monthScope, reservation, spendCaps, spendScopes } from "./budget.logic.js";

const where = { id: "run_1", blockId: "blk_1" };
const times = fc.date({ min: new Date("2000-01-01T00:00:00Z"), max: new Date("2199-12-31T00:00:00Z"), noInvalidDate: true });

describe("what spending counts in", () => {
  it.each([
    ["2026-01-01T00:00:00.000Z", "month/2026-01"],
    ["2025-12-31T23:59:59.999Z", "month/2025-12"],
    ["2024-02-29T12:00:00.000Z", "month/2024-02"],
  ])("%s counts in %s", (at, scope) => {
    expect(monthScope(Date.parse(at))).toBe(scope);
  });

  it("the month (UTC), the task, the run: the same three, capped or not", () => {
    const cap = fc.option(fc.nat(), { nil: null });
    fc.assert(
      fc.property(times, cap, cap, cap, (time, monthlyMicros, taskMicros, runMicros) => {
        const at = time.getTime();
        const budget = budgetSchema.parse({ monthlyMicros, taskMicros, runMicros });
        const scopes = spendScopes(where, at);
        expect(scopes).toEqual([`month/${time.toISOString().slice(0, 7)}`, "task/blk_1", "run/run_1"]);
        expect(spendCaps(where, budget, at)).toEqual([
          { scope: scopes[0], maxMicros: monthlyMicros },
          { scope: scopes[1], maxMicros: taskMicros },
          { scope: scopes[2], maxMicros: runMicros },
        ]);
      }),
    );
  });
});

describe("meteredCall", () => {
  it("an agent that is asked inline is one, and reserves as an inline call", () => {
    const { run } = given(["researcher"]);
    const call = meteredCall(run);
    expect(call).toMatchObject({ kind: "researcher", request: "ask-agent" });
    expect(call !== null && reservation(call, budgetSchema.parse({ reserveInlineMicros: 7, reserveJobMicros: 9 }))).toBe(7);
  });

  it("a job is one from its intent until its result, under one key, and reserves as a job", () => {
    const { run } = given(["coder"]);
    const call = meteredCall(run);
    expect(call).toMatchObject({ kind: "coder", request: "start-job" });
    expect(call !== null && reservation(call, budgetSchema.parse({ reserveInlineMicros: 7, reserveJobMicros: 9 }))).toBe(9);
  });

  it("a job that runs is one under the key it was asked for, also while its run is being stopped", () => {
    const spec = given(["coder"]);
    const asked = meteredCall(spec.run);
    spec.when(returns({ of: "start-job", handle: { key: spec.key, ref: "job-1", model: null } }));
    expect(meteredCall(spec.run)).toEqual({ key: "run_1/0/1/work.1", kind: "coder", request: "start-job" });
    expect(meteredCall(spec.run)).toEqual(asked);
    spec.when(stops("cancelled"));
    expect(meteredCall(spec.run)).toEqual(asked);
    spec.when(hasStopped());
    expect(meteredCall(spec.run)).toBeNull();
  });

  it("F:B3 a reservation has a floor, whatever is set", () => {
    for (const kind of ["researcher", "coder"]) {
      const call = meteredCall(given([kind]).run);
      expect(call !== null && reservation(call, budgetSchema.parse({ reserveInlineMicros: 0, reserveJobMicros: 0 }))).toBe(
        MIN_RESERVATION_MICROS,
      );
    }
  });

  it("a look at the forge costs nothing", () => {
    expect(meteredCall(given(["ci"], { run: { pullRequest } }).run)).toBeNull();
  });

  it("a paused call, a finished run and a run that waits for people cost nothing", () => {
    const playing = given(["researcher"]);
    const { run } = playing;
    const [step] = run.steps;
    if (step?.activity.is !== "effect") throw new Error("the researcher is asked by an effect");
    const hold = { because: "budget" as const, until: null, message: "no money" };
    const held = { ...run, steps: [{ ...step, activity: { ...step.activity, effect: { ...step.activity.effect, hold } } }] };
    expect(meteredCall(held)).toBeNull();
    expect(meteredCall({ ...run, phase: { is: "done", at: 1 } })).toBeNull();
    expect(meteredCall({ ...run, steps: [{ ...step, activity: { is: "pending" } }] })).toBeNull();
  });
});
