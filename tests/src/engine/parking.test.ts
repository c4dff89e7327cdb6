import { MillraceError } from "@millrace/kernel";
import { openWait } from "@millrace/orchestration";
import { describe, expect, it } from "vitest";
import {
  createFaultPlan,
  Crash,
  withFaults,
  interceptPorts,
  completedCheck,
  createTestHost,
  summaryOf,
  type TestHost,
} from "@millrace/testing";

const DAY = 24 * 60 * 60_000;
const question = { question: "which way?", options: ["left", "right"] };

async function parkedJob(): Promise<{ readonly host: TestHost; readonly id: string }> {
  const host = await createTestHost({
    pipeline: { steps: [{ kind: "architect", approval: { approvers: 1 } }, { kind: "documenter" }] },
    script: { architect: { say: "a design", polls: 2 }, documenter: { say: "docs" } },
  });
  const { id } = await host.start();
  await host.drive();
  return { host, id };
}

const openNotifications = async (host: TestHost) =>
  (await host.store.notifications.open(host.workspace.id, { limit: 20 })).map((notification) => notification.type);

describe("parking and waking", () => {
  it("a job step that parks raises its notification in the same commit (W-45)", async () => {
    const { host, id } = await parkedJob();
    expect(openWait(await host.run(id))).not.toBeNull();
    expect(await openNotifications(host)).toEqual(["approval_required"]);
  });

  it("an answer after a month goes on where the run was parked (W-02)", async () => {
    const { host, id } = await parkedJob();
    host.clock.advance(31 * DAY);
    await host.drive();
    expect(summaryOf(await host.run(id))).toBe("architect:wait documenter:pending");
    await host.reply(id, { answer: "approve" });
    await host.drive();
    expect((await host.run(id)).phase.is).toBe("done");
  });

  it("an answer that arrives while the parking driver still holds its claim is not lost (W-03)", async () => {
    const { host, id } = await parkedJob();
    const restarted = await host.execution.restart({ workspaceId: host.workspace.id, runId: id, step: 0, actor: host.user });
    // Drives by hand until the run waits, and answers before the claim is released.
    for (let turn = 0; turn < 20 && openWait(await host.run(restarted.id)) === null; turn += 1) {
      const due = await host.wakeups.nextDueAt();
      host.clock.advanceTo(due ?? 0);
      const [claim] = await host.wakeups.claim({ owner: "slow", now: host.clock.now(), leaseMs: 60_000, limit: 1 });
      if (claim === undefined) throw new Error("nothing to claim");
      await host.execution.advance(claim);
      if (openWait(await host.run(restarted.id)) !== null) await host.reply(restarted.id, { answer: "approve" });
      await host.wakeups.release(claim);
      if ((await host.run(restarted.id)).cursor > 0) break;
    }
    await host.drive();
    expect((await host.run(restarted.id)).phase.is).toBe("done");
  });

  it("every way out of a wait takes its notification away (W-47)", async () => {
    for (const leave of ["approve", "request-changes", "reject", "stop", "cancel"] as const) {
      const { host, id } = await parkedJob();
      const [notification] = await host.store.notifications.open(host.workspace.id, { limit: 5 });
      const address = { workspaceId: host.workspace.id, runId: id, actor: host.user };
      if (leave === "approve") await host.reply(id, { answer: "approve" });
      else if (leave === "request-changes") await host.reply(id, { answer: "request-changes", feedback: "again" });
      else if (leave === "reject") await host.reply(id, { answer: "reject", reason: "no" });
      else await host.execution.stop({ ...address, as: leave === "stop" ? "failed" : "cancelled", reason: "enough" });
      const notifications = await host.store.notifications.ofRun(host.workspace.id, id);
      expect(notifications.find((one) => one.id === notification?.id)?.status, leave).toMatch(/acted|dismissed/);
    }
  });

  it("a question is asked beside the notifications of other runs, not instead of them (W-46)", async () => {
    const host = await createTestHost({
      pipeline: { steps: [{ kind: "researcher" }] },
      script: { researcher: [{ fails: { code: "x", message: "model gone" } }, { question }] },
    });
    const first = await host.start();
    await host.drive();
    expect(await openNotifications(host)).toEqual(["run_failed"]);
    await host.execution.retry({ workspaceId: host.workspace.id, runId: first.id, actor: host.user });
    await host.drive();
    expect(await openNotifications(host)).toEqual(["decision_required"]);
  });

  it("asking for changes puts the block back to work at once (W-41)", async () => {
    const { host, id } = await parkedJob();
    expect((await host.block()).status).toBe("blocked");
    await host.reply(id, { answer: "request-changes", feedback: "again" });
    expect((await host.block()).status).toBe("in_progress");
  });

  it("a finished job is processed once, however often its commit fails, and usage is counted once (W-18, W-20)", async () => {
    const plan = createFaultPlan();
    const usage = { model: "m", tokens: null, costMicros: 7 };
    const host = await createTestHost({
      pipeline: { steps: [{ kind: "coder" }, { kind: "ci" }] },
      script: { coder: { change: { a: "1" }, usage } },
      wrap: (ports) => withFaults(ports, plan),
    });
    host.forge.judgeWith(() => [completedCheck("test", "success")]);
    const { id } = await host.start();
    const address = { workspaceId: host.workspace.id, runId: id };
    await host.execution.advance(address);
    for (let death = 0; death < 5; death += 1) {
      plan.crashBeforeCommit.armed = true;
      await expect(host.execution.advance(address)).rejects.toBeInstanceOf(Crash);
    }
    await host.drive();
    expect((await host.run(id)).phase.is).toBe("done");
    expect(host.agents.begun.map((task) => task.kind)).toEqual(["coder"]);
    expect(await host.store.usage.ofRun(host.workspace.id, id)).toHaveLength(1);
    expect((await host.forge.findPullRequest(host.repository, `millrace/${host.task.id}`))?.number).toBe(1);
  });

  it("a hundred looks at a job leave nothing behind: no event, no revision (W-09)", async () => {
    const told: number[] = [];
    for (const polls of [2, 100]) {
      const host = await createTestHost({
        pipeline: { steps: [{ kind: "architect" }] },
        script: { architect: { say: "a design", polls } },
      });
      const { id } = await host.start();
      await host.drive();
      const run = await host.run(id);
      expect(run.phase.is).toBe("done");
      told.push(run.revision);
    }
    expect(told[1]).toBe(told[0]);
  });

  it("a start that the store refuses says why and leaves nothing; the next one is whole (W-05)", async () => {
    let refuses = true;
    const host = await createTestHost({
      pipeline: { steps: [{ kind: "researcher" }] },
      script: { researcher: { say: "options" } },
      wrap: (ports) =>
        interceptPorts(ports, async ({ port, method, args }, act) => {
          const starts = port === "store" && method === "commit" && JSON.stringify(args).includes('"insert-run"');
          if (starts && refuses) throw new MillraceError("database_busy", "another process writes");
          return act();
        }),
    });
    await expect(host.start()).rejects.toMatchObject({ code: "database_busy" });
    expect(await host.store.runs.list(host.workspace.id, {}, { limit: 5 })).toEqual([]);
    expect(await host.wakeups.nextDueAt()).toBeNull();
    expect((await host.block()).status).toBe("planned");
    refuses = false;
    const { id } = await host.start();
    await host.drive();
    expect((await host.run(id)).phase.is).toBe("done");
  });
});
