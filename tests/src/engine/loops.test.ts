import { runSchema, type Run } from "@millrace/contracts";
import { isOfWorkspace, type Change } from "@millrace/kernel";
import { gateStateOf, openWait, type OrchestrationPorts } from "@millrace/orchestration";
import { describe, expect, it } from "vitest";
import { z } from "zod";
import {
  completedCheck,
  createTestHost,
  type ScriptedKind,
  type ScriptedTurn,
  type TestHost,
  type TestHostOptions,
} from "@millrace/testing";
import { begun, driven, lettingOthersIn, oneTurn, openNotifications, remembered, report, testerHost } from "./tester.fixture.js";

/** One recorded round of a review: `0.5 | a | b` is a rating and its findings. */
function review(round: string): ScriptedTurn {
  const [rating = "0", ...found] = round.split(" | ");
  return { answer: { rating: Number(rating), summary: "look again", comments: found.map((body) => ({ body })) } };
}

async function reviewed(
  rounds: readonly string[],
  options: Partial<TestHostOptions> = {},
): Promise<{ host: TestHost; id: string; rounds: number }> {
  const host = await createTestHost({
    pipeline: { steps: [{ kind: "coder" }, { kind: "reviewer" }, { kind: "documenter" }] },
    script: { coder: (_task, call) => ({ change: { a: String(call) } }), reviewer: rounds.map(review), documenter: { say: "docs" } },
    ...options,
  });
  const id = await driven(host);
  return { host, id, rounds: begun(host).filter((kind) => kind === "reviewer").length };
}

describe("P8: recorded reviews, each ends by a known round", () => {
  it.each<[string, readonly string[], number, "cap" | "done"]>([
    ["the same findings over and over", ["0.5 | a | b"], 3, "cap"],
    [
      "the same findings with other line numbers",
      ["0.5 | Rename it in line 3", "0.5 | rename it in  line 30", "0.5 | rename it in lines 3-4"],
      3,
      "cap",
    ],
    ["the same findings while the rating rises", ["0.4 | a", "0.5 | a", "0.6 | a", "0.7 | a"], 4, "cap"],
    ["two that take turns", ["0.5 | a", "0.5 | b", "0.5 | a", "0.5 | b"], 4, "cap"],
    ["fewer each time, then none", ["0.5 | a | b | c", "0.5 | a | b", "0.5 | a", "0.9"], 4, "done"],
    ["another one each time", ["0.5 | a", "0.5 | b", "0.5 | c", "0.5 | d"], 4, "cap"],
    ["the same finding, and the rating passes the bar", ["0.9 | a", "0.9 | a"], 2, "done"],
    ["no comments, the same summary", ["0.5"], 3, "cap"],
  ])("%s", async (_name, script, rounds, end) => {
    const loop = await reviewed(script);
    expect(loop.rounds).toBe(rounds);
    const run = await loop.host.run(loop.id);
    expect(openWait(run)?.on ?? run.phase.is).toBe(end);
  });

  it("parks with a question that says why, and people may still grant rounds, one at a time", async () => {
    const { host, id } = await reviewed(["0.5 | a | b", "0.5 | a | b", "0.5 | a | b", "0.5 | b | a", "0.9"]);
    expect(openWait(await host.run(id))?.question).toBe(
      "reviewer still rates the work 0.5 (bar 0.8) after 2 rework(s), and was stopped with 1 left, because of " +
        "no progress in 2 rounds: nothing it finds is new (2 repeated), and nothing got better: look again",
    );
    expect(await openNotifications(host)).toEqual(["decision_required"]);
    await host.reply(id, { answer: "extra-round" });
    await host.drive();
    expect(openWait(await host.run(id))?.question).toMatch(/after 3 rework\(s\), and was stopped with 1 left/);
    await host.reply(id, { answer: "extra-round" });
    await host.drive();
    expect((await host.run(id)).phase.is).toBe("done");
    expect((await host.run(id)).steps[1]?.state).toMatchObject({ reworks: 4, maxReworks: 5 });
  });

  it("a round that passed ends its loop: what people ask for after it starts another", async () => {
    const { host, id } = await reviewed(["0.9 | a", "0.9 | a", "0.5 | a", "0.5 | a", "0.5 | a"], {
      pipeline: { steps: [{ kind: "coder" }, { kind: "reviewer", approval: { approvers: 1 } }] },
    });
    expect(openWait(await host.run(id))).toMatchObject({ on: "approval" });
    await host.reply(id, { answer: "request-changes", feedback: "more" });
    await host.drive();
    expect(openWait(await host.run(id))).toMatchObject({ on: "cap" });
    expect(begun(host).filter((kind) => kind === "reviewer")).toHaveLength(5);
  });

  it("a review without comments is told apart by its summary", async () => {
    const reviewer: ScriptedKind = (_task, call) => ({ answer: { rating: 0.5, summary: `not ${"abcd"[call]}` } });
    const { rounds } = await reviewed([], {
      script: { coder: (_task, call) => ({ change: { a: String(call) } }), reviewer },
    });
    expect(rounds).toBe(4);
  });

  it("keeps the fingerprints of the last rounds only", async () => {
    const { host, id } = await reviewed(["0.1 | a", "0.1 | b", "0.1 | c", "0.1 | d", "0.1 | e", "0.1 | f", "0.1 | g"]);
    for (const _round of ["e", "f", "g"]) {
      await host.reply(id, { answer: "extra-round" });
      await host.drive();
    }
    const ratings = z.array(z.looseObject({})).parse(remembered(await host.run(id), 1)["ratings"]);
    expect(ratings.map((rating) => "findings" in rating)).toEqual([false, false, true, true, true, true, true]);
  });

  it("a run that began before loops could end early keeps its rounds", async () => {
    const { host, run } = await ofBefore({
      pipeline: { steps: [{ kind: "coder" }, { kind: "reviewer" }] },
      script: { reviewer: review("0.5 | a") },
    });
    expect(begun(host).filter((kind) => kind === "reviewer")).toHaveLength(4);
    expect(openWait(run)?.question).toContain("after 3 rework(s): look again");
  });
});

