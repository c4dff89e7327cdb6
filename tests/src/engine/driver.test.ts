import { setTimeout as delay } from "node:timers/promises";
import { composeOrchestration, startDriver, type Driver, type DriverOptions, type Orchestration } from "@millrace/orchestration";
import { describe, expect, it } from "vitest";
import { interceptPorts, completedCheck, createTestHost, silentLog, type TestHost, type TestHostOptions } from "@millrace/testing";

const story: TestHostOptions = {
  pipeline: { steps: [{ kind: "researcher" }, { kind: "coder" }, { kind: "ci" }, { kind: "merger" }] },
  script: {
    researcher: { say: "options" },
    coder: { change: { a: "1" }, polls: 2 },
    merger: { answer: { complexity: 0, risk: 0, impact: 0, rationale: "none" } },
  },
  options: { patience: { jobPollMs: 1, gatePollMs: 1 } },
};

function driverOf(host: TestHost, owner: string, options: Pick<DriverOptions, "concurrency" | "leaseMs" | "only"> = {}): Driver {
  // Nothing else moves the host's clock: each pause of a driver moves it by 1 ms.
  const sleep = async (ms: number, signal: AbortSignal): Promise<void> => {
    await delay(1, undefined, { signal }).catch(() => undefined);
    host.clock.advance(Math.min(ms, 10));
  };
  const { execution, sweeps, wakeups, clock } = host;
  return startDriver({ execution, sweeps, wakeups, clock, log: silentLog, sleep, owner, ...options });
}

async function finished(host: TestHost, id: string): Promise<void> {
  await expect.poll(async () => (await host.run(id)).phase.is, { timeout: 10_000, interval: 5 }).toBe("done");
}

/** A run whose only call never answers, and ends when it is aborted; with a second engine on its store, as another process has it. */
async function runWithEndlessCall() {
  const begun = Promise.withResolvers<undefined>();
  const aborted = Promise.withResolvers<undefined>();
  const engines: Orchestration[] = [];
  const host = await createTestHost({
    ...story,
    pipeline: { steps: [{ kind: "researcher" }] },
    wrap(ports) {
      engines.push(composeOrchestration(ports));
      return ports;
    },
  });
  Object.assign(host.agents, {
    run: (_task: unknown, signal: AbortSignal) =>
      new Promise((_resolve, reject) => {
        begun.resolve(undefined);
        signal.addEventListener("abort", () => {
          aborted.resolve(undefined);
          reject(new Error("aborted"));
        });
      }),
  });
  const { id } = await host.start();
  const [elsewhere] = engines;
  if (elsewhere === undefined) throw new Error("the host took no ports");
  const stop = (engine: Orchestration) =>
    engine.execution.stop({ workspaceId: host.workspace.id, runId: id, as: "cancelled", reason: "no", actor: host.user });
  return { host, id, elsewhere, stop, begun: begun.promise, aborted: aborted.promise };
}

