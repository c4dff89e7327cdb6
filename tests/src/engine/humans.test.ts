import type { PipelineInput } from "@millrace/contracts";
import { openWait } from "@millrace/orchestration";
import { describe, expect, it } from "vitest";
import { completedCheck, createTestHost, summaryOf, type TestHost } from "@millrace/testing";

const yes = { approvers: 1 };
const score = { complexity: 0.1, risk: 0.1, impact: 0.1, rationale: "small" };

async function parkedOn(steps: PipelineInput["steps"], script = {}): Promise<{ readonly host: TestHost; readonly id: string }> {
  const host = await createTestHost({
    pipeline: { steps },
    script: {
      researcher: { say: "options" },
      documenter: { say: "docs" },
      coder: { change: { a: "1" } },
      merger: { answer: score },
      ...script,
    },
  });
  host.forge.judgeWith(() => [completedCheck("test", "success")]);
  const { id } = await host.start();
  await host.drive();
  return { host, id };
}

describe("P5: approvals cannot be forged, lost or skipped", () => {
  it.each([
    ["first", [{ kind: "researcher", approval: yes }, { kind: "documenter" }], 0],
    ["last", [{ kind: "researcher" }, { kind: "documenter", approval: yes }], 1],
    ["only", [{ kind: "researcher", approval: yes }], 0],
  ] as const)("an approval on the %s step parks the run with a notification, and approving goes on", async (_name, steps, index) => {
    const { host, id } = await parkedOn([...steps]);
    const parked = await host.run(id);
    expect(parked.cursor).toBe(index);
    expect(openWait(parked)).toMatchObject({ on: "approval" });
    expect(await host.block()).toMatchObject({ status: "blocked" });
    expect(await host.store.notifications.open(host.workspace.id, { limit: 10 })).toMatchObject([{ type: "approval_required", runId: id }]);
    expect(await host.wakeups.nextDueAt()).toBeNull();

    await host.reply(id, { answer: "approve" });
    await host.drive();
    expect((await host.run(id)).phase.is).toBe("done");
    expect((await host.run(id)).steps[index]?.approved).toMatchObject({ by: ["ada"] });
    expect(await host.store.notifications.open(host.workspace.id, { limit: 10 })).toEqual([]);
  });

  it("two approvals in a row are two questions", async () => {
    const { host, id } = await parkedOn([
      { kind: "researcher", approval: yes },
      { kind: "documenter", approval: yes },
    ]);
    await host.reply(id, { answer: "approve" });
    await host.drive();
    expect(summaryOf(await host.run(id))).toBe("researcher:done documenter:wait");
    await host.reply(id, { answer: "approve" });
    await host.drive();
    expect((await host.run(id)).phase.is).toBe("done");
  });

  it("asks as many different people as the step says", async () => {
    const { host, id } = await parkedOn([{ kind: "researcher", approval: { approvers: 2 } }]);
    await host.reply(id, { answer: "approve" });
    expect(openWait(await host.run(id))?.approvedBy).toEqual(["ada"]);
    await expect(host.reply(id, { answer: "approve" })).rejects.toMatchObject({ code: "conflict" });
    await host.reply(id, { answer: "approve" }, { type: "human", id: "grace" });
    expect((await host.run(id)).steps[0]?.approved?.by).toEqual(["ada", "grace"]);
  });

  it("who agreed may still reject before the others have answered", async () => {
    const { host, id } = await parkedOn([{ kind: "researcher", approval: { approvers: 2 } }]);
    await host.reply(id, { answer: "approve" });
    await host.reply(id, { answer: "reject", reason: "on second thought" });
    expect((await host.run(id)).phase).toMatchObject({ is: "failed", failure: { kind: "rejected" } });
  });

  it("nobody edits what others approve with them", async () => {
    const { host, id } = await parkedOn([{ kind: "researcher", approval: { approvers: 2 } }]);
    await expect(host.reply(id, { answer: "approve", edited: "mine" })).rejects.toMatchObject({ code: "validation" });
    await host.reply(id, { answer: "approve" });
    await expect(host.reply(id, { answer: "approve", edited: "mine" }, { type: "human", id: "grace" })).rejects.toMatchObject({
      code: "validation",
    });
  });

  it("an edited proposal becomes the output that later steps read", async () => {
    const { host, id } = await parkedOn([{ kind: "researcher", approval: yes }, { kind: "documenter" }]);
    await host.reply(id, { answer: "approve", edited: "my own words" });
    await host.drive();
    expect(await host.output(id, 0)).toBe("my own words");
    expect(host.agents.begun.find((task) => task.kind === "documenter")?.priorOutputs).toEqual([
      { kind: "researcher", text: "my own words" },
    ]);
  });

  it("requested changes reach the agent, and the new proposal needs a new approval", async () => {
    const { host, id } = await parkedOn([{ kind: "researcher", approval: yes }, { kind: "documenter" }], {
      researcher: [{ say: "first" }, { say: "second" }],
    });
    const before = openWait(await host.run(id));
    await host.reply(id, { answer: "request-changes", feedback: "shorter", comments: [{ body: "drop this", quotedSource: "first" }] });
    await host.drive();
    const after = openWait(await host.run(id));
    expect(after?.id).not.toBe(before?.id);
    expect(after?.subject).not.toBe(before?.subject);
    expect(host.agents.begun.at(-1)?.revision).toMatchObject({
      feedback: "shorter",
      comments: [{ body: "drop this" }],
      previousText: "first",
    });
  });

  it("rejecting fails the run and blocks the block, on any step", async () => {
    const { host, id } = await parkedOn([{ kind: "researcher" }, { kind: "documenter", approval: yes }]);
    await host.reply(id, { answer: "reject", reason: "not now" });
    expect((await host.run(id)).phase).toMatchObject({ is: "failed", failure: { kind: "rejected", message: "rejected by ada: not now" } });
    expect(await host.block()).toMatchObject({ status: "blocked" });
    expect(await host.store.notifications.open(host.workspace.id, { limit: 10 })).toEqual([]);
  });

  it("an approval on the merger comes before the merge (W-26)", async () => {
    const { host, id } = await parkedOn([{ kind: "coder" }, { kind: "ci" }, { kind: "merger", approval: yes }, { kind: "documenter" }]);
    expect(host.forge.landed).toHaveLength(0);
    expect(await host.block()).toMatchObject({ status: "pr_ready" });
    await host.reply(id, { answer: "approve" });
    await host.drive();
    expect(host.forge.landed).toHaveLength(1);
    expect(await host.block()).toMatchObject({ status: "done" });
  });

  it("an answer is used once (W-28)", async () => {
    const { host, id } = await parkedOn([
      { kind: "researcher", approval: yes },
      { kind: "documenter", approval: yes },
    ]);
    const wait = openWait(await host.run(id));
    const answer = {
      workspaceId: host.workspace.id,
      runId: id,
      wait: wait?.id ?? "",
      subject: wait?.subject ?? "",
      actor: host.user,
      reply: { answer: "approve" } as const,
    };
    await host.execution.answer(answer);
    await expect(host.execution.answer(answer)).rejects.toMatchObject({ code: "wait_closed" });
    await host.drive();
    await expect(host.execution.answer({ ...answer, reply: { answer: "reject", reason: "late" } })).rejects.toMatchObject({
      code: "wait_closed",
    });
    expect(summaryOf(await host.run(id))).toBe("researcher:done documenter:wait");
  });

  it("an answer to something else than what is shown is refused", async () => {
    const { host, id } = await parkedOn([{ kind: "researcher", approval: yes }]);
    const wait = openWait(await host.run(id));
    await expect(
      host.execution.answer({
        workspaceId: host.workspace.id,
        runId: id,
        wait: wait?.id ?? "",
        subject: "0".repeat(64),
        actor: host.user,
        reply: { answer: "approve" },
      }),
    ).rejects.toMatchObject({ code: "digest_mismatch" });
  });

  it.each(["agent", "system"] as const)("a %s identity never approves", async (type) => {
    const { host, id } = await parkedOn([{ kind: "researcher", approval: yes }]);
    await expect(host.reply(id, { answer: "approve" }, { type, id: "x" })).rejects.toMatchObject({ code: "forbidden_actor" });
    expect(openWait(await host.run(id))).not.toBeNull();
  });

  it("nothing is answered on a stopped run (W-28)", async () => {
    const { host, id } = await parkedOn([{ kind: "researcher", approval: yes }]);
    const wait = openWait(await host.run(id));
    await host.execution.stop({ workspaceId: host.workspace.id, runId: id, as: "failed", reason: "enough", actor: host.user });
    await host.drive();
    await expect(
      host.execution.answer({
        workspaceId: host.workspace.id,
        runId: id,
        wait: wait?.id ?? "",
        subject: wait?.subject ?? "",
        actor: host.user,
        reply: { answer: "approve" },
      }),
    ).rejects.toMatchObject({ code: "run_not_live" });
    expect((await host.run(id)).phase).toMatchObject({ is: "failed", failure: { kind: "cancelled" } });
    expect(await host.store.notifications.open(host.workspace.id, { limit: 10 })).toEqual([]);
  });

  it("another workspace's run is not found", async () => {
    const { id, host } = await parkedOn([{ kind: "researcher", approval: yes }]);
    await expect(host.execution.get({ workspaceId: "ws_other", runId: id })).rejects.toMatchObject({ code: "not_found" });
  });
});

