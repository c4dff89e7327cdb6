import type { Check, Run } from "@millrace/contracts";
import { gateStateOf, openWait, type GateState } from "@millrace/orchestration";
import { describe, expect, it } from "vitest";
import { completedCheck, createTestHost, summaryOf, type ScriptedKind, type TestHost } from "@millrace/testing";

const score = { complexity: 0.1, risk: 0.1, impact: 0.1, rationale: "small" };
const green = [completedCheck("test", "success")];
const red = [completedCheck("test", "failure", "1 != 2")];

async function hostWith(
  script: Readonly<Record<string, ScriptedKind>> = {},
  ci: "required" | "none" = "required",
  requiredChecks: string[] = [],
): Promise<TestHost> {
  return createTestHost({
    pipeline: { steps: [{ kind: "coder" }, { kind: "conflicts" }, { kind: "ci" }, { kind: "merger" }] },
    checks: { ci, requiredChecks },
    script: {
      coder: { change: { a: "1" } },
      "ci-fixer": (_task, call) => ({ change: { a: `fix ${call}` } }),
      merger: { answer: score },
      ...script,
    },
  });
}

function gate(run: Run, index = 2): GateState {
  const state = gateStateOf(run.steps[index]?.state ?? { kind: "none" });
  if (state === null) throw new Error(`step ${index} is no gate`);
  return state;
}

/** Drives a number of turns; the run need not come to rest. */
async function turns(host: TestHost, count: number): Promise<void> {
  await host.drive(count).catch((error: unknown) => {
    if (!(error instanceof Error) || !error.message.startsWith("still not at rest")) throw error;
  });
}

describe("what counts as green", () => {
  it.each<[string, readonly Check[], string]>([
    ["no check registered yet", [], "unknown"],
    ["only skipped checks", [completedCheck("test", "skipped")], "unknown"],
    ["only neutral checks", [completedCheck("test", "neutral")], "unknown"],
    [
      "a check that runs",
      [{ ...completedCheck("test", "success"), status: "in_progress", conclusion: null, completedAt: null }],
      "pending",
    ],
  ])("%s never merges (W-33)", async (_name, checks, says) => {
    const host = await hostWith();
    host.forge.judgeWith(() => checks);
    const { id } = await host.start();
    await turns(host, 40);
    expect(gate(await host.run(id)).verdict?.says).toBe(says);
    await host.drive();
    expect((await host.run(id)).phase).toMatchObject({ is: "failed", failure: { kind: "timeout", code: "gate_timeout" } });
    expect(host.forge.landed).toEqual([]);
    expect(host.agents.begun.map((task) => task.kind)).not.toContain("ci-fixer");
  });

  it("a required check that is missing is unknown even when others are green", async () => {
    const host = await hostWith({}, "required", ["build", "test"]);
    host.forge.judgeWith(() => green);
    const { id } = await host.start();
    await turns(host, 40);
    expect(gate(await host.run(id)).verdict).toMatchObject({ says: "unknown", because: "required check(s) not there or skipped: build" });
  });

  it("a repository without CI merges only because a person said it has none", async () => {
    const host = await hostWith({}, "none");
    const { id } = await host.start();
    await host.drive();
    expect((await host.run(id)).phase.is).toBe("done");
    expect(gate(await host.run(id)).verdict?.because).toBe("this repository is set to have no CI");
  });
});