describe("the driver", () => {
  it("takes up what is due, drives it to its end and leaves no wake-up", async () => {
    const host = await createTestHost(story);
    host.forge.judgeWith(() => [completedCheck("test", "success")]);
    const { id } = await host.start();
    await using driver = driverOf(host, "one");
    driver.wake();
    await finished(host, id);
    await driver.stop();
    expect(await host.wakeups.nextDueAt()).toBeNull();
  });

  it("F:E1 drives the runs it is given and leaves every other one alone, however long it has been due", async () => {
    const host = await createTestHost(story);
    host.forge.judgeWith(() => [completedCheck("test", "success")]);
    const other = await host.start();
    const { workspaceId, parentId } = host.task;
    const second = await host.board.addTask({ workspaceId, parentId: parentId ?? "", input: { title: "another" }, actor: host.user });
    const { id } = await host.execution.start({ workspaceId, blockId: second.id, pipelineId: other.pipeline.id, actor: host.user });
    await using driver = driverOf(host, "one", { only: [{ workspaceId, runId: id }] });
    driver.wake();
    await finished(host, id);
    await driver.stop();
    expect(await host.run(other.id)).toEqual(other);
  });

  it("several drivers on one store do nothing twice", async () => {
    const host = await createTestHost(story);
    host.forge.judgeWith(() => [completedCheck("test", "success")]);
    const { id } = await host.start();
    await using one = driverOf(host, "one");
    await using two = driverOf(host, "two");
    await using three = driverOf(host, "three");
    for (const driver of [one, two, three]) driver.wake();
    await finished(host, id);
    expect(host.agents.begun.map((task) => task.kind)).toEqual(["researcher", "coder", "merger"]);
    expect(host.forge.landed).toHaveLength(1);
  });

  it("takes up the run of a driver that died once its lease has run out", async () => {
    const host = await createTestHost(story);
    host.forge.judgeWith(() => [completedCheck("test", "success")]);
    const { id } = await host.start();
    expect(await host.wakeups.claim({ owner: "dead", now: host.clock.now(), leaseMs: 60_000, limit: 1 })).toHaveLength(1);
    await using driver = driverOf(host, "alive");
    driver.wake();
    host.clock.advance(60_001);
    await finished(host, id);
    expect(host.agents.begun).toHaveLength(3);
  });

  it("interrupts a call in flight when its run is stopped", async () => {
    const { host, id, stop, begun, aborted } = await runWithEndlessCall();
    await using driver = driverOf(host, "one");
    driver.wake();
    await begun;
    await stop(host);
    await aborted;
    driver.wake();
    await expect.poll(async () => (await host.run(id)).phase.is, { timeout: 5000, interval: 5 }).toBe("cancelled");
  });

  it("interrupts a call in flight when another process stops its run, within a lease", async () => {
    const { host, id, elsewhere, stop, begun, aborted } = await runWithEndlessCall();
    await using driver = driverOf(host, "one", { leaseMs: 300 });
    driver.wake();
    await begun;
    const stopped = stop(elsewhere);
    await aborted;
    await stopped;
    driver.wake();
    await expect.poll(async () => (await host.run(id)).phase.is, { timeout: 5000, interval: 5 }).toBe("cancelled");
  });

  it("a run that waits for its gate gives its place back: one place is enough for two runs (W-08)", async () => {
    const host = await createTestHost({ ...story, options: { patience: { jobPollMs: 100, gatePollMs: 100 } } });
    const { id: slow } = await host.start();
    const { workspaceId, parentId } = host.task;
    const other = await host.board.addTask({ workspaceId, parentId: parentId ?? "", input: { title: "another" }, actor: host.user });
    const { id: quick } = await host.execution.start({
      workspaceId,
      blockId: other.id,
      pipelineId: host.pipeline.id,
      actor: host.user,
    });
    const green = new Set<string>();
    host.forge.judgeWith((head) => (green.has(head) ? [completedCheck("test", "success")] : []));
    await using driver = driverOf(host, "one", { concurrency: 1 });
    driver.wake();
    for (const id of [slow, quick]) await expect.poll(async () => (await host.run(id)).cursor, { timeout: 5000, interval: 5 }).toBe(2);
    const { pullRequest } = await host.run(quick);
    if (pullRequest === null) throw new Error("the coder opened a pull request");
    green.add((await host.forge.read(host.repository, pullRequest)).head);
    await finished(host, quick);
    expect((await host.run(slow)).cursor).toBe(2);
  });

  it("a call that outlasts the lease keeps it: nobody else makes the same call (W-07)", async () => {
    const leaseMs = 300;
    let calls = 0;
    const answer = Promise.withResolvers<undefined>();
    const host = await createTestHost({
      ...story,
      pipeline: { steps: [{ kind: "researcher" }] },
      wrap: (ports) =>
        interceptPorts(ports, async ({ port, method }, act) => {
          if (port === "agents" && method === "run") {
            calls += 1;
            await answer.promise;
          }
          return act();
        }),
    });
    const { id } = await host.start();
    const began = host.clock.now();
    await using one = driverOf(host, "one", { leaseMs });
    await using two = driverOf(host, "two", { leaseMs });
    for (const driver of [one, two]) driver.wake();
    await expect.poll(() => host.clock.now() - began, { timeout: 10_000, interval: 5 }).toBeGreaterThan(3 * leaseMs);
    answer.resolve(undefined);
    await finished(host, id);
    expect(calls).toBe(1);
  });
});
