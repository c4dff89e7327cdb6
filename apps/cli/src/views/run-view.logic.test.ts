import type { Run } from "@millrace/contracts";
import { describe, expect, it } from "vitest";
import { approvalWait, run, step, T0 } from "./run.fixture.js";
import type { RunView } from "./run-view.js";
import { costView, doingOf, jobKeyOf, runView } from "./run-view.logic.js";

const view = (of: Run, subject: string | null = null): RunView =>
  runView({ run: of, task: { id: "blk_1", title: "Add a discount" }, events: [], usage: [], subject, now: T0 + 10_000 });

const waiting = (wait = approvalWait()): Run =>
  run({
    cursor: 0,
    steps: [
      step("architect", { activity: { is: "wait", wait }, timing: { startedAt: T0, finishedAt: null, waitedMs: 500 } }),
      step("coder"),
    ],
  });

describe("runView", () => {
  it("leaves the time spent waiting for people out of a step's duration", () => {
    expect(view(run()).steps[0]).toMatchObject({ durationMs: 4000, waitedMs: 1000 });
    expect(view(waiting()).steps[0]).toMatchObject({ durationMs: 1500, waitedMs: 8500 });
    expect(view(run()).steps[2]).toMatchObject({ durationMs: null, state: "pending" });
  });

  it("carries a verdict with its head, base, settings and checks", () => {
    expect(view(run()).steps[1]).toMatchObject({
      state: "running",
      verdict: { says: "red", head: "a".repeat(40), base: "b".repeat(40), checks: [{ name: "npm test", conclusion: "failure" }] },
      helpers: [{ attempt: 1, outcome: "completed" }],
    });
  });

  it.each([
    ["approval", ["approve run_1 --digest dddddddddddd", "changes run_1", "reject run_1"]],
    ["merge", ["approve run_1 --digest dddddddddddd", "changes run_1", "reject run_1"]],
    ["cap", ["round run_1", "proceed run_1 --digest dddddddddddd", "reject run_1"]],
  ] as const)("gives the commands that answer a wait on a %s", (on, commands) => {
    const { answers } = view(waiting(approvalWait({ on }))).wait ?? { answers: [] };
    expect(answers).toHaveLength(commands.length);
    commands.forEach((command, index) => expect(answers[index]).toContain(`millrace ${command}`));
  });

  it("says how to look at a change that is to be merged", () => {
    const wait = view(waiting(approvalWait({ on: "merge", subject: `${"a".repeat(40)}+${"b".repeat(40)}` }))).wait;
    expect(wait?.look).toBe("git fetch millrace && git diff bbbbbbbbbbbb...aaaaaaaaaaaa");
    expect(view(waiting()).wait?.look).toBeNull();
  });

  it("quotes the options of a decision for a shell", () => {
    const { answers } = view(waiting(approvalWait({ on: "decision", options: ["it's fine"] }))).wait ?? { answers: [] };
    expect(answers).toEqual(["millrace decide run_1 'it'\\''s fine'"]);
  });

  it("marks the step a run failed in", () => {
    const failure = { kind: "agent", code: "x", message: "m", detail: null, hint: "h", step: 1, at: T0 } as const;
    const failed = view(run({ phase: { is: "failed", failure }, finishedAt: T0 }));
    expect(failed.steps.map(({ state }) => state)).toEqual(["done", "failed", "pending"]);
    expect(failed.next[0]).toBe("millrace logs run_1 --step 2");
  });

  it("does not guess a price", () => {
    const row = { key: "k", workspaceId: "w", runId: "r", kind: "coder", model: "m", inputTokens: 10, outputTokens: 5, at: T0 };
    expect(
      costView([
        { ...row, costMicros: 7 },
        { ...row, costMicros: 3 },
      ]),
    ).toEqual({ calls: 2, inputTokens: 20, outputTokens: 10, costMicros: 10 });
    expect(
      costView([
        { ...row, costMicros: 7 },
        { ...row, costMicros: null },
      ]).costMicros,
    ).toBeNull();
  });

  it("finds the job a run waits for", () => {
    expect(jobKeyOf(run())).toBe("k");
    expect(jobKeyOf(waiting())).toBeNull();
    expect(doingOf(run().steps[1] ?? step("x"))).toBe("starting the ci-fixer, try 2");
  });
});