/** A run that was started without behaviour flags, as by an earlier release, and is continued by this one. */
async function ofBefore(options: Partial<TestHostOptions>): Promise<{ readonly host: TestHost; readonly run: Run }> {
  const others = lettingOthersIn({ ...options, wrap: withoutFlags });
  const host = await testerHost(others.options);
  host.forge.judgeWith(() => [completedCheck("test", "failure", "1 != 2")]);
  const { id } = await host.start();
  const { execution } = others.open({});
  for (let turn = 0; turn < 200 && (await host.wakeups.nextDueAt()) !== null; turn += 1) await oneTurn(host, execution);
  const run = await host.run(id);
  expect(run.flags).toEqual([]);
  return { host, run };
}

function withoutFlags(ports: OrchestrationPorts): OrchestrationPorts {
  const commit: OrchestrationPorts["store"]["commit"] = (changes) =>
    ports.store.commit(isOfWorkspace(changes) ? changes.map(asBefore) : changes);
  return { ...ports, store: { ...ports.store, commit } };
}

function asBefore(change: Change): Change {
  if (change.change !== "insert-run") return change;
  return { ...change, record: { ...change.record, document: { ...runSchema.parse(change.record.document), flags: [] } } };
}

describe("P8: recorded test loops, each ends by a known round", () => {
  it.each<[string, readonly ReturnType<typeof report>[], number, "done" | "failed"]>([
    ["the same concerns after two fixers", [report(false, "a/high", "b/low")], 3, "failed"],
    [
      "the same concerns, one less that blocks each time",
      [
        report(false, "a/high", "b/high", "c/high"),
        report(false, "a/high", "b/high", "c/low"),
        report(false, "a/high", "b/low", "c/low"),
        report(true),
      ],
      4,
      "done",
    ],
    ["the same concern, less severe each time", [report(true, "a/critical"), report(true, "a/medium")], 2, "done"],
    [
      "two concerns that take turns",
      [report(false, "a/high"), report(false, "b/high"), report(false, "a/high"), report(false, "b/high")],
      4,
      "failed",
    ],
    [
      "one fewer each time",
      [report(false, "a/high", "b/high", "c/high"), report(false, "a/high", "b/high"), report(false, "a/high"), report(true)],
      4,
      "done",
    ],
    ["a repetition, then a repair", [report(false, "a/high"), report(false, "a/high"), report(true)], 3, "done"],
  ])("%s", async (_name, reports, rounds, end) => {
    const host = await testerHost({ script: { tester: reports } });
    const run = await host.run(await driven(host));
    expect(begun(host).filter((kind) => kind === "tester")).toHaveLength(rounds);
    expect(run.phase.is).toBe(end);
    if (run.phase.is !== "failed") return;
    expect(run.phase.failure).toMatchObject({ code: "tests_failed", message: expect.stringContaining("no progress in 2 rounds") });
    expect(await openNotifications(host)).toEqual(["tests_failed"]);
  });

  it("a fixer that delivers nothing burns its attempts, and the tester looks each time", async () => {
    const host = await testerHost({
      script: { tester: [report(false, "a/high"), report(false, "b/high"), report(true)], fixer: { say: "all repaired" } },
    });
    const run = await host.run(await driven(host));
    expect(run.phase.is).toBe("done");
    expect(run.steps[1]?.state).toMatchObject({
      attempts: 2,
      log: [
        { outcome: "failed", failure: { kind: "completion", code: "nothing_committed" } },
        { outcome: "failed", summary: expect.stringContaining("nothing_committed") },
      ],
    });
  });

  it("a fixer that cannot work opens the breaker at its second attempt", async () => {
    const host = await testerHost({
      script: {
        tester: (_task, call) => report(false, `concern ${"abcdef"[call]}/high`),
        fixer: { fails: { code: "agent_login", message: "log in first" } },
      },
    });
    const run = await host.run(await driven(host));
    expect(begun(host)).toEqual(["coder", "tester", "fixer", "tester", "fixer"]);
    expect(run.phase).toMatchObject({
      is: "failed",
      failure: {
        kind: "gate_exhausted",
        code: "breaker_open",
        message: "the fixer failed twice in a row with agent_login on the same head: agent_login: log in first",
      },
    });
    expect(await openNotifications(host)).toEqual(["run_failed"]);
  });
});