describe("decisions", () => {
  const question = { question: "which way?", options: ["left", "right"] };

  it("park the run, take one of the offered options, and reach the agent that asked", async () => {
    const { host, id } = await parkedOn([{ kind: "researcher" }], { researcher: [{ question }, { say: "went left" }] });
    await expect(host.reply(id, { answer: "choose", option: "up" })).rejects.toMatchObject({ code: "validation" });
    await host.reply(id, { answer: "choose", option: "left" });
    await host.drive();
    expect((await host.run(id)).steps[0]?.decisions).toEqual([{ question: "which way?", chosen: "left" }]);
    expect(host.agents.begun.at(-1)?.decisions).toEqual([{ question: "which way?", chosen: "left" }]);
    expect((await host.run(id)).phase.is).toBe("done");
  });

  it("a second question of the same step is not asked: its text counts", async () => {
    const { host, id } = await parkedOn([{ kind: "researcher" }], { researcher: { question, say: "cannot decide" } });
    await host.reply(id, { answer: "choose", option: "left" });
    await host.drive();
    expect((await host.run(id)).phase.is).toBe("done");
    expect(await host.output(id, 0)).toBe("cannot decide");
  });

  it("a job that stops to ask is not judged by what it has not delivered yet", async () => {
    const { host, id } = await parkedOn([{ kind: "coder" }], { coder: [{ question }, { change: { a: "1" } }] });
    expect(openWait(await host.run(id))).toMatchObject({ on: "decision", options: ["left", "right"] });
    await host.reply(id, { answer: "choose", option: "right" });
    await host.drive();
    expect((await host.run(id)).phase.is).toBe("done");
  });
});

