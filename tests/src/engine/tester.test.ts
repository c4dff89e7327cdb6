import { openWait, type OrchestrationPorts } from "@millrace/orchestration";
import { describe, expect, it } from "vitest";
import { summaryOf, type TestHostOptions } from "@millrace/testing";
import { begun, changePreset, driven, oneTurn, openNotifications, remembered, report, testerHost } from "./tester.fixture.js";

describe("the tester (acceptance 17)", () => {
  it("withheld, then green: one fixer attempt, which is told what was reported", async () => {
    const host = await testerHost({ script: { tester: [report(false, "login crashes/high", "typo/low"), report(true)] } });
    const run = await host.run(await driven(host));
    expect(run.phase.is).toBe("done");
    expect(begun(host)).toEqual(["coder", "tester", "fixer", "tester"]);
    expect(run.steps[1]?.state).toMatchObject({ attempts: 1, log: [{ attempt: 1, outcome: "completed", summary: "repaired 0" }] });
    const [, , fixer, again] = host.agents.begun;
    expect(fixer?.briefs).toEqual([
      { from: "tester", text: expect.stringMatching(/^it does not work\nConcerns to fix:\n- \[high\] login crashes/) },
    ]);
    expect(again?.briefs.map(({ from }) => from)).toEqual(["environment", "your last report", "earlier attempts"]);
    expect(again?.briefs[2]?.text).toContain("repaired 0");
    expect(again?.key).not.toBe(host.agents.begun[1]?.key);
    expect(await host.output(run.id, 1)).toContain("it works");
  });

  it("a low nit in the first report loops once, then passes", async () => {
    const host = await testerHost({ script: { tester: report(true, "a nit/low") } });
    const run = await host.run(await driven(host));
    expect(run.phase.is).toBe("done");
    expect(begun(host)).toEqual(["coder", "tester", "fixer", "tester"]);
    expect(run.steps[1]?.state).toMatchObject({
      report: { accepted: true, greenlight: true, concerns: [{ title: "a nit", severity: "low" }] },
    });
  });

  it("a greenlight with a critical concern and no branch fails, and the step is not done", async () => {
    const host = await testerHost({
      pipeline: { steps: [{ kind: "tester" }] },
      script: { tester: report(true, "it loses data/critical") },
    });
    const run = await host.run(await driven(host));
    expect(run.phase).toMatchObject({
      is: "failed",
      failure: {
        kind: "agent",
        code: "tests_failed",
        message: "1 high or critical concern(s) outweigh the greenlight, and there is no branch for the fixer: it loses data (critical)",
      },
    });
    expect(summaryOf(run)).not.toContain("tester:done");
    expect(begun(host)).toEqual(["tester"]);
    expect(await openNotifications(host)).toEqual(["tests_failed"]);
  });

  it("local mode is refused until the service says how it is tested", async () => {
    const local: Partial<TestHostOptions> = { task: { testEnvironment: "local" }, script: { tester: report(true) } };
    const unset = await testerHost(local);
    await expect(unset.start()).rejects.toMatchObject({
      code: "conflict",
      message: expect.stringContaining("step 2 (tester)"),
      fix: expect.stringContaining("compose file"),
    });
    expect(await unset.block()).toMatchObject({ runId: null, status: "planned" });
    expect(unset.agents.begun).toEqual([]);
    const composed = await testerHost({ ...local, testing: { composePath: "compose.yml", noInfrastructure: false } });
    expect((await composed.run(await driven(composed))).phase.is).toBe("done");
    expect(composed.agents.begun[1]?.briefs[0]?.text).toContain("compose.yml");
    const bare = await testerHost({ ...local, testing: { composePath: null, noInfrastructure: true } });
    expect((await bare.run(await driven(bare))).phase.is).toBe("done");
    expect(bare.agents.begun[1]?.briefs[0]?.text).toContain("needs no infrastructure");
  });
});

