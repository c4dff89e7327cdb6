/** Answers of people to runs, through the door: each is bound to its wait and to what was shown. */
import type { HumanReply } from "@millrace/contracts";
import { localOwner } from "@millrace/orchestration";
import { completedCheck, createTestHost, testUser, type ScriptedKind, type TestHost } from "@millrace/testing";
import { describe, expect, it } from "vitest";

const owner = localOwner(testUser);
const score = { complexity: 0.1, risk: 0.1, impact: 0.1, rationale: "small" };
const graded = (rating: number) => ({ answer: { rating, summary: "so", comments: [] } });
const question = { question: "which way?", options: ["left", "right"] };

async function parked(steps: Parameters<typeof createTestHost>[0]["pipeline"]["steps"], script: Readonly<Record<string, ScriptedKind>>) {
  const host = await createTestHost({ pipeline: { steps }, script });
  host.forge.judgeWith(() => [completedCheck("test", "success")]);
  const { id: runId } = await host.start();
  await host.drive();
  return { host, runId };
}

async function answer(host: TestHost, runId: string, reply: HumanReply, over: object = {}) {
  const address = { workspaceId: host.workspace.id, runId };
  const { run } = await host.call("runs.view", owner, address);
  const wait = { wait: run.wait?.id ?? "none", subject: run.wait?.subject ?? "none" };
  const answered = await host.call("runs.answer", owner, { ...address, ...wait, reply, ...over });
  await host.drive();
  return answered;
}

const viewOf = async (host: TestHost, runId: string) =>
  (await host.call("runs.view", owner, { workspaceId: host.workspace.id, runId })).run;

describe("runs.answer", () => {
  it("RUN-10 takes an option that was offered, once, for exactly the wait that was shown", async () => {
    const { host, runId } = await parked([{ kind: "researcher" }], { researcher: [{ question }, { say: "went left" }] });
    const choose = (option: string, over = {}) => answer(host, runId, { answer: "choose", option }, over);
    await expect(choose("up")).rejects.toMatchObject({ code: "validation" });
    await expect(choose("left", { wait: "another" })).rejects.toMatchObject({ code: "wait_closed" });
    await expect(choose("left", { subject: "another" })).rejects.toMatchObject({ code: "digest_mismatch" });
    const { wait } = await viewOf(host, runId);
    await choose("left");
    await expect(choose("right", { wait: wait?.id, subject: wait?.subject })).rejects.toMatchObject({ code: "run_not_live" });
  });

  it("RUN-12 sends the work back with what must change, and refuses to send back nothing", async () => {
    const { host, runId } = await parked([{ kind: "researcher", approval: { approvers: 1 } }], {
      researcher: (_task, call) => ({ say: `version ${call + 1}` }),
    });
    const empty = answer(host, runId, { answer: "request-changes", feedback: " " });
    await expect(empty).rejects.toMatchObject({ code: "validation" });
    await answer(host, runId, { answer: "request-changes", feedback: "shorter" });
    expect((await viewOf(host, runId)).wait?.text).toBe("version 2");
    expect(host.agents.begun.at(-1)?.revision?.feedback).toBe("shorter");
  });

  it("RUN-13 fails the run with the reason when it is rejected, and it can be retried", async () => {
    const { host, runId } = await parked([{ kind: "researcher", approval: { approvers: 1 } }], { researcher: { say: "options" } });
    await answer(host, runId, { answer: "reject", reason: "not this way" });
    expect(await viewOf(host, runId)).toMatchObject({ status: "failed", failure: { kind: "rejected" } });
    const { can } = await host.call("runs.view", owner, { workspaceId: host.workspace.id, runId });
    expect(can.retry.can).toBe(true);
  });

  it("RUN-14 grants one more round to a loop that used up its own, or goes on with the work as it is", async () => {
    const steps = [{ kind: "coder" }, { kind: "reviewer", bar: 0.9 }];
    const script = { coder: (_task: unknown, call: number) => ({ change: { a: String(call) } }), reviewer: graded(0.2) };
    const { host, runId } = await parked(steps, script);
    expect((await viewOf(host, runId)).wait?.on).toBe("cap");
    await answer(host, runId, { answer: "extra-round" });
    expect((await viewOf(host, runId)).wait?.on).toBe("cap");
    await answer(host, runId, { answer: "proceed" });
    expect((await viewOf(host, runId)).status).toBe("done");
  });
});

