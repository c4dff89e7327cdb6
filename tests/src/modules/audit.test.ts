/** The logs and the audit, through the door. */
import { digestText, LOG_START } from "@millrace/kernel";
import { localOwner } from "@millrace/orchestration";
import { openSqliteStore } from "@millrace/store-sql";
import { testUser, type TestHostOptions } from "@millrace/testing";
import { describe, expect, it } from "vitest";
import { boardHost, person, running } from "./workspaces.fixture.js";

const DAY = 24 * 60 * 60_000;
const caller = localOwner(testUser);
const backends: readonly (readonly [string, Partial<TestHostOptions>])[] = [
  ["memory", {}],
  ["SQLite", { database: (clock) => openSqliteStore({ path: ":memory:", clock }) }],
];

describe.each(backends)("events on %s", (_name, options) => {
  it("EVT-02 EVT-01 are read in the order of the log, from any position, and a filter leaves no position out", async () => {
    const host = await boardHost(options);
    const workspaceId = host.workspace.id;
    const { id } = await host.start();
    await host.drive();
    const all = await host.call("events.page", caller, { workspaceId, limit: 1000 });
    expect(all.hasMore).toBe(false);
    const { cursor } = await host.call("events.head", caller, { workspaceId });
    expect((await host.call("events.page", caller, { workspaceId, after: cursor })).items).toEqual([]);
    const parts = [];
    for (let after = LOG_START, hasMore = true; hasMore;) {
      const page = await host.call("events.stream", caller, { workspaceId, after, limit: 3 });
      parts.push(...page.items);
      ({ nextAfter: after, hasMore } = page);
    }
    expect(parts).toEqual(all.items);
    const runs = await host.call("events.page", caller, { workspaceId, kinds: ["run"], types: ["human-asked"], runId: id, limit: 1000 });
    expect(runs.items.map((item) => item.cursor)).toEqual(all.items.map((item) => item.cursor));
    expect(runs.items.flatMap(({ entry }) => (entry === null ? [] : [entry.event.type]))).toEqual(["human-asked"]);
    const ofTask = await host.call("events.page", caller, { workspaceId, blockId: host.task.id });
    expect(ofTask.items.flatMap(({ entry }) => (entry === null ? [] : [entry.event.type]))).toContain("block-added");
    await expect(host.call("events.page", caller, { workspaceId, runId: "run_none" })).rejects.toMatchObject({ code: "not_found" });
  });

  it("EVT-02 a position whose events went is told, and never passed over in silence", async () => {
    const host = await boardHost({ ...options, settings: { retention: { events: 1 } } });
    const workspaceId = host.workspace.id;
    const { id } = await host.start();
    await host.drive();
    const old = (await host.call("events.page", caller, { workspaceId, limit: 5 })).nextAfter;
    await host.reply(id, { answer: "approve" });
    await host.drive();
    const { cursor } = await host.call("events.head", caller, { workspaceId });
    await host.retention.trim(host.clock.now() + 2 * DAY, 200, running);
    for (const name of ["events.page", "events.stream"] as const)
      await expect(host.call(name, caller, { workspaceId, after: old })).rejects.toMatchObject({ code: "cursor_expired" });
    const snapshot = await host.call("workspaces.snapshot", caller, { workspaceId });
    await host.workspaces.update({ workspaceId, name: "After it", actor: testUser });
    for (const after of [cursor, snapshot.cursor]) {
      const { items } = await host.call("events.page", caller, { workspaceId, after });
      expect(items.flatMap(({ entry }) => entry?.event.type ?? [])).toContain("workspace-changed");
    }
  });
});

