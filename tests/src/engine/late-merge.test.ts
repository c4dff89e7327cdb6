/** A run is stopped while its driver is paused around the merge call: before the last read, in the call, and from another process. */
import { composeOrchestration, currentStep, fromRecord, type Orchestration, type OrchestrationPorts } from "@millrace/orchestration";
import type { RunRecord } from "@millrace/kernel";
import { describe, expect, it } from "vitest";
import { interceptPorts, completedCheck, createTestHost, type TestHost } from "@millrace/testing";

const score = { complexity: 0.1, risk: 0.1, impact: 0.1, rationale: "small" };

interface PausedHost {
  readonly host: TestHost;
  readonly at: { readonly workspaceId: string; readonly runId: string };
  /** A second engine on the same store and forge, as another process has it. It is not paused. */
  readonly other: Orchestration;
  /** Resumes the paused driver; resolves when it has come to rest. */
  goOn(): Promise<void>;
}

/** A run whose driver pauses at a call once the run asks for its merge: before the call is made, or after it took effect. */
async function pausedAt(call: string, when: "before" | "after"): Promise<PausedHost> {
  const reached = Promise.withResolvers<void>();
  const released = Promise.withResolvers<void>();
  const plain: { ports: OrchestrationPorts | null; host: TestHost | null; used: boolean } = { ports: null, host: null, used: false };
  const stand = async (): Promise<void> => {
    reached.resolve();
    await released.promise;
  };
  const asksForMerge = async (): Promise<boolean> => {
    const record: RunRecord | null = (await plain.host?.store.runs.get(plain.host.workspace.id, "run_1")) ?? null;
    if (record === null || plain.used) return false;
    const { activity } = currentStep(fromRecord(record));
    plain.used = activity.is === "effect" && activity.effect.request.do === "merge";
    return plain.used;
  };
  const host = await createTestHost({
    pipeline: { steps: [{ kind: "coder" }, { kind: "ci" }, { kind: "merger" }] },
    script: { coder: { change: { a: "1" } }, merger: { answer: score } },
    wrap(ports) {
      plain.ports = ports;
      return interceptPorts(ports, async ({ port, method }, act) => {
        const isHere = `${port}.${method}` === call && (await asksForMerge());
        if (isHere && when === "before") await stand();
        const result = await act();
        if (isHere && when === "after") await stand();
        return result;
      });
    },
  });
  plain.host = host;
  host.forge.judgeWith(() => [completedCheck("test", "success")]);
  const { id: runId } = await host.start();
  const driven = host.drive();
  await reached.promise;
  if (plain.ports === null) throw new Error("the host took no ports");
  return {
    host,
    at: { workspaceId: host.workspace.id, runId },
    other: composeOrchestration(plain.ports),
    async goOn() {
      released.resolve();
      await driven;
      await host.drive();
    },
  };
}

const stop = ({ host, at }: PausedHost, engine: Orchestration = host): Promise<unknown> =>
  engine.execution.stop({ ...at, as: "cancelled", reason: "no longer needed", actor: host.user });

/** Expects run, block, log and forge to agree that the change landed. */
async function expectLanded({ host, at }: PausedHost, recorded: boolean): Promise<void> {
  const commit = host.forge.landed[0]?.commit;
  expect(commit).toBeDefined();
  expect(host.forge.landed).toHaveLength(1);
  expect(await host.run(at.runId)).toMatchObject({ phase: { is: "cancelled" }, merged: recorded ? commit : null });
  expect(await host.block()).toMatchObject({ status: "done", progress: 1, merged: { commit, runId: at.runId } });
  await expect(host.start()).rejects.toMatchObject({ code: "conflict" });
  expect(await host.wakeups.nextDueAt()).toBeNull();
}

describe("a driver paused before its last look", () => {
  it("does not merge what was stopped, although it read the run before the stop", async () => {
    const paused = await pausedAt("store.runs.context", "after");
    await stop(paused);
    await paused.host.execution.advance(paused.at);
    expect((await paused.host.run(paused.at.runId)).phase.is).toBe("cancelled");
    await paused.goOn();
    expect(paused.host.forge.landed).toEqual([]);
    expect(await paused.host.block()).toMatchObject({ status: "planned", merged: null });
  });

  it("merges what was not", async () => {
    const paused = await pausedAt("store.runs.context", "after");
    await paused.goOn();
    expect((await paused.host.run(paused.at.runId)).phase.is).toBe("done");
  });
});

describe("a driver paused in its merge call", () => {
  it("the stop of the same process waits for the outcome, and the run ends with it", async () => {
    const paused = await pausedAt("forge.merge", "before");
    const { host, at } = paused;
    await stop(paused);
    expect(await host.execution.advance(at)).toMatchObject({ is: "sleeping" });
    expect((await host.run(at.runId)).phase.is).toBe("stopping");
    const cancelled = host.execution.cancel({ workspaceId: at.workspaceId, blockId: host.task.id, actor: host.user, reason: "no" });
    await expect(cancelled).rejects.toMatchObject({
      code: "conflict",
      message: `the merge of run '${at.runId}' is under way: its stop waits for the outcome`,
    });
    await paused.goOn();
    await expectLanded(paused, true);
  });

  it("the stop of the same process waits no longer than until the change has landed", async () => {
    const paused = await pausedAt("forge.merge", "after");
    const { host, at } = paused;
    await host.execution.cancel({ workspaceId: at.workspaceId, blockId: host.task.id, actor: host.user, reason: "no" });
    expect((await host.run(at.runId)).phase.is).toBe("cancelled");
    await expectLanded(paused, true);
    await paused.goOn();
    await expectLanded(paused, true);
  });
});

describe.each(["before", "after"] as const)("a driver paused %s its merge happens", (when) => {
  it("a stop that another process carries through leaves the run as it ended, and the task done", async () => {
    const paused = await pausedAt("forge.merge", when);
    const { host, at, other } = paused;
    await stop(paused, other);
    await other.execution.advance(at);
    expect((await host.run(at.runId)).phase.is).toBe("cancelled");
    await paused.goOn();
    // The stop finds a merge that had landed; a later one is recorded by the driver that sent it.
    await expectLanded(paused, when === "after");
  });

  it("a stop that another process only asked for is ended by the driver, with what landed", async () => {
    const paused = await pausedAt("forge.merge", when);
    await stop(paused, paused.other);
    expect((await paused.host.run(paused.at.runId)).phase.is).toBe("stopping");
    await paused.goOn();
    await expectLanded(paused, true);
  });
});

it("a merge that is refused in the end leaves a stopped run without one", async () => {
  const paused = await pausedAt("forge.merge", "before");
  const { host, at } = paused;
  await stop(paused);
  await host.execution.advance(at);
  host.forge.push(host.repository, "main", { b: "2" });
  await paused.goOn();
  expect(host.forge.landed).toEqual([]);
  expect(await host.run(at.runId)).toMatchObject({ phase: { is: "cancelled" }, merged: null });
  expect(await host.block()).toMatchObject({ status: "planned", merged: null });
});