describe("commands", () => {
  it("RUN-09 merges a finished task on a person's word, after the gates have looked again", async () => {
    const { host, runId } = await parked([{ kind: "coder" }], { coder: { change: { a: "1" } }, merger: { answer: score } });
    expect((await host.block()).status).toBe("pr_ready");
    const block = { workspaceId: host.workspace.id, blockId: host.task.id };
    const { id } = await host.call("runs.merge", owner, block, { key: "k" });
    expect(id).not.toBe(runId);
    await host.drive();
    expect((await host.block()).merged).toBeNull();
    await answer(host, id, { answer: "approve" });
    expect((await host.block()).merged?.runId).toBe(id);
    await expect(host.call("runs.merge", owner, block, { key: "k2" })).rejects.toMatchObject({ code: "conflict" });
  });

  it("RUN-15 RUN-16 resume what is paused, and say which stay paused and why", async () => {
    const host = await createTestHost({
      pipeline: { steps: [{ kind: "researcher" }] },
      script: { researcher: { say: "options", usage: null } },
      settings: { budget: { runMicros: 5, reserveInlineMicros: 10 } },
    });
    const { id: runId } = await host.start();
    await host.drive();
    const { id: workspaceId } = host.workspace;
    expect((await viewOf(host, runId)).status).toBe("paused");
    expect((await host.call("runs.resume", owner, { workspaceId, runId })).phase.is).toBe("live");
    await host.drive();
    expect(await host.call("runs.resumePaused", owner, { workspaceId })).toEqual({ resumed: [runId], left: [] });
    await host.drive();
    expect((await viewOf(host, runId)).status).toBe("paused");
    await host.settings.put({ workspaceId, input: {}, actor: testUser });
    await host.call("runs.resumePaused", owner, { workspaceId });
    await host.drive();
    expect((await viewOf(host, runId)).status).toBe("done");
    await expect(host.call("runs.resume", owner, { workspaceId, runId })).rejects.toMatchObject({ code: "conflict" });
  });

  it("RUN-17 a nudge only makes the run look: what it says about the world is nothing", async () => {
    const host = await createTestHost({ pipeline: { steps: [{ kind: "coder" }] }, script: { coder: { change: { a: "1" }, polls: 3 } } });
    const { id: runId } = await host.start();
    const before = await host.run(runId);
    await host.execution.nudge({ workspaceId: host.workspace.id, runId });
    expect(await host.run(runId)).toEqual(before);
    expect(await host.wakeups.nextDueAt()).toBe(host.clock.now());
  });

  it("RUN-18 a turn that throws is bounded, and ends as a failed run with a notification", async () => {
    const { host, runId } = await parked([{ kind: "researcher" }], { researcher: { fails: { code: "broken", message: "no" } } });
    expect((await viewOf(host, runId)).status).toBe("failed");
    expect(await host.store.notifications.open(host.workspace.id, { limit: 10 })).toMatchObject([{ runId }]);
    expect(await host.wakeups.nextDueAt()).toBeNull();
  });

  it("RUN-23 a teardown ends every live run under a block, and sees each end", async () => {
    const { host, runId } = await parked([{ kind: "researcher", approval: { approvers: 1 } }], { researcher: { say: "options" } });
    const block = { workspaceId: host.workspace.id, blockId: host.task.parentId ?? "" };
    expect(await host.execution.teardown({ ...block, actor: testUser, reason: "moved away" })).toEqual([runId]);
    expect((await viewOf(host, runId)).status).toBe("cancelled");
    expect(await host.execution.teardown({ ...block, actor: testUser, reason: "again" })).toEqual([]);
  });

  it("RUN-24 a merge by hand of a task that rests is learned at the next start, which begins nothing", async () => {
    const { host } = await parked([{ kind: "coder" }, { kind: "ci" }, { kind: "merger" }], {
      coder: { change: { a: "1" } },
      merger: { answer: { ...score, risk: 1 } },
    });
    const block = { workspaceId: host.workspace.id, blockId: host.task.id };
    await host.call("runs.cancel", owner, { ...block, reason: "by hand" });
    const { pullRequest } = await host.block();
    if (pullRequest === null) throw new Error("the run opened no pull request");
    await host.forge.outsiders(host.repository).mergeByHand(pullRequest.number, "merge");
    await expect(host.call("runs.start", owner, { ...block, pipelineId: host.pipeline.id }, { key: "k" })).rejects.toMatchObject({
      code: "conflict",
    });
    expect((await host.block()).status).toBe("done");
  });
});