describe("the breaker of a tester", () => {
  it("stays closed when somebody moved the head between two failures", async () => {
    const host = await testerHost({
      script: {
        tester: (_task, call) => report(false, `concern ${"abcdef"[call]}/high`),
        fixer: (_task, call) => {
          if (call === 0) host.forge.push(host.repository, `millrace/${host.task.id}`, { by: "hand" });
          return { fails: { code: "agent_login", message: "log in" } };
        },
      },
    });
    const run = await host.run(await driven(host));
    expect(run.phase).toMatchObject({ failure: { code: "breaker_open" } });
    const heads = z.array(z.looseObject({ head: z.string() })).parse(remembered(run, 1)["log"]);
    expect(heads).toHaveLength(3);
    expect(new Set(heads.map(({ head }) => head)).size).toBe(2);
  });
});

async function gated(
  fixer: ScriptedKind,
  summary: (tree: Readonly<Record<string, string>>) => string | null,
): Promise<{ readonly host: TestHost; readonly run: Run; readonly sent: number }> {
  const host = await createTestHost({
    pipeline: { steps: [{ kind: "coder" }, { kind: "ci" }] },
    script: { coder: { change: { a: "bad" } }, "ci-fixer": fixer },
  });
  host.forge.judgeWith((_head, tree) => [
    tree["a"] === "good" ? completedCheck("test", "success") : completedCheck("test", "failure", summary(tree)),
  ]);
  const run = await host.run(await driven(host));
  return { host, run, sent: begun(host).filter((kind) => kind === "ci-fixer").length };
}
const changes: ScriptedKind = (_task, call) => ({ change: { a: `try ${call}` } });