describe.each(backends)("the audit on %s", (_name, options) => {
  it("EVT-04 says who decided what, on which evidence, by actor, type, block and time, and outlives the events of the run", async () => {
    const host = await boardHost({ ...options, settings: { retention: { events: 1, audit: null } } });
    const workspaceId = host.workspace.id;
    const { id } = await host.start();
    await host.drive();
    host.clock.advanceTo(host.clock.now() + 1000);
    const decidedAt = host.clock.now();
    await host.reply(id, { answer: "approve" });
    await host.drive();
    await host.retention.trim(host.clock.now() + 2 * DAY, 200, running);
    expect(await host.store.events.ofRun(workspaceId, id, 0, 9)).toEqual([]);
    const audit = (filter: object = {}) => host.call("audit.ofWorkspace", caller, { workspaceId, ...filter });
    const { items } = await audit({ type: "human-answered" });
    expect(items).toMatchObject([
      {
        at: decidedAt,
        actor: { id: testUser.id },
        runId: id,
        blockId: host.task.id,
        event: { by: testUser.id, answer: { answer: "approve" } },
      },
    ]);
    const types = async (filter: object) => (await audit(filter)).items.map(({ type }) => type);
    expect(await types({ type: "run-started" })).toEqual(["run-started"]);
    expect(await types({ blockId: host.task.id })).toEqual(expect.arrayContaining(["run-started", "human-asked", "block-added"]));
    expect(await types({ actor: testUser.id, from: decidedAt })).toEqual(["run-finished", "step-approved", "human-answered"]);
    expect(await types({ to: decidedAt })).not.toContain("human-answered");
    expect(await types({})).not.toContain("step-entered");
    const first = await audit({ limit: 2 });
    const rest = await audit({ limit: 200, after: first.nextAfter ?? "" });
    expect([...first.items, ...rest.items]).toEqual((await audit({ limit: 200 })).items);
    const times = rest.items.map(({ at }) => at);
    expect(times).toEqual(times.toSorted((a, b) => b - a));
  });

  it("EVT-05 is exported oldest first, as lines whose digest is the last one, and the log says so", async () => {
    const host = await boardHost(options);
    const workspaceId = host.workspace.id;
    for (let count = 0; count < 520; count += 1) await host.workspaces.update({ workspaceId, name: `Name ${count}`, actor: testUser });
    const lines: string[] = [];
    let parts = 0;
    for (let after: string | null | undefined; after !== null; parts += 1) {
      const part = await host.call("audit.exportWorkspace", caller, { workspaceId, ...(after === undefined ? {} : { after }) });
      lines.push(...part.lines);
      after = part.nextAfter;
    }
    expect(parts).toBe(2);
    const last = lines.pop() ?? "";
    let digest = await digestText("");
    for (const line of lines) digest = await digestText(`${digest}${line}`);
    expect(JSON.parse(last)).toEqual({ lines: lines.length, digest });
    expect(JSON.parse(lines[0] ?? "")).toMatchObject({ type: "workspace-created" });
    expect(lines.filter((line) => line.includes("workspace-changed"))).toHaveLength(520);
    const made = await host.call("audit.ofWorkspace", caller, { workspaceId, type: "export-made" });
    expect(made.items).toMatchObject([{ actor: { id: testUser.id } }]);
    await expect(host.call("audit.exportWorkspace", caller, { workspaceId, after: "x" })).rejects.toMatchObject({ code: "validation" });
  });

  it("EVT-04 EVT-05 of an account are its own log", async () => {
    const host = await boardHost(options);
    const admin = person({ acc_a: ["admin"] });
    const entry = (name: string, id: string) =>
      ({ version: 1, at: 5, actor: { type: "human", id }, event: { type: "account-created", name } }) as const;
    await host.store.commit([
      { change: "append-account-event", accountId: "acc_a", event: entry("Ours", "usr_ada") },
      { change: "append-account-event", accountId: "acc_a", event: entry("Ours too", "usr_bob") },
    ]);
    await host.store.commit([{ change: "append-account-event", accountId: "acc_b", event: entry("Theirs", "usr_ada") }]);
    const { items } = await host.call("audit.ofAccount", admin, { accountId: "acc_a", actor: "usr_ada" });
    expect(items).toMatchObject([{ event: { type: "account-created", name: "Ours" } }]);
    const { lines, nextAfter } = await host.call("audit.exportAccount", admin, { accountId: "acc_a" });
    expect([lines.length, nextAfter]).toEqual([3, null]);
    expect((await host.store.platformEvents.ofAccount("acc_a", LOG_START, 9)).at(-1)?.entry.event.type).toBe("export-made");
    const developer = person({ acc_a: ["developer"] });
    await expect(host.call("audit.ofAccount", developer, { accountId: "acc_a" })).rejects.toMatchObject({ code: "forbidden" });
  });
});
