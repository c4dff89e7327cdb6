/** Notifications that leave through channels, on the store in memory; the same rows on every database are in the conformance suite. */
import { composeOrchestration, type Orchestration, type OrchestrationPorts } from "@millrace/orchestration";
import {
  createRecordingChannel,
  createTestHost,
  interceptPorts,
  type RecordingChannel,
  type TestHost,
  type TestHostOptions,
} from "@millrace/testing";
import type { NotificationDelivery } from "@millrace/kernel";
import { describe, expect, it } from "vitest";

const MINUTE = 60_000;
const running = new AbortController().signal;

/** A host whose coder's work is approved by a person, with channels that have begun. */
async function hostWith(channels: readonly RecordingChannel[], options: Partial<TestHostOptions> = {}): Promise<TestHost> {
  const host = await createTestHost({
    pipeline: { steps: [{ kind: "coder", approval: { approvers: 1 } }] },
    script: { coder: { change: { a: "1" } } },
    settings: { escalationMinutes: 30 },
    channels,
    ...options,
  });
  await deliver(host);
  return host;
}

/** One pass of every channel. Returns how many deliveries were sent. */
async function deliver(
  on: Pick<Orchestration, "sweeps"> & { readonly clock: { now(): number } },
  signal: AbortSignal = running,
): Promise<number> {
  const passes = on.sweeps.filter(({ name }) => name.startsWith("notifications.deliver."));
  const sent = await Promise.all(passes.map((sweep) => sweep.run(on.clock.now(), 200, signal)));
  return sent.reduce((sum, count) => sum + count, 0);
}

const told = ({ event, attempt }: NotificationDelivery): string => `${event.type} ${event.notificationType} #${attempt}`;

describe("a channel", () => {
  it("delivers what happens to notifications in the order of the log, each once, with the notification as it is", async () => {
    const channel = createRecordingChannel();
    const host = await hostWith([channel]);
    const { id } = await host.start();
    await host.drive();
    expect(await deliver(host)).toBe(1);
    host.clock.advance(31 * MINUTE);
    await host.notifications.escalateOverdue();
    await host.reply(id, { answer: "approve" });
    expect(await deliver(host)).toBe(3);
    expect(await deliver(host)).toBe(0);
    expect(channel.attempts.map(told)).toEqual([
      "notification-raised approval_required #1",
      "notification-escalated approval_required #1",
      "notification-resolved approval_required #1",
      "notification-raised pipeline_complete #1",
    ]);
    const [raised, escalated, resolved] = channel.attempts;
    expect(raised).toMatchObject({
      workspaceId: host.workspace.id,
      event: { runId: id },
      notification: { status: "open", severity: "normal" },
    });
    // By the time this was sent a person had answered.
    expect(escalated).toMatchObject({ notification: { status: "acted" }, actor: { type: "system" } });
    expect(resolved).toMatchObject({ actor: host.user, event: { as: "acted" } });
    expect(new Set(channel.attempts.map(({ key }) => key)).size).toBe(4);
    expect(raised?.key).toBe(`recording/${raised?.cursor}`);
  });

  it("begins with what happens after its first pass", async () => {
    const channel = createRecordingChannel();
    const host = await createTestHost({
      pipeline: { steps: [{ kind: "coder", approval: { approvers: 1 } }] },
      script: { coder: { change: { a: "1" } } },
      channels: [channel],
    });
    const { id } = await host.start();
    await host.drive();
    await deliver(host);
    await host.reply(id, { answer: "reject", reason: "no" });
    await deliver(host);
    expect(channel.attempts.map(told)).toEqual(["notification-resolved approval_required #1"]);
  });

  it("delivers for every workspace of the store, and says which", async () => {
    const channel = createRecordingChannel();
    const host = await hostWith([channel]);
    const other = await host.workspaces.create({ name: "other", actor: host.user });
    const service = await host.board.addService({
      workspaceId: other.id,
      title: "service",
      repository: host.repository,
      checks: { ci: "required", requiredChecks: [] },
      actor: host.user,
    });
    const task = await host.board.addTask({ workspaceId: other.id, parentId: service.id, input: { title: "t" }, actor: host.user });
    const { steps } = host.pipeline;
    await host.pipelines.put({ workspaceId: other.id, input: { id: "pl_test", name: "Test", steps }, actor: host.user });
    await host.execution.start({ workspaceId: other.id, blockId: task.id, pipelineId: "pl_test", actor: host.user });
    await host.start();
    await host.drive();
    await deliver(host);
    expect(channel.delivered.map(({ workspaceId }) => workspaceId).toSorted()).toEqual([host.workspace.id, other.id].toSorted());
  });

  it("costs three reads and no write when there is nothing to send", async () => {
    const calls: string[] = [];
    const wrap = (ports: OrchestrationPorts): OrchestrationPorts =>
      interceptPorts(ports, ({ port, method }, act) => {
        calls.push(`${port}.${method}`);
        return act();
      });
    const host = await hostWith([createRecordingChannel()], { wrap });
    calls.length = 0;
    expect(await deliver(host)).toBe(0);
    expect(calls).toEqual(["store.deliveries.progress", "store.deliveries.pending", "store.events.outsideRuns"]);
  });
});