describe("the CI gate", () => {
  it("after a fixer was sent, only a new head can pass", async () => {
    let flips = 0;
    const host = await hostWith({ "ci-fixer": { say: "done, it is green now" } });
    // Red, then green on the same commit: a flaky check does not count as a repair.
    host.forge.judgeWith(() => (flips++ === 0 ? red : green));
    const { id } = await host.start();
    await host.drive();
    expect((await host.run(id)).phase).toMatchObject({ is: "failed", failure: { code: "ci_exhausted" } });
    expect(gate(await host.run(id)).log[0]).toMatchObject({ outcome: "failed", summary: expect.stringContaining("nothing_committed") });
    expect(host.forge.landed).toEqual([]);
  });

  it("sends the fixer as often as the preset allows, each time under a new key, then fails and raises a notification (W-24)", async () => {
    const host = await hostWith();
    // Each repair moves the failure, which counts as progress: only the budget ends the loop.
    host.forge.judgeWith((_head, tree) => [completedCheck("test", "failure", `1 != 2 in ${tree["a"]}`)]);
    const { id } = await host.start();
    await host.drive();
    const fixers = host.agents.begun.filter((task) => task.kind === "ci-fixer");
    expect(fixers).toHaveLength(10);
    expect(new Set(fixers.map((task) => task.key)).size).toBe(10);
    expect(fixers.at(-1)?.briefs.at(-1)?.text).toContain("attempt 9");
    expect((await host.run(id)).phase).toMatchObject({ is: "failed", failure: { kind: "gate_exhausted", code: "ci_exhausted" } });
    expect(await host.store.notifications.open(host.workspace.id, { limit: 10 })).toMatchObject([{ type: "ci_failed" }]);
  });

  it("a lost fixer is dispatched again without burning an attempt (W-39)", async () => {
    const host = await hostWith({ "ci-fixer": [{ lost: { transient: true } }, { change: { a: "fixed" } }] });
    host.forge.judgeWith((_head, tree) => (tree["a"] === "fixed" ? green : red));
    const { id } = await host.start();
    await host.drive();
    expect((await host.run(id)).phase.is).toBe("done");
    expect(gate(await host.run(id)).attempts).toBe(1);
  });

  it("brings a branch that is behind its base up to date before it judges, so that what is judged is what lands", async () => {
    const host = await hostWith();
    host.forge.judgeWith(() => green);
    const { id } = await host.start();
    host.forge.push(host.repository, "main", { other: "theirs" });
    await host.drive();
    expect((await host.run(id)).phase.is).toBe("done");
    expect(host.forge.landed[0]?.tree).toMatchObject({ a: "1", other: "theirs" });
  });

  it("a closed pull request fails the run with its name", async () => {
    const host = await hostWith();
    host.forge.judgeWith(() => []);
    const { id } = await host.start();
    await turns(host, 10);
    host.forge.closePullRequest(host.repository, 1);
    await host.drive();
    expect((await host.run(id)).phase).toMatchObject({ is: "failed", failure: { code: "pull_request_closed" } });
  });
});

/** Makes the coder's work conflict: its branch starts before the base changes the same file. */
function conflictAhead(host: TestHost): void {
  host.forge.push(host.repository, `millrace/${host.task.id}`, { seed: "1" });
  host.forge.push(host.repository, "main", { a: "theirs" });
}

describe("the conflicts gate", () => {
  it("sends the conflict-resolver and merges the resolution", async () => {
    const host = await hostWith({ "conflict-resolver": { resolve: { a: "both" } } });
    host.forge.judgeWith(() => green);
    conflictAhead(host);
    const { id } = await host.start();
    await host.drive();
    expect((await host.run(id)).phase.is).toBe("done");
    expect(host.forge.landed[0]?.tree["a"]).toBe("both");
  });

  it("gives up after three attempts, with every attempt's account and a notification (W-34)", async () => {
    const host = await hostWith({ "conflict-resolver": { say: "I resolved it" } });
    host.forge.judgeWith(() => green);
    conflictAhead(host);
    const { id } = await host.start();
    await host.drive();
    const run = await host.run(id);
    expect(run.phase).toMatchObject({ is: "failed", failure: { kind: "gate_exhausted", code: "conflicts_exhausted" } });
    expect(gate(run, 1).log).toHaveLength(3);
    expect(run.phase.is === "failed" && run.phase.failure.detail).toContain("attempt 3");
    expect(await host.store.notifications.open(host.workspace.id, { limit: 10 })).toMatchObject([{ type: "conflicts_failed" }]);
  });

  it("a conflict that appears after it passed comes back to it", async () => {
    const host = await hostWith({ "conflict-resolver": { resolve: { a: "both" } } });
    let calls = 0;
    host.forge.judgeWith(() => {
      calls += 1;
      if (calls === 1) host.forge.push(host.repository, "main", { a: "late" });
      return calls === 1 ? [] : green;
    });
    const { id } = await host.start();
    await host.drive();
    expect((await host.run(id)).phase.is).toBe("done");
    expect(host.agents.begun.map((task) => task.kind)).toContain("conflict-resolver");
  });
});

