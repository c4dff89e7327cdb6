import type { Run, RunEvent } from "@millrace/contracts";
import { createRegistries, isLive, replay } from "@millrace/orchestration";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { z } from "zod";
import { Crash, createFaultPlan, withFaults, type FaultPlan, type ScriptedTurn, type TestHost } from "@millrace/testing";
import { begun, changePreset, oneTurn, remembered, report, testerHost } from "./tester.fixture.js";

/** Number of loops; override with MILLRACE_LOOPS. */
const LOOPS = Number(process.env["MILLRACE_LOOPS"] ?? 150);
const registries = createRegistries();

const testerTurn: fc.Arbitrary<ScriptedTurn> = fc.oneof(
  {
    weight: 3,
    arbitrary: fc.constantFrom(report(false, "a/high"), report(false, "b/high"), report(false, "a/high", "c/low"), report(false)),
  },
  { weight: 2, arbitrary: fc.constantFrom(report(true, "a/low"), report(true, "b/critical")) },
  { weight: 1, arbitrary: fc.constantFrom<ScriptedTurn>(report(true), { say: "no report" }) },
  { weight: 1, arbitrary: fc.constantFrom<ScriptedTurn>({ lost: { transient: true } }, { lost: { transient: false } }) },
);
const fixerTurn = fc.constantFrom<ScriptedTurn | "repairs">(
  "repairs",
  "repairs",
  "repairs",
  { say: "nothing to do" },
  { fails: { code: "agent_login", message: "log in" } },
  { observed: { turn: "died" } },
  { lost: { transient: true } },
);
const story = fc.record({
  testers: fc.array(testerTurn, { minLength: 1, maxLength: 8 }),
  fixers: fc.array(fixerTurn, { minLength: 1, maxLength: 6 }),
  budget: fc.nat({ max: 4 }),
});
type Story = typeof story extends fc.Arbitrary<infer S> ? S : never;

const faults = ["crashBeforeCommit", "crashAfterCommit", "loseReply"] as const;
const schedule = fc.array(fc.tuple(fc.nat({ max: 40 }), fc.constantFrom(...faults)), { maxLength: 12 });

async function play(
  { testers, fixers, budget }: Story,
  armed: readonly (readonly [number, keyof FaultPlan])[],
): Promise<{ host: TestHost; run: Run; crashes: number }> {
  const plan = createFaultPlan();
  const host = await testerHost({
    script: {
      tester: testers,
      fixer: (_task, call) => {
        const turn = fixers[Math.min(call, fixers.length - 1)] ?? "repairs";
        return turn === "repairs" ? { change: { a: `repair ${call}` } } : turn;
      },
    },
    wrap: (ports) => withFaults(ports, plan),
  });
  await changePreset(host, { ciMaxAttempts: budget });
  const { id } = await host.start();
  let crashes = 0;
  for (let turn = 0; turn < 300 && isLive(await host.run(id)); turn += 1) {
    for (const [at, fault] of armed) if (at === turn) plan[fault].armed = true;
    await oneTurn(host).catch((error: unknown) => {
      if (!(error instanceof Crash)) throw error;
      crashes += 1;
    });
  }
  return { host, run: await host.run(id), crashes };
}

/** A run without its times and tries, for comparison. */
function outcome(run: Run): unknown {
  const state = remembered(run, 1);
  const { phase } = run;
  return {
    phase: phase.is === "failed" ? { code: phase.failure.code, message: phase.failure.message } : phase.is,
    attempts: state["attempts"],
    report: state["report"],
    rounds: state["rounds"],
    log: JSON.stringify(state["log"])?.replaceAll(/"at":\d+/g, '"at":0'),
  };
}

describe("the tester's loop", () => {
  it("ends within its budget whatever testers and fixers do, done only with an accepted report (I6)", async () => {
    const seen = { done: 0, failed: 0, fixers: 0, codes: new Set<string>() };
    await fc.assert(
      fc.asyncProperty(story, async (planned) => {
        const { host, run } = await play(planned, []);
        const state = remembered(run, 1);
        expect(isLive(run)).toBe(false);
        expect(state["attempts"]).toBeLessThanOrEqual(planned.budget);
        const sent = begun(host).filter((kind) => kind === "fixer").length;
        expect(sent).toBeLessThanOrEqual(planned.budget * 6);
        const accepted = z.object({ accepted: z.boolean() }).nullable().parse(state["report"])?.accepted === true;
        expect(run.phase.is === "done").toBe(accepted);
        if (run.phase.is === "failed") seen.codes.add(run.phase.failure.code);
        seen.done += run.phase.is === "done" ? 1 : 0;
        seen.failed += run.phase.is === "failed" ? 1 : 0;
        seen.fixers += sent;
      }),
      { numRuns: LOOPS, seed: 20261123 },
    );
    console.log(`I6 (tester): ${seen.done} done, ${seen.failed} failed (${[...seen.codes].toSorted().join(", ")}), ${seen.fixers} fixers`);
    expect(seen.done).toBeGreaterThan(LOOPS / 10);
    expect([...seen.codes].toSorted()).toEqual(["breaker_open", "job_lost", "tests_failed"]);
  }, 600_000);

  it("a crash at any commit and a lost reply lead to the same end, each job once, and the fold is the stored run (I10, I11)", async () => {
    const seen = { runs: 0, crashes: 0 };
    await fc.assert(
      fc.asyncProperty(story, schedule, async (planned, armed) => {
        const quiet = await play(planned, []);
        const { host, run, crashes } = await play(planned, armed);
        expect(outcome(run)).toEqual(outcome(quiet.run));
        const keys = host.agents.begun.map(({ key }) => key);
        expect(new Set(keys).size).toBe(keys.length);
        expect(keys).toEqual(quiet.host.agents.begun.map(({ key }) => key));
        const logged = await host.store.events.ofRun(host.workspace.id, run.id, 0, 1000);
        expect(
          replay(
            logged.map(({ entry }) => entry as RunEvent),
            registries,
          ),
        ).toEqual(run);
        seen.runs += 1;
        seen.crashes += crashes;
      }),
      { numRuns: LOOPS, seed: 20261124 },
    );
    console.log(`I10 (tester): ${seen.runs} runs, ${seen.crashes} crashes`);
    expect(seen.crashes).toBeGreaterThan(LOOPS / 2);
  }, 600_000);
});