describe("a delivery", () => {
  it("is sent again under the same key when the process ended before it was recorded", async () => {
    const channel = createRecordingChannel();
    let isDying = false;
    const wrap = (ports: OrchestrationPorts): OrchestrationPorts =>
      interceptPorts(ports, async ({ method, args }, act) => {
        if (isDying && method === "commit" && JSON.stringify(args).includes('"delivered"')) throw new Error("the process ended");
        return act();
      });
    const host = await hostWith([channel], { wrap });
    await host.start();
    await host.drive();
    isDying = true;
    await expect(deliver(host)).rejects.toThrow("the process ended");
    isDying = false;
    // Its lease keeps others away until it has run out.
    expect(await deliver(host)).toBe(0);
    host.clock.advance(MINUTE);
    expect(await deliver(host)).toBe(1);
    expect(channel.attempts).toHaveLength(2);
    expect(new Set(channel.attempts.map(({ key }) => key)).size).toBe(1);
    expect(channel.delivered).toHaveLength(1);
    expect(await deliver(host)).toBe(0);
  });

  it("that fails is sent again later and holds up those behind it, and no other channel", async () => {
    let isDown = true;
    const chat = createRecordingChannel({
      name: "chat",
      answer: () => {
        if (isDown) throw new Error("503");
        return { is: "delivered" };
      },
    });
    const mail = createRecordingChannel({ name: "mail" });
    const host = await hostWith([chat, mail]);
    const { id } = await host.start();
    await host.drive();
    await host.reply(id, { answer: "approve" });
    await deliver(host);
    await deliver(host);
    expect(chat.attempts.map(told)).toEqual(["notification-raised approval_required #1"]);
    expect(mail.delivered).toHaveLength(3);
    host.clock.advance(MINUTE);
    await deliver(host);
    isDown = false;
    host.clock.advance(2 * MINUTE);
    await deliver(host);
    expect(chat.attempts.map(told)).toEqual([
      "notification-raised approval_required #1",
      "notification-raised approval_required #2",
      "notification-raised approval_required #3",
      "notification-resolved approval_required #1",
      "notification-raised pipeline_complete #1",
    ]);
    expect(chat.delivered.map(({ key }) => key.split("/")[1])).toEqual(mail.delivered.map(({ key }) => key.split("/")[1]));
  });

  it("that the receiver refuses for good is given up, told to the log, and the next one is sent", async () => {
    const warned: unknown[] = [];
    const channel = createRecordingChannel({
      answer: ({ event }) => (event.type === "notification-raised" ? { is: "rejected", reason: "no such room" } : { is: "delivered" }),
    });
    const log = { info: () => undefined, warn: (event: string, fields: unknown) => void warned.push([event, fields]) };
    const host = await hostWith([channel], { log });
    const { id } = await host.start();
    await host.drive();
    await host.reply(id, { answer: "reject", reason: "no" });
    expect(await deliver(host)).toBe(2);
    expect(channel.delivered.map(told)).toEqual(["notification-resolved approval_required #1"]);
    const [refused] = channel.attempts;
    expect(warned).toEqual([["delivery-dead", { delivery: refused?.key, attempts: 1, error: "no such room" }]]);
    host.clock.advance(1000 * MINUTE);
    expect(await deliver(host)).toBe(0);
  });

  it("that was interrupted by the end of its driver is no attempt, and the next driver sends it at once", async () => {
    const stopping = new AbortController();
    const channel = createRecordingChannel({
      answer: (_delivery, signal) => {
        stopping.abort();
        signal.throwIfAborted();
        return { is: "delivered" };
      },
    });
    const host = await hostWith([channel]);
    await host.start();
    await host.drive();
    expect(await deliver(host, stopping.signal)).toBe(0);
    expect(await deliver(host)).toBe(1);
    expect(channel.attempts.map(({ attempt }) => attempt)).toEqual([1, 1]);
  });
});

describe("two hosts on one store", () => {
  it("send each delivery once", async () => {
    const channel = createRecordingChannel();
    const hosts: Orchestration[] = [];
    const host = await hostWith([channel], {
      wrap: (ports) => {
        hosts.push(composeOrchestration(ports));
        return ports;
      },
    });
    const { clock } = host;
    const both = (): Promise<readonly number[]> => Promise.all([host, ...hosts].map(({ sweeps }) => deliver({ sweeps, clock })));
    const { id } = await host.start();
    await host.drive();
    await both();
    await host.reply(id, { answer: "approve" });
    await both();
    await both();
    expect(channel.attempts.map(told)).toEqual([
      "notification-raised approval_required #1",
      "notification-resolved approval_required #1",
      "notification-raised pipeline_complete #1",
    ]);
  });

  it("go on for each other: one that lost its lease records nothing", async () => {
    const waits = Promise.withResolvers<void>();
    const slow = createRecordingChannel({
      answer: async ({ attempt: _ }) => {
        if (slow.attempts.length === 1) await waits.promise;
        return { is: "delivered" };
      },
    });
    const host = await hostWith([slow]);
    await host.start();
    await host.drive();
    const first = deliver(host);
    await expect.poll(() => slow.attempts.length, { timeout: 5000, interval: 1 }).toBe(1);
    host.clock.advance(MINUTE);
    expect(await deliver(host)).toBe(1);
    waits.resolve();
    expect(await first).toBe(0);
    expect(slow.attempts.map(({ key }) => key)).toEqual([slow.attempts[0]?.key, slow.attempts[0]?.key]);
    expect(await deliver(host)).toBe(0);
  });
});