describe("the merger", () => {
  it.each([
    ["above a ceiling", { answer: { ...score, risk: 0.41 } }, "risk 0.41 is above 0.4"],
    ["a blank rationale", { answer: { ...score, rationale: "  " } }, "no rationale"],
    ["no assessment at all", { say: "merge it!" }, "no readable assessment"],
  ])("%s asks a person, who merges what was shown (W-26)", async (_name, merger, why) => {
    const host = await hostWith({ merger });
    host.forge.judgeWith(() => green);
    const { id } = await host.start();
    await host.drive();
    expect(openWait(await host.run(id))).toMatchObject({ on: "merge", question: expect.stringContaining(why) });
    expect(await host.block()).toMatchObject({ status: "pr_ready" });
    expect(await host.store.notifications.open(host.workspace.id, { limit: 10 })).toMatchObject([{ type: "merge_review" }]);
    await host.reply(id, { answer: "approve" });
    await host.drive();
    expect(host.forge.landed).toHaveLength(1);
    expect(await host.block()).toMatchObject({ status: "done" });
  });

  it("ceilings are inclusive", async () => {
    const host = await hostWith({ merger: { answer: { complexity: 0.5, risk: 0.4, impact: 0.5, rationale: "at the edge" } } });
    host.forge.judgeWith(() => green);
    const { id } = await host.start();
    await host.drive();
    expect((await host.run(id)).phase.is).toBe("done");
  });

  it("a push after the verdict is not merged unassessed: the gates and the merger look again (W-61)", async () => {
    const host = await hostWith({
      merger: (_task, call) => {
        if (call === 0) host.forge.push(host.repository, `millrace/${host.task.id}`, { late: "x" });
        return { answer: score };
      },
    });
    const judged: string[] = [];
    host.forge.judgeWith((head) => {
      judged.push(head);
      return green;
    });
    const { id } = await host.start();
    await host.drive();
    expect((await host.run(id)).phase.is).toBe("done");
    expect(host.forge.landed[0]?.tree["late"]).toBe("x");
    expect(new Set(judged).size).toBe(2);
    expect(host.agents.begun.filter((task) => task.kind === "merger")).toHaveLength(2);
  });

  it("F:C1 a base that moved while a person was thinking: the gates judge again, and what was approved lands without another question", async () => {
    const host = await hostWith({ merger: { answer: { ...score, risk: 1 } } });
    host.forge.judgeWith(() => green);
    const { id } = await host.start();
    await host.drive();
    const before = gate(await host.run(id)).verdict;
    const moved = host.forge.push(host.repository, "main", { other: "theirs" });
    await host.reply(id, { answer: "approve" });
    await host.drive();
    const after = gate(await host.run(id)).verdict;
    expect(after).toMatchObject({ says: "green", base: moved });
    expect(after?.head).not.toBe(before?.head);
    expect(host.forge.landed).toHaveLength(1);
    expect(host.agents.begun.filter((task) => task.kind === "merger")).toHaveLength(1);
  });

  it("F:A2 what the forge judges by changes while a person is asked: the gates judge again before anything lands", async () => {
    const host = await hostWith({ merger: { answer: { ...score, risk: 1 } } });
    host.forge.judgeWith(() => green);
    const { id } = await host.start();
    await host.drive();
    const before = gate(await host.run(id)).verdict;
    await host.forge.outsiders(host.repository).requireChecks(host.repository.base, ["lint"]);
    host.forge.judgeWith(() => [...green, completedCheck("lint", "success")]);
    await host.reply(id, { answer: "approve" });
    await host.drive();
    const after = gate(await host.run(id)).verdict;
    expect(after?.checkSettings).not.toBe(before?.checkSettings);
    expect(after?.observed.map(({ name }) => name)).toEqual(["test", "lint"]);
    expect(host.forge.landed).toHaveLength(1);
  });

  it("a merge that happened already is recorded, not repeated (W-19)", async () => {
    const host = await hostWith({ merger: { answer: { ...score, risk: 1 } } });
    host.forge.judgeWith(() => green);
    const { id } = await host.start();
    await host.drive();
    const run = await host.run(id);
    const { verdict } = gate(run);
    if (run.pullRequest === null || verdict === null) throw new Error("no pull request or no verdict");
    await host.forge.merge(host.repository, run.pullRequest, verdict, "by hand");
    await host.reply(id, { answer: "approve" });
    await host.drive();
    expect(host.forge.landed).toHaveLength(1);
    expect((await host.run(id)).merged).toBe(host.forge.landed[0]?.commit);
    expect(await host.block()).toMatchObject({ status: "done" });
  });

  it("merged stays merged, whatever later steps do (W-27)", async () => {
    const host = await createTestHost({
      pipeline: {
        steps: [
          { kind: "coder" },
          { kind: "ci" },
          { kind: "merger" },
          { kind: "documenter" },
          { kind: "researcher", approval: { approvers: 1 } },
        ],
      },
      script: { coder: { change: { a: "1" } }, merger: { answer: score }, documenter: { say: "docs" }, researcher: { say: "notes" } },
    });
    host.forge.judgeWith(() => green);
    const { id } = await host.start();
    await host.drive();
    expect(summaryOf(await host.run(id))).toBe("coder:done ci:done merger:done documenter:done researcher:wait");
    expect(await host.block()).toMatchObject({ status: "done", progress: 1 });
    await host.reply(id, { answer: "reject", reason: "no" });
    expect((await host.run(id)).phase.is).toBe("failed");
    expect(await host.block()).toMatchObject({ status: "done", merged: { runId: id } });
    await expect(host.start()).rejects.toMatchObject({ code: "conflict" });
  });
});