describe("P8: recorded repairs at a gate, each ends by a known one", () => {
  it.each<[string, ScriptedKind, (tree: Readonly<Record<string, string>>) => string | null, number, string]>([
    ["the same check fails the same way on every head", changes, () => "1 != 2", 3, "ci_exhausted"],
    [
      "the same way, but for times and hashes",
      changes,
      (tree) => `10:0${tree["a"]?.length} abc${tree["a"]?.length}def0 failed in ${tree["a"]?.length}ms`,
      3,
      "ci_exhausted",
    ],
    ["another way each time", changes, (tree) => `fails at ${tree["a"]}`, 10, "ci_exhausted"],
    ["checks that do not say why", changes, () => null, 10, "ci_exhausted"],
    ["checks that say nothing", changes, () => " ", 10, "ci_exhausted"],
    ["a fixer that leaves the head where it is", { say: "it is green now" }, () => "1 != 2", 3, "ci_exhausted"],
    ["a fixer that is not logged in", { fails: { code: "agent_login", message: "log in" } }, () => "1 != 2", 2, "breaker_open"],
    ["a fixer that refuses", { observed: { turn: "refused" } }, () => "1 != 2", 2, "breaker_open"],
    [
      "two different failures in turn",
      [
        { fails: { code: "a", message: "" } },
        { fails: { code: "b", message: "" } },
        { fails: { code: "a", message: "" } },
        { fails: { code: "b", message: "" } },
      ],
      () => null,
      3,
      "ci_exhausted",
    ],
  ])("%s", async (_name, fixer, summary, attempts, code) => {
    const { run, sent } = await gated(fixer, summary);
    expect(sent).toBe(attempts);
    expect(run.phase).toMatchObject({ is: "failed", failure: { kind: "gate_exhausted", code } });
  });

  it("says what repeats, with every attempt's account and the gate's own notification", async () => {
    const { host, run } = await gated(changes, () => "1 != 2");
    expect(run.phase).toMatchObject({
      failure: {
        message: expect.stringMatching(
          /^ci is red at [0-9a-f]{10} after 3 of 10 ci-fixer attempt\(s\); no progress: 3 repairs in a row, and the same fails with the same output on 4 heads: test: failure$/,
        ),
        detail: expect.stringContaining("attempt 3"),
      },
    });
    expect(await openNotifications(host)).toEqual(["ci_failed"]);
    expect(gateStateOf(run.steps[1]?.state ?? { kind: "" })?.repairs).toHaveLength(3);
  });

  it("one operational failure costs one attempt, and the next may repair it", async () => {
    const { run, sent } = await gated(
      [{ fails: { code: "agent_protocol", message: "broken pipe" } }, { change: { a: "good" } }],
      () => "1 != 2",
    );
    expect(run.phase.is).toBe("done");
    expect(sent).toBe(2);
  });

  it("tells a helper the newest of its predecessors' accounts, as far as a brief holds", async () => {
    const { host, sent } = await gated(
      (_task, call) => ({ change: { a: `try ${call}` }, say: `${"x".repeat(1980)} account ${call}` }),
      (tree) => `fails at ${tree["a"]}`,
    );
    expect(sent).toBe(10);
    const told = host.agents.begun.at(-1)?.briefs.at(-1)?.text ?? "";
    expect(told.length).toBe(8000);
    expect(told).toMatch(/account 8$/);
  });

  it("remembers a bounded number of heads", async () => {
    const { run, sent } = await gated(changes, (tree) => `fails at ${tree["a"]}`);
    expect(sent).toBe(10);
    expect(gateStateOf(run.steps[1]?.state ?? { kind: "" })?.repairs).toHaveLength(5);
  });

  it("a run that began before uses its budget up", async () => {
    const { host, run } = await ofBefore({ pipeline: { steps: [{ kind: "coder" }, { kind: "ci" }] }, script: { "ci-fixer": changes } });
    expect(begun(host).filter((kind) => kind === "ci-fixer")).toHaveLength(10);
    expect(run.phase).toMatchObject({ failure: { code: "ci_exhausted" } });
  });
});

describe("companions (acceptance 14)", () => {
  it("an assessment that cannot be read twice fails the step with the raw reply, and a retry grades again", async () => {
    const host = await createTestHost({
      pipeline: { steps: [{ kind: "coder" }, { kind: "reviewer" }] },
      script: {
        coder: { change: { a: "1" } },
        reviewer: [{ say: "Looks { fine" }, { say: "Really, it is fine" }, { answer: { rating: 0.9, summary: "good" } }],
      },
    });
    const id = await driven(host);
    const run = await host.run(id);
    expect(run.phase).toMatchObject({
      is: "failed",
      failure: { kind: "companion_rejected", code: "answer_invalid", detail: "Really, it is fine", hint: expect.stringContaining("retry") },
    });
    expect(run.steps[1]?.activity.is).not.toBe("done");
    const again = await host.execution.retry({ workspaceId: host.workspace.id, runId: id, actor: host.user });
    await host.drive();
    expect((await host.run(again.id)).phase.is).toBe("done");
    expect(begun(host)).toEqual(["coder", "reviewer", "reviewer", "reviewer"]);
  });

  it("a person who has enough of it gives the block back to the plan", async () => {
    const { host, id } = await reviewed(["0.5 | a"]);
    await expect(host.reply(id, { answer: "approve" })).rejects.toMatchObject({ code: "wait_mismatch" });
    await host.execution.cancel({ workspaceId: host.workspace.id, blockId: host.task.id, actor: host.user, reason: "not worth it" });
    expect((await host.run(id)).phase.is).toBe("cancelled");
    expect(await host.block()).toMatchObject({ status: "planned", runId: null });
    expect(await openNotifications(host)).toEqual([]);
  });
});