describe("what a report means for a run", () => {
  it("advice does not fail a run that cannot send a fixer (W-32)", async () => {
    const noBranch = await testerHost({
      pipeline: { steps: [{ kind: "tester" }] },
      script: { tester: report(true, "a nit/low", "slow/medium") },
    });
    expect((await noBranch.run(await driven(noBranch))).phase.is).toBe("done");
    const noBudget = await testerHost({ script: { tester: report(true, "a nit/low") } });
    await changePreset(noBudget, { ciMaxAttempts: 0 });
    expect((await noBudget.run(await driven(noBudget))).phase.is).toBe("done");
    expect(begun(noBudget)).toEqual(["coder", "tester"]);
  });

  it.each([
    ["no report at all", { say: "I looked at everything, it is fine." }],
    ["a report without a greenlight", { answer: { summary: "it is fine", concerns: [] } }],
    [
      "a report with a severity nobody knows",
      { answer: { greenlight: true, summary: "x", concerns: [{ title: "a", detail: "", severity: "meh" }] } },
    ],
  ])("%s is a failure, never a pass (W-32)", async (_name, turn) => {
    const host = await testerHost({ script: { tester: turn } });
    const run = await host.run(await driven(host));
    expect(run.phase).toMatchObject({ is: "failed", failure: { kind: "agent", code: "tests_failed", detail: expect.any(String) } });
    expect(run.phase.is === "failed" && run.phase.failure.message).toMatch(/^the tester's report cannot be read: /);
    expect(begun(host)).toEqual(["coder", "tester"]);
    expect(await openNotifications(host)).toEqual(["tests_failed"]);
  });

  it("a tester that changes files fails, whatever it reports", async () => {
    const host = await testerHost({ script: { tester: { ...report(true), change: { a: "mine" } } } });
    expect((await host.run(await driven(host))).phase).toMatchObject({ is: "failed", failure: { code: "wrote_when_read_only" } });
  });

  it("a tester may ask first, and goes on with the answer", async () => {
    const ask = { question: { question: "which browser?", options: ["a", "b"] } };
    const host = await testerHost({ script: { tester: [ask, report(true)] } });
    const id = await driven(host);
    expect(openWait(await host.run(id))).toMatchObject({ on: "decision", question: "which browser?" });
    await host.reply(id, { answer: "choose", option: "b" });
    await host.drive();
    expect((await host.run(id)).phase.is).toBe("done");
    expect(host.agents.begun.at(-1)?.decisions).toEqual([{ question: "which browser?", chosen: "b" }]);
  });

  it("changes people ask for go to the coder, and the tester tests what comes back", async () => {
    const host = await testerHost({
      pipeline: { steps: [{ kind: "coder" }, { kind: "tester", approval: { approvers: 1 } }] },
      script: { tester: [report(false, "a/high"), report(true)] },
    });
    const id = await driven(host);
    expect(openWait(await host.run(id))).toMatchObject({ on: "approval" });
    await host.reply(id, { answer: "request-changes", feedback: "say it in French" });
    await host.drive();
    expect(begun(host)).toEqual(["coder", "tester", "fixer", "tester", "coder", "tester"]);
    expect(host.agents.begun[4]?.revision).toMatchObject({ feedback: "say it in French" });
    await host.reply(id, { answer: "approve" });
    expect((await host.run(id)).phase.is).toBe("done");
  });
});

describe("after a person sent the work back", () => {
  it("earlier reports speak of other work: what they said is not held against it, and the budget goes on", async () => {
    const host = await testerHost({
      pipeline: { steps: [{ kind: "coder" }, { kind: "tester", approval: { approvers: 1 } }] },
      script: { tester: [report(false, "a/high"), report(true), report(false, "a/high"), report(false, "a/high"), report(true)] },
    });
    const id = await driven(host);
    await changePreset(host, { ciMaxAttempts: 2 });
    await host.reply(id, { answer: "request-changes", feedback: "more" });
    await host.drive();
    expect(openWait(await host.run(id))).toMatchObject({ on: "approval" });
    expect(remembered(await host.run(id), 1)).toMatchObject({ attempts: 3, budget: 10 });
  });

  it("without a fixer that could act on it, people approve or reject", async () => {
    const host = await testerHost({
      pipeline: { steps: [{ kind: "tester", approval: { approvers: 1 } }] },
      script: { tester: report(true) },
    });
    const id = await driven(host);
    await expect(host.reply(id, { answer: "request-changes", feedback: "more" })).rejects.toMatchObject({ code: "wait_mismatch" });
    await host.reply(id, { answer: "reject", reason: "no" });
    expect((await host.run(id)).phase).toMatchObject({ is: "failed", failure: { code: "approval_rejected" } });
  });
});

describe("the fixer's budget", () => {
  /** Reports a new concern each time, so that only the budget ends the loop. */
  const neverHappy = (_task: unknown, call: number) =>
    report(false, `concern ${"abcdefghijkl"[call]}/high`, "a/low", "b/low", "c/low", "d/low", "e/low");

  it("ends in a failure with the digest of what is left, every attempt's account, and a notification", async () => {
    const host = await testerHost({ script: { tester: neverHappy } });
    await changePreset(host, { ciMaxAttempts: 2 });
    const run = await host.run(await driven(host));
    expect(begun(host).filter((kind) => kind === "fixer")).toHaveLength(2);
    expect(run.phase).toMatchObject({
      is: "failed",
      failure: {
        kind: "agent",
        code: "tests_failed",
        message:
          "the tester withholds its greenlight after 2 of 2 fixer attempt(s): concern c (high); a (low); b (low); c (low); d (low); …",
        detail: expect.stringMatching(/attempt 1.*repaired 0\nattempt 2.*repaired 1/),
      },
    });
    expect(await openNotifications(host)).toEqual(["tests_failed"]);
    expect(await host.block()).toMatchObject({ status: "blocked" });
  });

  it("is read when the step is entered; what the preset says later counts for the next run", async () => {
    const host = await testerHost({ script: { tester: neverHappy } });
    await changePreset(host, { ciMaxAttempts: 1 });
    const { id } = await host.start();
    for (let turn = 0; turn < 50 && !begun(host).includes("fixer"); turn += 1) await oneTurn(host);
    await changePreset(host, { ciMaxAttempts: 9 });
    await host.drive();
    expect((await host.run(id)).steps[1]?.state).toMatchObject({ attempts: 1, budget: 1 });
    expect((await host.run(id)).phase).toMatchObject({ is: "failed", failure: { code: "tests_failed" } });
  });

  it("a retry has a budget of its own, and resumes at the tester", async () => {
    const host = await testerHost({
      script: { tester: [report(false, "a/high"), report(false, "b/high"), report(false, "c/high"), report(true)] },
    });
    await changePreset(host, { ciMaxAttempts: 1 });
    const id = await driven(host);
    expect((await host.run(id)).phase.is).toBe("failed");
    const again = await host.execution.retry({ workspaceId: host.workspace.id, runId: id, actor: host.user });
    await host.drive();
    expect((await host.run(again.id)).phase.is).toBe("done");
    expect(begun(host)).toEqual(["coder", "tester", "fixer", "tester", "tester", "fixer", "tester"]);
    expect(await openNotifications(host)).toEqual(["pipeline_complete"]);
  });
});

describe("jobs that get lost (W-39)", () => {
  it("a lost tester and a lost fixer are dispatched again under new keys, and burn no attempt", async () => {
    const host = await testerHost({
      script: {
        tester: [{ lost: { transient: true } }, report(false, "a/high"), { lost: { transient: false } }, report(true)],
        fixer: [{ lost: { transient: false } }, { lost: { transient: true } }, { change: { a: "fixed" } }],
      },
    });
    const run = await host.run(await driven(host));
    expect(run.phase.is).toBe("done");
    expect(begun(host)).toEqual(["coder", "tester", "tester", "fixer", "fixer", "fixer", "tester", "tester"]);
    expect(new Set(host.agents.begun.map(({ key }) => key)).size).toBe(8);
    expect(run.steps[1]?.state).toMatchObject({ attempts: 1 });
    const fixers = host.agents.begun.filter(({ kind }) => kind === "fixer");
    expect(fixers[2]?.briefs).toEqual(fixers[0]?.briefs);
  });

  it.each(["tester", "fixer"])("a %s that crashes twice ends the run as lost", async (kind) => {
    const host = await testerHost({ script: { tester: report(false, "a/high"), [kind]: { lost: { transient: false } } } });
    expect((await host.run(await driven(host))).phase).toMatchObject({ is: "failed", failure: { kind: "evicted", code: "job_lost" } });
    expect(begun(host).filter((one) => one === kind)).toHaveLength(2);
  });
});

describe("who a tester may send", () => {
  it("a run whose fixer's model cannot be used does not start; without its tester it does (W-42)", async () => {
    const models: OrchestrationPorts["models"] = {
      status: async ({ kind }) => ({ kind, model: "m", usable: kind !== "fixer", why: "no key", fix: "add a key", vendor: null }),
    };
    const withTester = await testerHost({ services: { models }, script: { tester: report(true) } });
    await expect(withTester.start()).rejects.toMatchObject({ code: "model_unusable", message: expect.stringContaining("fixer") });
    const without = await testerHost({
      services: { models },
      pipeline: { steps: [{ kind: "coder" }, { kind: "tester", enabled: false }] },
      task: { testEnvironment: "local" },
    });
    expect((await without.run(await driven(without))).phase.is).toBe("done");
  });
});
