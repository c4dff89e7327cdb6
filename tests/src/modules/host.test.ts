/** The operations on the host, through the door. */
import { LOG_START, MillraceError, type Sleep, type WakeUps } from "@millrace/kernel";
import { ANONYMOUS, localOwner, startDriver, type Caller } from "@millrace/orchestration";
import { createTestHost, interceptPorts, silentLog, testUser, type TestHostOptions } from "@millrace/testing";
import { describe, expect, it } from "vitest";

const owner = localOwner(testUser);
const member: Caller = { ...owner, grants: { ...owner.grants, isOperator: false } };
const hostWith = (options: Partial<TestHostOptions> = {}) =>
  createTestHost({ pipeline: { steps: [{ kind: "researcher" }] }, script: { researcher: { say: "options" } }, ...options });

describe("host", () => {
  it("ADM-01 answers everybody, and asks nothing", async () => {
    const host = await hostWith();
    expect(await host.call("host.health", ANONYMOUS, {})).toEqual({ ok: true });
  });

  it("ADM-02 says whether it can work, and tells only operators what is missing", async () => {
    const hostChecks = [{ name: "keys", check: () => Promise.reject(new MillraceError("unavailable", "the key ring does not open")) }];
    const host = await hostWith({ wrap: (ports) => ({ ...ports, hostChecks }) });
    expect(await host.call("host.readiness", ANONYMOUS, {})).toEqual({ ready: false, parts: [] });
    const { parts } = await host.call("host.readiness", owner, {});
    expect(parts).toEqual([
      { name: "database", ok: true, problem: null },
      { name: "queue", ok: true, problem: null },
      { name: "keys", ok: false, problem: "the key ring does not open" },
    ]);
    expect((await (await hostWith()).call("host.readiness", ANONYMOUS, {})).ready).toBe(true);
  });

  it("ADM-02 takes a part for missing that does not answer within two seconds", async () => {
    const hostChecks = [{ name: "keys", check: () => new Promise<void>(() => undefined) }];
    const asked: number[] = [];
    const sleep = (ms: number): Promise<void> => {
      asked.push(ms);
      return ms === 2000 ? Promise.resolve() : new Promise(() => undefined);
    };
    const host = await hostWith({ sleep, wrap: (ports) => ({ ...ports, hostChecks }) });
    const { parts } = await host.call("host.readiness", owner, {});
    expect(parts.at(-1)).toMatchObject({ name: "keys", ok: false, problem: "no answer within 2000 ms" });
    expect(asked).toContain(2000);
  });

  it("ADM-03 counts live runs, and how long the oldest wake-up has waited", async () => {
    const host = await hostWith();
    await host.start();
    host.clock.advanceTo(host.clock.now() + 5000);
    expect(await host.call("host.metrics", owner, {})).toMatchObject({
      runs: { running: 1, waiting: 0, paused: 0, stopping: 0 },
      wakeUpLagMs: 5000,
      stuckRuns: 0,
    });
  });

  it("ADM-05 shows the settings in force, and of a secret only that it is set", async () => {
    const configuration = () => [
      { name: "database", value: "board.db", isSecret: false },
      { name: "api key", value: "sk-very-secret", isSecret: true },
      { name: "other key", value: null, isSecret: true },
    ];
    const host = await hostWith({ wrap: (ports) => ({ ...ports, configuration }) });
    const { entries } = await host.call("host.configuration", owner, {});
    expect(entries.map(({ value }) => value)).toEqual(["board.db", "set", null]);
    expect(JSON.stringify(entries)).not.toContain("sk-very");
  });

  it("ADM-06 runs a sweep now, and remembers when it ran and what it failed with", async () => {
    let isDown = false;
    const host = await hostWith({
      wrap: (ports) =>
        interceptPorts(ports, (call, proceed) => {
          if (isDown && call.method === "notifications.overdue") throw new MillraceError("database_busy", "the database is busy");
          return proceed();
        }),
    });
    const name = "notifications.escalate";
    expect((await host.call("host.sweeps", owner, {})).find((sweep) => sweep.name === name)?.lastRunAt).toBeNull();
    expect(await host.call("host.runSweep", owner, { name })).toMatchObject({ name, rows: 0, failure: null, lastRunAt: host.clock.now() });
    isDown = true;
    expect(await host.call("host.runSweep", owner, { name })).toMatchObject({ failure: { code: "database_busy" } });
    await expect(host.call("host.runSweep", owner, { name: "none" })).rejects.toMatchObject({ code: "not_found" });
  });

  it("ADM-07 names a run that nothing wakes, and ends one that cannot be read, but none that can", async () => {
    const host = await hostWith();
    const { id: runId } = await host.start();
    const { id: workspaceId } = host.workspace;
    await host.store.commit([{ change: "unwake", workspaceId, runId }]);
    expect(await host.call("host.stuck", owner, {})).toMatchObject([{ workspaceId, runId }]);
    await expect(host.call("host.endRun", owner, { workspaceId, runId })).rejects.toMatchObject({ code: "conflict" });
    const record = await host.store.runs.get(workspaceId, runId);
    if (record === null) throw new Error("no run");
    const unreadable = { ...record, document: { broken: true }, revision: record.revision + 1 };
    await host.store.commit([{ change: "update-run", record: unreadable, expected: record.revision }]);
    await host.call("host.endRun", owner, { workspaceId, runId });
    expect((await host.store.runs.summary(workspaceId, runId))?.status).toBe("failed");
    expect(await host.call("host.stuck", owner, {})).toEqual([]);
    await expect(host.call("host.endRun", owner, { workspaceId, runId: "run_none" })).rejects.toMatchObject({ code: "not_found" });
  });

  it("ADM-08 takes up no more runs while it drains, and does so again afterwards", async () => {
    const host = await hostWith();
    expect(await host.call("host.drain", owner, { on: true })).toEqual({ draining: true });
    const { id } = await host.start();
    let asked = 0;
    let firstClaim = 0;
    const wakeups: WakeUps = {
      ...host.wakeups,
      claim: (request) => {
        firstClaim ||= asked;
        return host.wakeups.claim(request);
      },
    };
    const isDraining = (): boolean => {
      asked += 1;
      if (asked === 20) host.host.drain(false);
      return host.host.isDraining;
    };
    const sleep: Sleep = () => new Promise((resolve) => void setImmediate(resolve));
    const driver = startDriver({
      execution: host.execution,
      sweeps: [],
      wakeups,
      clock: host.clock,
      log: silentLog,
      sleep,
      owner: "one",
      isDraining,
    });
    for (let turn = 0; turn < 500 && (await host.run(id)).phase.is === "live"; turn += 1) await sleep(0, new AbortController().signal);
    expect(firstClaim).toBe(20);
    await driver.stop();
    expect((await host.run(id)).phase.is).toBe("done");
  });

  it("G-02 is for operators, and writes nothing for anybody else", async () => {
    const host = await hostWith();
    const before = await host.store.platformEvents.ofHost(LOG_START, 10);
    for (const name of ["host.metrics", "host.configuration", "host.sweeps", "host.stuck"] as const)
      await expect(host.call(name, member, {})).rejects.toMatchObject({ code: "forbidden", details: { capability: "operator" } });
    await expect(host.call("host.drain", member, { on: true })).rejects.toMatchObject({ code: "forbidden" });
    expect(await host.store.platformEvents.ofHost(LOG_START, 10)).toEqual(before);
    expect(host.host.isDraining).toBe(false);
  });
});
