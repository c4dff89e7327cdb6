import { budgetSchema, workspaceSettingsSchema, type Run } from "@millrace/contracts";
import { MillraceError, type AgentRequest, type Change } from "@millrace/kernel";
import { describe, expect, it } from "vitest";
import { agentAnswer, given, jobReturns, finishedJob, returns, unchangedWork } from "../../spec/index.js";
import { decisionInput } from "../../spec/defaults.js";
import type { KindModel } from "../model/decision-input.js";
import { monthScope } from "./budget.logic.js";
import { budgetHold, reservationChange } from "./reservation.logic.js";
import { settlement } from "./usage.logic.js";

const AT = Date.parse("2026-03-31T12:00:00Z");
const INLINE = 20_000;
const JOB = 700_000;
const budget = budgetSchema.parse({
  monthlyMicros: 9_000_000,
  taskMicros: null,
  runMicros: 5,
  reserveInlineMicros: INLINE,
  reserveJobMicros: JOB,
});
const CAPS = [
  { scope: "month/2026-03", maxMicros: 9_000_000 },
  { scope: "run/run_1", maxMicros: 5 },
];

type Models = ReadonlyMap<string, Readonly<Partial<Record<AgentRequest, KindModel>>>>;
/** One call of a model, not a whole job: what is not known counts as a job. */
const BY_CALL: Models = new Map([["researcher", { "ask-agent": { label: null, rate: "call" } }]]);
/** What is reserved by the commit that leads from one state to the next. */
const reserved = (before: Run | null, after: Run, writes: readonly Change[] = [], models: Models = BY_CALL): readonly Change[] =>
  reservationChange(
    { before, after, events: [], pollAgain: false, at: AT },
    decisionInput({ settings: workspaceSettingsSchema.parse({ budget }), models }),
    writes,
  );
const reserves = (micros: number, assumedUnchanged: boolean) => [
  { change: "reserve-spend", workspaceId: "ws_1", runId: "run_1", micros, caps: CAPS, assumedUnchanged },
];

/** A run that asks this, and the same run with its first step done: the next one is asked. */
const asked = (...kinds: string[]): Run => given(kinds).run;
const gone = (...kinds: string[]): Run => {
  const spec = given(kinds);
  if (spec.request?.do === "start-job") spec.when(jobReturns(finishedJob("x", unchangedWork)));
  else spec.when(returns(agentAnswer("x")));
  return spec.run;
};
const settled = (run: Run): readonly Change[] => settlement(run, { key: "run_1/0/1/work.1", kind: "researcher", model: null }, null, AT);
const wake: Change = { change: "wake", workspaceId: "ws_1", runId: "run_1", at: AT };

describe("what a commit reserves (P6)", () => {
  it("a first call reserves what such a request reserves, under the caps that are set", () => {
    expect(reserved(null, asked("researcher"))).toEqual(reserves(INLINE, false));
    expect(reserved(null, asked("architect"))).toEqual(reserves(JOB, false));
  });

  it("a run that asks nobody reserves nothing; one that asks no more gives it back", () => {
    expect(reserved(null, asked("deployer"))).toEqual([]);
    expect(reserved(asked("researcher"), gone("researcher"))).toEqual(reserves(0, false));
  });

  it("a call keeps its reservation until its result, whatever else is written meanwhile", () => {
    const run = asked("researcher");
    expect(reserved(run, run)).toEqual([]);
    expect(reserved(run, run, [wake])).toEqual([]);
  });

  it("a try that was settled has used its reservation up: the next one takes its own", () => {
    const run = asked("researcher");
    expect(reserved(run, run, settled(run))).toEqual(reserves(INLINE, true));
    expect(reserved(run, run, [wake, ...settled(run)])).toEqual(reserves(INLINE, true));
  });

  it("a job that is looked at again is the same call", () => {
    const run = asked("architect");
    expect(reserved(run, run, settled(run))).toEqual([]);
  });

  it("a call that follows another is checked against the caps, and says whether the amount is another one", () => {
    expect(reserved(asked("researcher"), gone("researcher", "researcher"))).toEqual(reserves(INLINE, true));
    expect(reserved(asked("researcher", "architect"), gone("researcher", "architect"))).toEqual(reserves(JOB, false));
  });

  it("a call that a flat rate pays reserves nothing; what is known of another request of its kind does not matter", () => {
    const flat = { label: "model-1", rate: "flat" as const };
    expect(reserved(null, asked("researcher"), [], new Map([["researcher", { "ask-agent": flat }]]))).toEqual([]);
    expect(reserved(null, asked("researcher"), [], new Map([["researcher", { "start-job": flat }]]))).toEqual(reserves(JOB, false));
    expect(reserved(null, asked("researcher"), [], new Map([["architect", { "ask-agent": flat }]]))).toEqual(reserves(JOB, false));
  });
});

describe("the pause that a refused reservation means", () => {
  const refused = (scope: string, fix?: string) =>
    budgetHold(new MillraceError("budget_exhausted", "no money", { details: { scope }, ...(fix === undefined ? {} : { fix }) }), AT);

  it("a month passes by itself; other caps are lifted by people", () => {
    expect(refused(monthScope(AT), "raise it")).toEqual({
      because: "budget",
      since: AT,
      until: Date.parse("2026-04-01T00:00:00Z"),
      message: "no money. raise it",
    });
    expect(refused("task/blk_1", "raise it").until).toBeNull();
  });

  it("its message ends where its text ends, and fits a pause", () => {
    expect(refused("run/run_1").message).toBe("no money.");
    expect(refused("run/run_1", "x".repeat(5000)).message).toHaveLength(2000);
  });
});
