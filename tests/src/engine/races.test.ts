/** Races that the simulator found, each reduced to its smallest case. */
import { MillraceError, type RunContext, type RunContextQuery } from "@millrace/kernel";
import type { OrchestrationPorts } from "@millrace/orchestration";
import { describe, expect, it } from "vitest";
import { interceptPorts, completedCheck, createTestHost, summaryOf, type TestHost } from "@millrace/testing";

const score = { complexity: 0.1, risk: 0.1, impact: 0.1, rationale: "small" };

function hostWith(wrap: (ports: OrchestrationPorts) => OrchestrationPorts): Promise<TestHost> {
  return createTestHost({
    pipeline: { steps: [{ kind: "coder" }, { kind: "ci" }, { kind: "merger" }] },
    script: { coder: (_task, call) => ({ change: { a: String(call) } }), merger: { answer: score } },
    wrap,
  });
}

describe("a start beside a merge", () => {
  it("a start that read its block in the moment before another run merged it is refused, and nothing of it is written", async () => {
    let old: RunContext | null = null;
    const host = await hostWith((ports) =>
      interceptPorts(ports, ({ method, args }, act) =>
        method === "runs.context" && (args[0] as RunContextQuery).blockId === old?.path[0]?.id ? Promise.resolve(old) : act(),
      ),
    );
    host.forge.judgeWith(() => [completedCheck("test", "success")]);
    await host.start();
    const before = await host.store.runs.context({ workspaceId: host.workspace.id, blockId: host.task.id, runId: null });
    await host.drive();
    old = before;
    await expect(host.start()).rejects.toMatchObject({ code: "conflict", fix: "add a new task for further work" });
    old = null;
    await host.drive();
    expect(host.forge.landed).toHaveLength(1);
    expect(await host.store.runs.list(host.workspace.id, {}, { limit: 5 })).toHaveLength(1);
    expect(await host.block()).toMatchObject({ status: "done", merged: { commit: host.forge.landed[0]?.commit } });
  });
});

describe("giving a task back beside its merge", () => {
  it("a task that merged after it was looked at stays done: the write is refused, and looks again", async () => {
    const older: { context: RunContext | null } = { context: null };
    let reads = 0;
    const host = await hostWith((ports) =>
      interceptPorts(ports, async ({ port, method }, act) => {
        // The forge does not answer at the first look.
        if (port === "forge" && older.context !== null && reads === 1) throw new MillraceError("forge_failed", "no answer");
        if (port !== "store" || method !== "runs.context" || older.context === null) return act();
        reads += 1;
        return reads === 1 ? older.context : act();
      }),
    );
    host.forge.judgeWith(() => [completedCheck("test", "success")]);
    await host.start();
    const before = await host.block();
    const { workspaceId, id: blockId } = host.task;
    const context = await host.store.runs.context({ workspaceId, blockId, runId: null });
    await host.drive();
    older.context = context;
    await host.execution.cancel({ workspaceId, blockId, actor: host.user, reason: "not needed" });
    expect(reads).toBe(2);
    older.context = null;
    expect(await host.block()).toMatchObject({ status: "done", progress: 1, merged: { runId: before.runId } });
  });
});

describe("a stop beside a start", () => {
  it("a job whose start was still on its way when its run was stopped never begins (P9)", async () => {
    const onItsWay = Promise.withResolvers<void>();
    const stopped = Promise.withResolvers<void>();
    const host = await hostWith((ports) =>
      interceptPorts(ports, async ({ method }, act) => {
        if (method !== "startJob") return act();
        onItsWay.resolve();
        await stopped.promise;
        return act();
      }),
    );
    const { id } = await host.start();
    const at = { workspaceId: host.workspace.id, runId: id };
    const slow = host.execution.advance(at);
    await onItsWay.promise;
    await host.execution.stop({ ...at, as: "cancelled", reason: "no longer needed", actor: host.user });
    await host.execution.advance(at);
    expect((await host.run(id)).phase.is).toBe("cancelled");
    stopped.resolve();
    await slow;
    expect(host.agents.inFlight()).toEqual([]);
    expect(summaryOf(await host.run(id))).toBe("coder:effect ci:pending merger:pending");
  });
});

describe("a stop beside a merge", () => {
  it("a merge that landed while its run was being stopped is recorded, and the task is done", async () => {
    const landed = Promise.withResolvers<void>();
    const stopped = Promise.withResolvers<void>();
    const host = await hostWith((ports) =>
      interceptPorts(ports, async ({ port, method }, act) => {
        const result = await act();
        if (port !== "forge" || method !== "merge") return result;
        landed.resolve();
        await stopped.promise;
        return result;
      }),
    );
    host.forge.judgeWith(() => [completedCheck("test", "success")]);
    const { id } = await host.start();
    const at = { workspaceId: host.workspace.id, runId: id };
    const slow = host.drive();
    await landed.promise;
    await host.execution.stop({ ...at, as: "cancelled", reason: "no longer needed", actor: host.user });
    await host.execution.advance(at);
    const commit = host.forge.landed[0]?.commit;
    expect(await host.run(id)).toMatchObject({ phase: { is: "cancelled" }, merged: commit });
    expect(await host.block()).toMatchObject({ status: "done", merged: { commit } });
    stopped.resolve();
    await slow;
    await expect(host.start()).rejects.toMatchObject({ code: "conflict" });
  });
});