describe("companions", () => {
  const comments = [{ body: "name it better" }];
  const pipeline: PipelineInput["steps"] = [{ kind: "coder" }, { kind: "reviewer" }, { kind: "documenter" }];
  const changes = { coder: (_task: unknown, call: number) => ({ change: { a: String(call) } }) };

  it("comments on the first round force one rework, even above the bar", async () => {
    const { host, id } = await parkedOn(pipeline, {
      ...changes,
      reviewer: [{ answer: { rating: 0.95, summary: "nearly", comments } }, { answer: { rating: 0.95, summary: "good", comments } }],
    });
    const run = await host.run(id);
    expect(run.phase.is).toBe("done");
    expect(run.steps[1]?.state).toMatchObject({ reworks: 1, ratings: [{ passed: false }, { passed: true }] });
  });

  it("an unreadable assessment is repaired once, then fails the run with the reply as detail, never as a pass", async () => {
    const { host, id } = await parkedOn(pipeline, { ...changes, reviewer: { say: "looks fine to me" } });
    expect((await host.run(id)).phase).toMatchObject({ is: "failed", failure: { kind: "companion_rejected", detail: "looks fine to me" } });
    expect(host.agents.begun.filter((task) => task.kind === "reviewer").map((task) => task.key.endsWith("+repair"))).toEqual([false, true]);
    expect(summaryOf(await host.run(id))).toContain("reviewer:effect");
  });

  it("after its three reworks it asks a person, who may grant exactly one more round, with the comments", async () => {
    const { host, id } = await parkedOn(pipeline, {
      ...changes,
      // Another finding each time counts as progress: only the budget ends the loop.
      reviewer: (_task: unknown, call: number) => ({
        answer: { rating: 0.2, summary: "no", comments: call === 3 ? comments : [{ body: `not yet ${"abcd"[call]}` }] },
      }),
    });
    expect(host.agents.begun.filter((task) => task.kind === "reviewer")).toHaveLength(4);
    expect(openWait(await host.run(id))).toMatchObject({ on: "cap" });
    await expect(host.reply(id, { answer: "approve" })).rejects.toMatchObject({ code: "wait_mismatch" });
    await host.reply(id, { answer: "extra-round" });
    await host.drive();
    expect(host.agents.begun.filter((task) => task.kind === "coder").at(-1)?.revision?.comments).toEqual(comments);
    expect((await host.run(id)).steps[1]?.state).toMatchObject({ reworks: 4, maxReworks: 4 });
    await host.reply(id, { answer: "proceed" });
    await host.drive();
    expect((await host.run(id)).phase.is).toBe("done");
  });

  it("people approve the producer's work, and the changes they ask for are free", async () => {
    const { host, id } = await parkedOn([{ kind: "coder" }, { kind: "reviewer", approval: yes }], {
      ...changes,
      reviewer: { answer: { rating: 0.9, summary: "good" } },
    });
    const run = await host.run(id);
    expect(openWait(run)?.subject).toBe(run.steps[0]?.output?.digest);
    await host.reply(id, { answer: "request-changes", feedback: "more tests" });
    await host.drive();
    expect((await host.run(id)).steps[1]?.state).toMatchObject({ reworks: 0 });
    expect(openWait(await host.run(id))).toMatchObject({ on: "approval" });
  });

  it("takes the bar of its step, and keeps it through rework and retry (W-25)", async () => {
    const { host, id } = await parkedOn([{ kind: "coder" }, { kind: "reviewer", bar: 0.3 }], {
      ...changes,
      reviewer: [
        { answer: { rating: 0.4, summary: "ok", comments } },
        { fails: { code: "x", message: "model gone" } },
        { answer: { rating: 0.4, summary: "ok" } },
      ],
    });
    expect((await host.run(id)).phase.is).toBe("failed");
    const retried = await host.execution.retry({ workspaceId: host.workspace.id, runId: id, actor: host.user });
    await host.drive();
    expect((await host.run(retried.id)).steps[1]).toMatchObject({ definition: { bar: 0.3 }, state: { bar: 0.3 } });
    expect((await host.run(retried.id)).phase.is).toBe("done");
  });
});
