/** What a workspace keeps, through the door. The passes of the sweep are in `engine/retention.test.ts`. */
import { LOG_START } from "@millrace/kernel";
import { localOwner } from "@millrace/orchestration";
import { openSqliteStore } from "@millrace/store-sql";
import { testUser, type TestHost, type TestHostOptions } from "@millrace/testing";
import { describe, expect, it } from "vitest";
import { boardHost, running, sweep } from "./workspaces.fixture.js";

const DAY = 24 * 60 * 60_000;
const caller = localOwner(testUser);
const backends: readonly (readonly [string, Partial<TestHostOptions>])[] = [
  ["memory", {}],
  ["SQLite", { database: (clock) => openSqliteStore({ path: ":memory:", clock }) }],
];

it("RET-01 a policy is replaced on the revision that was seen, within the bounds of the host", async () => {
  const host = await boardHost({ options: { retention: { leastDays: 2, mostDays: 1000 } } });
  const workspaceId = host.workspace.id;
  const put = (policy: object, ifMatch: number | "*" = "*") =>
    host.call("retention.putPolicy", caller, { workspaceId, policy }, { ifMatch });
  expect(await host.call("retention.policy", caller, { workspaceId })).toMatchObject({
    revision: 1,
    policy: { events: 400, outputs: 180, audit: 400 },
    host: { leastDays: 2, mostDays: 1000 },
  });
  expect(await put({ modelTexts: 2, outputs: 5 }, 1)).toMatchObject({ revision: 2, policy: { outputs: 5, modelTexts: 2, events: 400 } });
  await expect(put({ modelTexts: 2 }, 1)).rejects.toMatchObject({ code: "stale_revision", details: { revision: 2 } });
  await expect(put({ outputs: 1 })).rejects.toMatchObject({ code: "validation", details: { outside: ["outputs"] } });
  await expect(put({ outputs: null })).rejects.toMatchObject({ code: "validation" });
  await expect(put({ audit: 399 })).rejects.toMatchObject({ code: "invalid_request" });
  const told = (await host.store.events.read(workspaceId, LOG_START, 99)).map(({ entry }) => entry.event);
  expect(told).toContainEqual({
    type: "retention-changed",
    before: { outputs: 180, modelTexts: 3 },
    after: { outputs: 5, modelTexts: 2 },
    revision: 2,
  });
});

/** A finished run, a live one, and one that is held. */
async function threeRuns(host: TestHost) {
  const { workspaceId, parentId } = host.task;
  const start = async (title: string) => {
    const { id } = await host.board.addTask({ workspaceId, parentId: parentId ?? "", input: { title }, actor: testUser });
    return (await host.execution.start({ workspaceId, blockId: id, pipelineId: host.pipeline.id, actor: testUser })).id;
  };
  const [finished, held] = [await start("finished"), await start("held")];
  const live = await start("live");
  await host.drive();
  for (const id of [finished, held]) await host.reply(id, { answer: "approve" });
  await host.drive();
  return { finished, held, live };
}

describe.each(backends)("what is kept on %s", (_name, options) => {
  it("RET-02 RET-03 RET-04 is what the policy says, and everything of a live run and of one that is held", async () => {
    const host = await boardHost(options);
    const workspaceId = host.workspace.id;
    const { store } = host;
    const runs = await threeRuns(host);
    const hold = (runId: string, isHeld: boolean) =>
      host.call("retention.hold", caller, { workspaceId, runId, isHeld, reason: "an inquiry" });
    await hold(runs.held, true);
    await expect(hold("run_none", true)).rejects.toMatchObject({ code: "not_found" });
    const counts = async (id: string) => ({
      events: (await store.events.ofRun(workspaceId, id, 0, 99)).length,
      output: await store.outputs.get(workspaceId, `${id}/0/1/work.1`),
    });
    const before = { live: await counts(runs.live), held: await counts(runs.held), finished: await counts(runs.finished) };
    const audit = await store.audit.ofWorkspace(workspaceId, {}, { limit: 200 });

    host.clock.advanceTo(host.clock.now() + 200 * DAY);
    const preview = await host.call("retention.preview", caller, { workspaceId });
    expect(preview).toMatchObject({ events: { rows: 0 }, outputs: { rows: 1, characters: 21 }, audit: { rows: 0 } });
    expect(await sweep(host, "retention.trim")).toBeGreaterThan(0);
    expect(await counts(runs.finished)).toEqual({ events: before.finished.events, output: null });
    expect((await host.call("retention.preview", caller, { workspaceId })).outputs.rows).toBe(0);
    expect(await sweep(host, "retention.trim")).toBe(0);

    await hold(runs.held, false);
    expect(await sweep(host, "retention.trim")).toBeGreaterThan(0);
    expect((await counts(runs.held)).output).toBeNull();
    expect(await counts(runs.live)).toEqual(before.live);
    const kept = await store.audit.ofWorkspace(workspaceId, {}, { limit: 200, order: "oldest" });
    expect(kept.slice(0, audit.length)).toEqual(audit.toReversed());
    expect(kept.map(({ type }) => type)).toEqual(expect.arrayContaining(["run-held", "retention-ran"]));
    await host.reply(runs.live, { answer: "approve" });
    await host.drive();
    expect((await host.run(runs.live)).phase.is).toBe("done");
  });

  it("RET-03 of the audit goes oldest first, a thousand entries a pass, and no earlier than its days", async () => {
    const host = await boardHost(options);
    const workspaceId = host.workspace.id;
    for (let count = 0; count < 1100; count += 1) await host.workspaces.update({ workspaceId, name: `Name ${count}`, actor: testUser });
    const left = async () => (await host.store.retention.auditAmount(workspaceId, Number.MAX_SAFE_INTEGER)).rows;
    const all = await left();
    host.clock.advanceTo(host.clock.now() + 399 * DAY);
    expect(await host.retention.trim(host.clock.now(), 200, running)).toBe(0);
    host.clock.advanceTo(host.clock.now() + 2 * DAY);
    expect(await host.retention.trim(host.clock.now(), 200, running)).toBe(1000);
    // The pass itself is told of.
    expect(await left()).toBe(all - 1000 + 1);
    expect(await host.retention.trim(host.clock.now(), 200, running)).toBe(all - 1000);
    expect(await left()).toBe(2);
  });
});
