import { budgetSchema, MIN_RESERVATION_MICROS, type Budget } from "@millrace/contracts";
import type { RequestRate } from "@millrace/kernel";
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

describe("a reservation", () => {
  const asked = { kind: "researcher", request: "ask-agent" } as const;
  const amount = (rate: RequestRate | null, budget: Partial<Budget>): number =>
    reservation(asked, {
      models: new Map(rate === null ? [] : [["researcher", { "ask-agent": { label: null, rate } }]]),
      settings: { budget: budgetSchema.parse(budget) },
    });

  it.each([
    ["a call of a model", "call", 7],
    ["an agent's answer, which takes it many calls", "job", 9],
    ["a request of an executor that cannot tell", null, 9],
  ] as const)("of %s", (_name, rate, micros) => {
    expect(amount(rate, { reserveInlineMicros: 7, reserveJobMicros: 9 })).toBe(micros);
  });

  it.each(["call", "job"] as const)("F:B3 has a floor, whatever is set: %s", (rate) => {
    expect(amount(rate, { reserveInlineMicros: 0, reserveJobMicros: 0 })).toBe(MIN_RESERVATION_MICROS);
  });

  it("F:B1 of a model's call is less than an agent's, where nothing is set: a call of unknown cost is settled at it", () => {
    expect([amount("call", {}), amount("job", {})]).toEqual([50_000, 1_000_000]);
  });
});

describe("meteredCall", () => {
  it("an agent that is asked inline is one", () => {
    expect(meteredCall(given(["researcher"]).run)).toMatchObject({ kind: "researcher", request: "ask-agent" });
  });

  it("a job is one from its intent until its result, under one key", () => {
    expect(meteredCall(given(["coder"]).run)).toMatchObject({ kind: "coder", request: "start-job" });
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
