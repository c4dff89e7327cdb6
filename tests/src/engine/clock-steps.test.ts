/** A clock that is set back by an hour (F:C9): what was begun in the hour that comes again must not wait for it. */
import { setTimeout as delay } from "node:timers/promises";
import { MillraceError, type AgentTask } from "@millrace/kernel";
import { heldEffect, startDriver, type Driver } from "@millrace/orchestration";
import { openSqliteStore } from "@millrace/store-sql";
import {
  completedCheck,
  createTestHost,
  createVirtualClock,
  interceptPorts,
  silentLog,
  type TestHost,
  type TestHostOptions,
} from "@millrace/testing";
import { describe, expect, it } from "vitest";

const HOUR = 3_600_000;
const LEASE_MS = 30_000;

const backends: readonly (readonly [string, TestHostOptions["database"]])[] = [
  ["memory", undefined],
  ["SQLite", (clock) => openSqliteStore({ path: ":memory:", clock })],
];

function driverOf(host: TestHost): Driver {
  const sleep = async (ms: number, signal: AbortSignal): Promise<void> => {
    await delay(1, undefined, { signal }).catch(() => undefined);
    host.clock.advance(Math.min(ms, 100));
  };
  const { execution, sweeps, wakeups, clock } = host;
  return startDriver({ execution, sweeps, wakeups, clock, log: silentLog, sleep, owner: "alive", leaseMs: LEASE_MS });
}

/** Ends every started run in less than a lease and a poll, by the clock that was set back. */
async function endsSoon(host: TestHost, runIds: readonly string[]): Promise<void> {
  const since = host.clock.now();
  await using driver = driverOf(host);
  driver.wake();
  for (const id of runIds) await expect.poll(async () => (await host.run(id)).phase.is, { timeout: 10_000, interval: 5 }).toBe("done");
  expect(host.clock.now() - since).toBeLessThan(HOUR / 2);
}

describe.each(backends)("a clock that is set back by an hour, on %s", (_name, database) => {
  const base = { ...(database === undefined ? {} : { database }), options: { patience: { gatePollMs: 5000 } } };

  it("F:C9 a run that sleeps until its next poll, and the claim of a driver that died, are taken up within a lease", async () => {
    const host = await createTestHost({
      ...base,
      pipeline: { steps: [{ kind: "coder" }, { kind: "ci" }] },
      script: { coder: { change: { a: "1" } } },
      clock: createVirtualClock(2 * HOUR),
    });
    let isGreen = false;
    host.forge.judgeWith(() => (isGreen ? [completedCheck("test", "success")] : []));
    const { id } = await host.start();
    for (let turn = 0; (await host.run(id)).cursor === 0 || turn < 4; turn += 1)
      await host.execution.advance({ workspaceId: host.workspace.id, runId: id });
    expect(await host.wakeups.nextDueAt()).toBeGreaterThan(host.clock.now());
    const { workspaceId, parentId } = host.task;
    const other = await host.board.addTask({ workspaceId, parentId: parentId ?? "", input: { title: "another" }, actor: host.user });
    const claimed = await host.execution.start({ workspaceId, blockId: other.id, pipelineId: host.pipeline.id, actor: host.user });
    expect(await host.wakeups.claim({ owner: "dead", now: host.clock.now(), leaseMs: LEASE_MS, limit: 1 })).toHaveLength(1);
    isGreen = true;
    host.clock.setBack(HOUR);
    await endsSoon(host, [id, claimed.id]);
  });

  it("F:C9 a pause in front of an effect ends", async () => {
    let refusals = 1;
    const host = await createTestHost({
      ...base,
      pipeline: { steps: [{ kind: "coder" }] },
      script: { coder: { change: { a: "1" } } },
      clock: createVirtualClock(2 * HOUR),
    });
    const startJob = host.agents.startJob.bind(host.agents);
    Object.assign(host.agents, {
      startJob: async (task: AgentTask) => {
        if (refusals-- > 0) throw new MillraceError("quota_exhausted", "used up");
        return startJob(task);
      },
    });
    const { id } = await host.start();
    await host.execution.advance({ workspaceId: host.workspace.id, runId: id });
    expect((await host.run(id)).steps[0]?.activity).toMatchObject({ effect: { hold: { because: "quota" } } });
    host.clock.setBack(HOUR);
    await endsSoon(host, [id]);
  });

  it("F:C9 a pause ends in front of an effect that was asked for before the hour that comes again", async () => {
    let isAway = true;
    const host = await createTestHost({
      ...base,
      pipeline: { steps: [{ kind: "coder" }] },
      script: { coder: { change: { a: "1" } } },
      clock: createVirtualClock(3 * HOUR),
      wrap: (ports) =>
        interceptPorts(ports, async ({ port, method }, act) => {
          if (isAway && port === "agents" && method === "startJob") throw new MillraceError("unavailable", "away");
          return act();
        }),
    });
    const { id } = await host.start();
    const at = { workspaceId: host.workspace.id, runId: id };
    while (host.clock.now() < 5 * HOUR || heldEffect(await host.run(id)) === null) {
      host.clock.advanceTo((await host.wakeups.nextDueAt()) ?? 0);
      await host.execution.advance(at);
    }
    expect(heldEffect(await host.run(id))?.hold?.because).toBe("outage");
    isAway = false;
    host.clock.setBack(HOUR);
    await endsSoon(host, [id]);
  });
});
