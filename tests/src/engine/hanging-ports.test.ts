/** Calls of a host's ports that never return (F:C5). */
import type { NotificationDelivery, Sleep } from "@millrace/kernel";
import { startDriver } from "@millrace/orchestration";
import {
  completedCheck,
  createTestHost,
  interceptPorts,
  silentLog,
  type PortCall,
  type TestHost,
  type TestHostOptions,
} from "@millrace/testing";
import { describe, expect, it } from "vitest";

/** Timers that a test lets end: all of those that run when a call hangs. */
function createTimers() {
  const running = new Set<() => void>();
  const waited: number[] = [];
  const sleep: Sleep = (ms, signal) =>
    new Promise((resolve) => {
      const end = (): void => {
        running.delete(end);
        resolve();
      };
      waited.push(ms);
      running.add(end);
      signal.addEventListener("abort", end, { once: true });
      if (signal.aborted) end();
    });
  const fire = (): void => running.forEach((end) => end());
  /** A call that never returns. The ceiling it runs into ends a moment later. */
  const hang = (): Promise<never> => {
    setImmediate(fire);
    return new Promise(() => undefined);
  };
  return { sleep, waited, running, hang, fire };
}

const story: TestHostOptions = {
  pipeline: {
    steps: [
      { kind: "researcher" },
      { kind: "coder" },
      { kind: "conflicts" },
      { kind: "ci" },
      { kind: "deployer" },
      { kind: "tracker" },
      { kind: "merger" },
    ],
  },
  script: {
    researcher: { say: "options" },
    coder: { change: { a: "1" }, polls: 2 },
    merger: { answer: { complexity: 0, risk: 0, impact: 0, rationale: "none" } },
  },
  services: {
    environments: {
      isOn: true,
      provision: async () => ({ provider: "previews", id: "env_1", status: "ready", url: null, expiresAt: null }),
      takeDown: async () => undefined,
    },
    tracker: { isOn: true, fileIssue: async () => ({ externalId: "T-1", url: "https://example.com/T-1" }) },
  },
};

/** A host, one of whose methods hangs, the first time or every time. */
async function hostWhere(method: string, times: number, options: TestHostOptions = story) {
  const timers = createTimers();
  let left = times;
  const hangs = ({ port, method: called }: PortCall): boolean => `${port}.${called}` === method && left-- > 0;
  const host = await createTestHost({
    ...options,
    sleep: timers.sleep,
    wrap: (ports) => interceptPorts(ports, (call, act) => (hangs(call) ? timers.hang() : act())),
  });
  host.forge.judgeWith(() => [completedCheck("test", "success")]);
  return { host, timers, hung: () => times - left };
}

const at = (host: TestHost, runId: string) => ({ workspaceId: host.workspace.id, runId });

describe("a call that never returns", () => {
  it.each([
    "agents.resolveModel",
    "agents.rateOf",
    "agents.run",
    "agents.startJob",
    "agents.pollJob",
    "agents.forget",
    "forge.read",
    "forge.checks",
    "forge.diffDigest",
    "forge.merge",
    "environments.provision",
    "environments.takeDown",
    "tracker.fileIssue",
  ])("F:C5 is given up at its ceiling, and the run goes on: %s", async (method) => {
    const { host, timers, hung } = await hostWhere(method, 1);
    const { id } = await host.start();
    await host.drive();
    expect(hung()).toBeGreaterThan(0);
    expect((await host.run(id)).phase.is).toBe("done");
    expect(host.forge.landed).toHaveLength(1);
    expect(host.agents.begun.filter(({ kind }) => kind === "coder")).toHaveLength(1);
    expect(timers.running.size).toBe(0);
  });

  it("F:C5 fails the run with the name of the port when it hangs every time", async () => {
    const { host } = await hostWhere("forge.read", Number.POSITIVE_INFINITY);
    const { id } = await host.start();
    await host.drive(5000);
    expect((await host.run(id)).phase).toMatchObject({
      is: "failed",
      failure: { code: "unavailable", message: expect.stringContaining("forge 'memory', read did not come back within 300 s") as string },
    });
  });

  it("F:C5 is ended by its signal when its run is stopped, even if it does not obey", async () => {
    const { host, timers } = await hostWhere("agents.run", 0);
    const began = Promise.withResolvers<AbortSignal>();
    Object.assign(host.agents, {
      run: (_task: unknown, signal: AbortSignal) => {
        began.resolve(signal);
        return new Promise(() => undefined);
      },
    });
    const { id } = await host.start();
    const advance = host.execution.advance(at(host, id));
    const signal = await began.promise;
    await host.execution.stop({ ...at(host, id), as: "cancelled", reason: "enough", actor: host.user });
    expect(signal.aborted).toBe(true);
    setImmediate(timers.fire);
    await advance;
    expect(timers.waited).toContain(30_000);
    await host.drive();
    expect((await host.run(id)).phase.is).toBe("cancelled");
  });

  it("F:C5 a stop of a job that hangs ends the run as failed after 15 min, with the job that may still run", async () => {
    const { host } = await hostWhere("agents.stopJob", Number.POSITIVE_INFINITY, {
      pipeline: { steps: [{ kind: "coder" }] },
      script: { coder: { polls: 1_000_000 } },
    });
    const { id } = await host.start();
    for (let turn = 0; turn < 2; turn += 1) await host.execution.advance(at(host, id));
    const since = host.clock.now();
    await host.execution.stop({ ...at(host, id), as: "cancelled", reason: "enough", actor: host.user });
    await host.drive();
    expect(host.clock.now() - since).toBe(15 * 60_000);
    expect((await host.run(id)).phase).toMatchObject({
      is: "failed",
      failure: { code: "job_unseen", message: expect.stringContaining(`(${id}/0/1/work.1)`) as string },
    });
    expect(await host.block()).toMatchObject({ status: "blocked" });
    expect(await host.wakeups.nextDueAt()).toBeNull();
  });

  it("F:C5 a delivery that hangs is tried again like one that failed", async () => {
    const timers = createTimers();
    const sent: NotificationDelivery[] = [];
    const channel = {
      name: "chat",
      deliver: (delivery: NotificationDelivery) => {
        sent.push(delivery);
        return sent.length === 1 ? timers.hang() : Promise.resolve({ is: "delivered" } as const);
      },
    };
    const host = await createTestHost({
      pipeline: { steps: [{ kind: "coder", approval: { approvers: 1 } }] },
      script: { coder: { change: { a: "1" } } },
      channels: [channel],
      sleep: timers.sleep,
    });
    const deliver = async (): Promise<void> => {
      for (const sweep of host.sweeps) await sweep.run(host.clock.now(), 200, new AbortController().signal);
    };
    await deliver();
    await host.start();
    await host.drive();
    await deliver();
    host.clock.advance(60_000);
    await deliver();
    expect(sent.map(({ attempt }) => attempt)).toEqual([1, 2]);
  });

  it("F:C5 does not keep a driver from stopping", async () => {
    const { host, timers } = await hostWhere("agents.startJob", 0);
    const began = Promise.withResolvers<undefined>();
    Object.assign(host.agents, {
      startJob: () => {
        began.resolve(undefined);
        return new Promise(() => undefined);
      },
    });
    await host.start();
    const { execution, sweeps, wakeups, clock } = host;
    const driver = startDriver({ execution, sweeps, wakeups, clock, log: silentLog, sleep: timers.sleep, owner: "one", stopMs: 5000 });
    await began.promise;
    const stopped = driver.stop();
    setImmediate(timers.fire);
    await stopped;
    expect(timers.waited).toContain(5000);
  });
});
