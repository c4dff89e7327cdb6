import { LOG_START } from "@millrace/kernel";
import { localOwner } from "@millrace/orchestration";
import { testUser } from "@millrace/orchestration/spec";
import { createTestHost, type TestHost } from "@millrace/testing";
import { describe, expect, it } from "vitest";

const me = localOwner(testUser);
const careful = { name: "Careful", maxComplexity: 0.2, maxRisk: 0.2, maxImpact: 0.2, ciMaxAttempts: 3 } as const;

async function withHost(): Promise<TestHost & { readonly workspaceId: string }> {
  const host = await createTestHost({ pipeline: { steps: [{ kind: "researcher" }] } });
  return { ...host, workspaceId: host.workspace.id };
}

async function eventsOf({ store, workspaceId }: Pick<TestHost, "store"> & { readonly workspaceId: string }) {
  const logged = await store.events.read(workspaceId, LOG_START, 1000);
  return logged.map(({ entry }) => entry.event).filter(({ type }) => type.startsWith("preset-"));
}

describe("merge presets", () => {
  it("PRE-01 are listed oldest first, with the default marked and the number of tasks that name each", async () => {
    const host = await withHost();
    const { workspaceId } = host;
    host.clock.advance(1000);
    const added = await host.call("presets.create", me, { workspaceId, ...careful });
    await host.board.update({ workspaceId, blockId: host.task.id, input: { presetId: added.id }, actor: testUser });
    const { items } = await host.call("presets.list", me, { workspaceId });
    expect(items.map(({ name, isDefault, tasks }) => [name, isDefault, tasks])).toEqual([
      ["Balanced", true, 0],
      ["Careful", false, 1],
    ]);
    expect(await host.call("presets.get", me, { workspaceId, presetId: added.id })).toMatchObject({ tasks: 1, who: "automatic" });
    await expect(host.call("presets.get", me, { workspaceId, presetId: "mpr_none" })).rejects.toMatchObject({ code: "not_found" });
  });

  it("PRE-02 are added under a free name, never as the default, at most 50", async () => {
    const host = await withHost();
    const { workspaceId } = host;
    const create = (input: object = {}) => host.call("presets.create", me, { workspaceId, ...careful, ...input });
    const added = await create({ who: "people", maxReworks: 0 });
    expect(added).toMatchObject({ who: "people", maxReworks: 0, isDefault: false, revision: 1 });
    await expect(create()).rejects.toMatchObject({ code: "already_exists" });
    await expect(create({ name: "Balanced" })).rejects.toMatchObject({ code: "already_exists" });
    for (const over of [{ maxRisk: 1.1 }, { ciMaxAttempts: 51 }, { maxReworks: 11 }, { releaseWatchMinutes: 0 }, { name: "x".repeat(61) }])
      await expect(create({ name: "Other", ...over })).rejects.toMatchObject({ code: "invalid_request" });
    for (let number = 3; number <= 50; number += 1) await create({ name: `P ${number}` });
    await expect(create({ name: "P 51" })).rejects.toMatchObject({ code: "limit_reached", details: { max: 50 } });
    expect((await eventsOf(host))[0]).toMatchObject({ type: "preset-created", after: { name: "Careful", who: "people", maxRisk: 0.2 } });
  });

  it("PRE-03 are changed under the revision that was seen, and the event has the old and the new ceiling", async () => {
    const host = await withHost();
    const { workspaceId } = host;
    const { id: presetId } = await host.presets.get({ workspaceId, presetId: null });
    const update = (input: object, ifMatch: number | "*") =>
      host.call("presets.update", me, { workspaceId, presetId, ...input }, { ifMatch });
    expect(await update({ maxRisk: 0.1, maxReworks: 1 }, 1)).toMatchObject({ maxRisk: 0.1, revision: 2, isDefault: true });
    await expect(update({ maxRisk: 0.9 }, 1)).rejects.toMatchObject({ code: "stale_revision", details: { revision: 2 } });
    await host.call("presets.create", me, { workspaceId, ...careful });
    await expect(update({ name: "Careful" }, "*")).rejects.toMatchObject({ code: "already_exists" });
    expect(await host.presets.get({ workspaceId, presetId })).toMatchObject({ name: "Balanced", maxRisk: 0.1, revision: 2 });
    expect((await eventsOf(host))[0]).toEqual({
      type: "preset-changed",
      presetId,
      before: { maxRisk: 0.4, maxReworks: 3 },
      after: { maxRisk: 0.1, maxReworks: 1 },
    });
  });

  it("PRE-04 have exactly one default, whoever makes another one it at the same time", async () => {
    const host = await withHost();
    const { workspaceId } = host;
    const { id: balanced } = await host.presets.get({ workspaceId, presetId: null });
    const added = await Promise.all(["A", "B", "C"].map((name) => host.call("presets.create", me, { workspaceId, ...careful, name })));
    const makeDefault = (presetId: string) => host.call("presets.makeDefault", me, { workspaceId, presetId }, { ifMatch: "*" });
    await Promise.allSettled([...added, ...added].map(({ id }) => makeDefault(id)));
    const { items } = await host.call("presets.list", me, { workspaceId });
    expect(items.filter(({ isDefault }) => isDefault)).toHaveLength(1);
    await makeDefault(balanced);
    const events = await eventsOf(host);
    await makeDefault(balanced);
    expect(await eventsOf(host)).toEqual(events);
    expect(events.at(-1)).toMatchObject({ type: "preset-default-changed", presetId: balanced, before: expect.stringMatching(/^mpr_/) });
    await expect(makeDefault("mpr_none")).rejects.toMatchObject({ code: "not_found" });
  });

  it("PRE-05 are removed neither as the default nor while a task names them, unless another one takes their place", async () => {
    const host = await withHost();
    const { workspaceId } = host;
    const { id: balanced } = await host.presets.get({ workspaceId, presetId: null });
    const { id: presetId } = await host.call("presets.create", me, { workspaceId, ...careful });
    const remove = (id: string, over: object = {}) =>
      host.call("presets.remove", me, { workspaceId, presetId: id, ...over }, { ifMatch: "*" });
    await host.board.update({ workspaceId, blockId: host.task.id, input: { presetId }, actor: testUser });
    await expect(remove(balanced, { replaceBy: presetId })).rejects.toMatchObject({ code: "in_use", details: { isDefault: true } });
    await expect(remove(presetId)).rejects.toMatchObject({ code: "in_use", details: { tasks: [{ id: host.task.id }] } });
    await expect(remove(presetId, { replaceBy: "mpr_none" })).rejects.toMatchObject({ code: "not_found" });
    await remove(presetId, { replaceBy: balanced });
    expect(await host.block()).toMatchObject({ presetId: balanced });
    await remove(presetId);
    expect((await eventsOf(host)).at(-1)).toMatchObject({
      type: "preset-removed",
      presetId,
      replacedBy: balanced,
      before: { maxRisk: 0.2 },
    });
  });

  it("PRE-06 hold for a block by name, else by the default of its workspace, at every turn", async () => {
    const host = await withHost();
    const { workspaceId } = host;
    const inForce = async () => (await host.store.runs.context({ workspaceId, blockId: host.task.id, runId: null })).preset?.name;
    expect(await inForce()).toBe("Balanced");
    const { id: presetId } = await host.call("presets.create", me, { workspaceId, ...careful });
    await host.call("presets.makeDefault", me, { workspaceId, presetId }, { ifMatch: 1 });
    expect(await inForce()).toBe("Careful");
    const { id: own } = await host.call("presets.create", me, { workspaceId, ...careful, name: "Own", who: "people" });
    await host.board.update({ workspaceId, blockId: host.task.id, input: { presetId: own }, actor: testUser });
    expect(await inForce()).toBe("Own");
  });
});
