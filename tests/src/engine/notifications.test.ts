/** Overdue notifications on the memory store; the conformance suite covers their rows on every database. */
import { setTimeout as delay } from "node:timers/promises";
import type { Notification } from "@millrace/contracts";
import { LOG_START } from "@millrace/kernel";
import { startDriver, type Sweep } from "@millrace/orchestration";
import { describe, expect, it } from "vitest";
import { interceptPorts, createTestHost, silentLog, type TestHost } from "@millrace/testing";

const MINUTE = 60_000;

interface Calls {
  readonly made: string[];
  /** Called between a sweep's read of overdue notifications and its write. */
  afterRead?(): Promise<void>;
}

/** A run that waits for an approval, in a workspace with an escalation time of 30 minutes. */
async function waiting(calls: Calls = { made: [] }): Promise<{ readonly host: TestHost; readonly runId: string }> {
  const host = await createTestHost({
    pipeline: { steps: [{ kind: "coder", approval: { approvers: 1 } }] },
    script: { coder: { change: { a: "1" } } },
    settings: { escalationMinutes: 30 },
    wrap: (ports) =>
      interceptPorts(ports, async ({ port, method }, act) => {
        calls.made.push(`${port}.${method}`);
        const result = await act();
        if (method === "notifications.overdue") await calls.afterRead?.();
        return result;
      }),
  });
  const { id } = await host.start();
  await host.drive();
  calls.made.length = 0;
  return { host, runId: id };
}

async function notifications(host: TestHost): Promise<readonly Pick<Notification, "severity" | "status">[]> {
  const open = await host.store.notifications.open(host.workspace.id, { limit: 9 });
  return open.map(({ severity, status }) => ({ severity, status }));
}

const normal = { severity: "normal", status: "open" };
const urgent = { severity: "urgent", status: "open" };

/** Events of notifications in the log, with the actor. */
async function announced(host: TestHost): Promise<readonly string[]> {
  const log = await host.store.events.read(host.workspace.id, LOG_START, 200);
  return log.flatMap(({ entry: { event, actor } }) =>
    "notificationType" in event ? [`${event.type} ${event.notificationType} by ${actor.id}`] : [],
  );
}

describe("the log", () => {
  it("announces each notification when it is raised, made urgent and resolved, once each, with who did it", async () => {
    const { host, runId } = await waiting();
    expect(await announced(host)).toEqual(["notification-raised approval_required by millrace"]);
    host.clock.advance(31 * MINUTE);
    await Promise.all([host.notifications.escalateOverdue(), host.notifications.escalateOverdue()]);
    await host.reply(runId, { answer: "approve" });
    expect(await announced(host)).toEqual([
      "notification-raised approval_required by millrace",
      "notification-escalated approval_required by millrace",
      "notification-resolved approval_required by ada",
      "notification-raised pipeline_complete by ada",
    ]);
  });

  it("says once that a task's old notifications are resolved, however often it is given back", async () => {
    const { host, runId } = await waiting();
    await host.reply(runId, { answer: "approve" });
    const { workspaceId, id: blockId } = host.task;
    const cancel = () => host.execution.cancel({ workspaceId, blockId, actor: host.user, reason: "not now" });
    await Promise.all([cancel(), cancel()]);
    await cancel();
    expect((await announced(host)).slice(2)).toEqual([
      "notification-raised pipeline_complete by ada",
      "notification-resolved pipeline_complete by ada",
    ]);
  });
});

describe("a sweep for overdue notifications", () => {
  it("leaves a notification alone until its workspace's time is over, then makes it urgent, once", async () => {
    const { host } = await waiting();
    host.clock.advance(30 * MINUTE - 1);
    expect(await host.notifications.escalateOverdue()).toEqual([]);
    expect(await notifications(host)).toEqual([normal]);
    host.clock.advance(1);
    expect(await host.notifications.escalateOverdue()).toMatchObject([{ type: "approval_required", severity: "urgent" }]);
    expect(await notifications(host)).toEqual([urgent]);
    host.clock.advance(1000 * MINUTE);
    expect(await host.notifications.escalateOverdue()).toEqual([]);
    expect(await notifications(host)).toEqual([urgent]);
  });

  it("reads once and writes nothing when nothing is overdue", async () => {
    const calls: Calls = { made: [] };
    const { host } = await waiting(calls);
    await host.notifications.escalateOverdue();
    expect(calls.made).toEqual(["store.notifications.overdue"]);
  });

  it("asks of each workspace what it allows: one that is patient hides nothing of another", async () => {
    const { host } = await waiting();
    const patient = await host.workspaces.create({ name: "patient", actor: host.user });
    await host.settings.put({ workspaceId: patient.id, input: { escalationMinutes: 100_000 }, actor: host.user });
    const service = await host.board.addService({
      workspaceId: patient.id,
      title: "service",
      repository: host.repository,
      checks: { ci: "required", requiredChecks: [] },
      actor: host.user,
    });
    const task = await host.board.addTask({ workspaceId: patient.id, parentId: service.id, input: { title: "t" }, actor: host.user });
    const { steps } = host.pipeline;
    await host.pipelines.put({ workspaceId: patient.id, input: { id: "pl_test", name: "Test", steps }, actor: host.user });
    await host.execution.start({ workspaceId: patient.id, blockId: task.id, pipelineId: "pl_test", actor: host.user });
    await host.drive();
    host.clock.advance(31 * MINUTE);
    expect((await host.notifications.escalateOverdue()).map(({ workspaceId }) => workspaceId)).toEqual([host.workspace.id]);
    expect((await host.store.notifications.open(patient.id, { limit: 9 })).map(({ severity }) => severity)).toEqual(["normal"]);
  });

  it("of two hosts that sweep at once each notification becomes urgent once; one that was answered in between stays answered", async () => {
    const calls: Calls = { made: [] };
    const { host, runId } = await waiting(calls);
    host.clock.advance(31 * MINUTE);
    const read = Promise.withResolvers<void>();
    const answered = Promise.withResolvers<void>();
    calls.afterRead = () => {
      read.resolve();
      return answered.promise;
    };
    const slow = host.notifications.escalateOverdue();
    await read.promise;
    delete calls.afterRead;
    await host.notifications.escalateOverdue();
    expect(await notifications(host)).toEqual([urgent]);
    await host.reply(runId, { answer: "approve" });
    answered.resolve();
    await slow;
    expect(await host.store.notifications.ofRun(host.workspace.id, runId)).toMatchObject([
      { type: "approval_required", status: "acted" },
      { type: "pipeline_complete", status: "open", severity: "normal" },
    ]);
  });
});

describe("a driver", () => {
  it("sweeps when it starts and again and again, and a sweep that failed is no end of it", async () => {
    const { host } = await waiting();
    const { execution, wakeups, clock } = host;
    const warned: string[] = [];
    let passes = 0;
    const sweeps = host.sweeps.map((sweep): Sweep => ({
      ...sweep,
      run: async (now, limit, signal) => {
        passes += 1;
        if (passes === 1) throw new Error("the database is away");
        return sweep.run(now, limit, signal);
      },
    }));
    await using driver = startDriver({
      execution,
      sweeps,
      wakeups,
      clock,
      owner: "one",
      log: { ...silentLog, warn: (event) => void warned.push(event) },
      sleep: async (ms, signal) => {
        await delay(1, undefined, { signal }).catch(() => undefined);
        clock.advance(ms);
      },
    });
    await expect.poll(() => notifications(host), { timeout: 5000, interval: 5 }).toEqual([urgent]);
    expect(warned).toEqual(["sweep-failed"]);
    await driver.stop();
  });
});
