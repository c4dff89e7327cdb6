/** Workspaces, through the door. */
import { workspaceSnapshotSchema } from "@millrace/contracts";
import { LOG_START } from "@millrace/kernel";
import { localOwner } from "@millrace/orchestration";
import { interceptPorts, testUser } from "@millrace/testing";
import { describe, expect, it } from "vitest";
import { boardHost, person, sweep } from "./workspaces.fixture.js";

const owner = person({ acc_a: ["owner"] });

describe("a list of workspaces", () => {
  it("WSP-01 has those of the caller's accounts, the newest first, page by page", async () => {
    const host = await boardHost();
    const actor = host.user;
    const ids: string[] = [];
    for (const [name, accountId] of [
      ["One", "acc_a"],
      ["Two", "acc_b"],
      ["Three", "acc_a"],
      ["Other", "acc_c"],
    ] as const) {
      host.clock.advanceTo(host.clock.now() + 1);
      ids.push((await host.workspaces.create({ name, accountId, actor })).id);
    }
    const both = person({ acc_a: ["viewer"], acc_b: ["developer"] });
    const first = await host.call("workspaces.list", both, { limit: 2 });
    expect(first.items.map(({ name }) => name)).toEqual(["Three", "Two"]);
    const rest = await host.call("workspaces.list", both, { limit: 2, after: first.nextAfter ?? "" });
    expect([rest.items.map(({ name }) => name), rest.nextAfter]).toEqual([["One"], null]);
    expect((await host.call("workspaces.list", both, { accountId: "acc_b" })).items.map(({ name }) => name)).toEqual(["Two"]);
    expect((await host.call("workspaces.list", both, { query: "THR" })).items.map(({ name }) => name)).toEqual(["Three"]);
    await expect(host.call("workspaces.list", both, { accountId: "acc_c" })).rejects.toMatchObject({ code: "not_found" });
    const bound = {
      ...both,
      grants: { ...both.grants, token: { id: "mr", kind: "personal", scopes: ["read"], workspaces: [ids[0] ?? ""] } as const },
    };
    expect((await host.call("workspaces.list", bound, {})).items.map(({ name }) => name)).toEqual(["One"]);
  });
});

describe("a new workspace", () => {
  it("WSP-02 is there once for its key, with its preset, and is answered with what its board shows", async () => {
    const host = await boardHost();
    const create = (name: string, key = "key_1") => host.call("workspaces.create", owner, { name, description: "For tests" }, { key });
    const made = await create("Shop");
    expect(workspaceSnapshotSchema.parse(made)).toMatchObject({
      workspace: { name: "Shop", description: "For tests", accountId: "acc_a", revision: 1 },
      blocks: [],
      presets: [{ id: made.workspace.defaultPresetId }],
    });
    expect(await create("Shop")).toEqual(made);
    await expect(create("Another")).rejects.toMatchObject({ code: "key_reused" });
    await expect(host.call("workspaces.create", owner, { name: "x" })).rejects.toMatchObject({ code: "invalid_request" });
    expect((await host.call("workspaces.list", owner, {})).items).toHaveLength(1);
    const [one, two] = await Promise.all([create("At once", "key_2"), create("At once", "key_2")]);
    expect(one).toEqual(two);
    const { cursor: _, ...shown } = await host.call("workspaces.snapshot", owner, { workspaceId: made.workspace.id });
    expect(made).toMatchObject(shown);
    const log = await host.store.events.read(made.workspace.id, LOG_START, 9);
    expect(log.map(({ entry }) => entry)).toMatchObject([{ actor: owner.actor, event: { type: "workspace-created", name: "Shop" } }]);
  });

  it("WSP-02 gets no more than its account may have, and none in an account of others", async () => {
    const host = await boardHost();
    for (let count = 0; count < 500; count += 1)
      await host.workspaces.create({ name: `board ${count}`, accountId: "acc_a", actor: host.user });
    const create = (accountId: string | null, key: string) => host.call("workspaces.create", owner, { accountId }, { key });
    await expect(create(null, "one")).rejects.toMatchObject({ code: "limit_reached", details: { max: 500 } });
    await expect(create("acc_b", "two")).rejects.toMatchObject({ code: "not_found" });
    const viewer = person({ acc_a: ["viewer"], acc_b: ["owner"] });
    await expect(host.call("workspaces.create", viewer, { accountId: "acc_a" }, { key: "3" })).rejects.toMatchObject({ code: "forbidden" });
    await expect(host.call("workspaces.create", viewer, {}, { key: "4" })).rejects.toMatchObject({ code: "validation" });
    expect((await host.call("workspaces.create", viewer, { accountId: "acc_b" }, { key: "5" })).workspace.accountId).toBe("acc_b");
    const withPersonal = person({ acc_b: ["owner"], acc_cy: ["owner"] }, "usr_cy");
    expect((await host.call("workspaces.create", withPersonal, {}, { key: "6" })).workspace.accountId).toBe("acc_cy");
  });

  it("WSP-02 has a sample board of its own: no id of one is in another", async () => {
    const host = await boardHost();
    const create = (key: string) => host.call("workspaces.create", owner, { sample: true }, { key });
    const [one, two] = [await create("one"), await create("two")];
    expect(one.blocks.map(({ level }) => level)).toEqual(["service", "module", "task", "task", "task"]);
    expect(one.workspace.name).toBe("Untitled");
    const ids = [...one.blocks, ...two.blocks].map(({ id }) => id);
    expect(new Set(ids).size).toBe(ids.length);
    expect(one.blocks.every(({ status, workspaceId }) => status === "planned" && workspaceId === one.workspace.id)).toBe(true);
  });

  it("WSP-02 of an agent is another one for each person that the agent acts for", async () => {
    const host = await boardHost();
    const token = { id: "mr_1", kind: "personal", scopes: ["config"], workspaces: null } as const;
    const agent = (onBehalfOf: string, account: string) => {
      const { grants } = person({ [account]: ["owner"] });
      return { actor: { type: "agent", id: "claude" } as const, onBehalfOf, grants: { ...grants, token } };
    };
    const create = (by: ReturnType<typeof agent>) => host.call("workspaces.create", by, { name: "Same" }, { key: "same" });
    const [ours, theirs] = [await create(agent("usr_a", "acc_a")), await create(agent("usr_b", "acc_b"))];
    expect([ours.workspace.accountId, theirs.workspace.accountId]).toEqual(["acc_a", "acc_b"]);
  });
});

it("WSP-03 WSP-04 a workspace is read, and changes in what is given, on the revision that was seen", async () => {
  const host = await boardHost();
  const { workspace } = await host.call("workspaces.create", owner, { name: "Shop" }, { key: "1" });
  const workspaceId = workspace.id;
  expect(await host.call("workspaces.get", owner, { workspaceId })).toEqual(workspace);
  const update = (input: object, ifMatch: number | "*") => host.call("workspaces.update", owner, { workspaceId, ...input }, { ifMatch });
  expect(await update({ name: "  Store " }, 1)).toMatchObject({ name: "Store", revision: 2 });
  await expect(update({ name: "Late" }, 1)).rejects.toMatchObject({ code: "stale_revision", details: { revision: 2 } });
  expect(await update({ description: "What it is for" }, "*")).toMatchObject({ name: "Store", description: "What it is for", revision: 3 });
  expect(await update({ description: null }, 3)).toMatchObject({ description: null, revision: 4 });
  expect(await update({ name: "Store" }, 4)).toMatchObject({ revision: 4 });
  const together = await Promise.all([update({ name: "A" }, "*"), update({ description: "B" }, "*")]);
  expect(new Set(together.map(({ revision }) => revision))).toEqual(new Set([5, 6]));
  expect(await host.call("workspaces.get", owner, { workspaceId })).toMatchObject({ name: "A", description: "B", revision: 6 });
  const told = (await host.store.events.read(workspaceId, LOG_START, 99)).map(({ entry }) => entry.event);
  expect(told[1]).toEqual({ type: "workspace-changed", fields: ["name"], revision: 2 });
});

describe("a snapshot", () => {
  it("WSP-05 says from where in the log to go on, and holds no text of an output", async () => {
    const host = await boardHost();
    const caller = localOwner(testUser);
    const workspaceId = host.workspace.id;
    const { id } = await host.start();
    const before = await host.call("workspaces.snapshot", caller, { workspaceId });
    expect(before).toMatchObject({
      workspace: { id: workspaceId },
      runs: [{ id, status: "running" }],
      notifications: { open: 0, urgent: 0 },
    });
    expect(before.pipelines.map((pipeline) => pipeline.id)).toEqual(expect.arrayContaining([host.pipeline.id, "pl_minimal"]));
    await host.drive();
    const after = await host.call("workspaces.snapshot", caller, { workspaceId });
    expect(after).toMatchObject({ runs: [{ id, status: "waiting" }], notifications: { open: 1, urgent: 0 } });
    const between = await host.store.events.read(workspaceId, before.cursor, 1000);
    expect(between.length).toBeGreaterThan(2);
    expect(await host.store.events.read(workspaceId, after.cursor, 1000)).toEqual([]);
    expect(JSON.stringify(after)).not.toContain("researcher's text");
  });

  it("WSP-05 has the first 500 blocks, and says that there are more", async () => {
    const reads: string[] = [];
    const host = await boardHost({
      wrap: (ports) =>
        interceptPorts(ports, (call, act) => {
          if (call.port.startsWith("store")) reads.push(`${call.port}.${call.method}`);
          return act();
        }),
    });
    const workspaceId = host.workspace.id;
    const open = async () => {
      reads.length = 0;
      const snapshot = await host.workspaces.snapshot(workspaceId);
      return { snapshot, count: reads.length };
    };
    const small = await open();
    const { parentId } = host.task;
    for (let count = 0; count < 520; count += 1)
      await host.board.addTask({ workspaceId, parentId: parentId ?? "", input: { title: `task ${count}` }, actor: testUser });
    const large = await open();
    expect([small.snapshot.blocks.length, small.snapshot.hasMoreBlocks]).toEqual([2, false]);
    expect([large.snapshot.blocks.length, large.snapshot.hasMoreBlocks]).toEqual([500, true]);
    expect(large.count).toBeLessThanOrEqual(small.count + 2);
    expect(small.count).toBeLessThan(10);
  });

  it("WSP-06 shows the built-in pipelines of the build that serves it: nothing was copied into the workspace", async () => {
    const host = await boardHost();
    const { workspace, pipelines } = await host.call("workspaces.create", owner, {}, { key: "1" });
    expect(await host.store.pipelines.list(workspace.id, { limit: 9 })).toEqual([]);
    expect(pipelines.map(({ id }) => id)).toEqual(expect.arrayContaining(["pl_minimal", "pl_merge"]));
  });
});

describe("a deletion", () => {
  it("WSP-07 is meant, makes the workspace read only at once, and may be asked for again", async () => {
    const host = await boardHost();
    const { workspace } = await host.call("workspaces.create", owner, { name: "Shop" }, { key: "1" });
    const workspaceId = workspace.id;
    const ask = (confirm: string, ifMatch: number | "*" = 1) =>
      host.call("workspaces.delete", owner, { workspaceId, confirm }, { ifMatch });
    await expect(ask("shop")).rejects.toMatchObject({ code: "validation" });
    await expect(ask("Shop", 2)).rejects.toMatchObject({ code: "stale_revision" });
    const unproven = { ...owner, grants: { ...owner.grants, confirmedUntil: 0 } };
    await expect(host.call("workspaces.delete", unproven, { workspaceId, confirm: "Shop" }, { ifMatch: 1 })).rejects.toMatchObject({
      details: { confirm: true },
    });
    const deleting = await ask("Shop");
    expect(deleting).toMatchObject({ deletingAt: host.clock.now(), deletingBy: owner.actor, revision: 2 });
    expect(await ask("Shop")).toEqual(deleting);
    expect(await host.call("workspaces.get", owner, { workspaceId })).toEqual(deleting);
    await expect(host.call("workspaces.update", owner, { workspaceId, name: "x" }, { ifMatch: "*" })).rejects.toMatchObject({
      code: "conflict",
    });
    expect(await sweep(host, "workspaces.delete")).toBe(1);
    await expect(host.call("workspaces.get", owner, { workspaceId })).rejects.toMatchObject({ code: "not_found" });
    expect(await sweep(host, "workspaces.delete")).toBe(0);
    const log = await host.store.platformEvents.ofAccount("acc_a", LOG_START, 9);
    expect(log.map(({ entry }) => entry)).toMatchObject([
      { actor: owner.actor, event: { type: "workspace-deleted", workspaceId, name: "Shop" } },
    ]);
  });
});

describe("a move to another account", () => {
  it("WSP-09 needs the say of both, no live run, and room", async () => {
    const host = await boardHost();
    const both = person({ acc_a: ["owner"], acc_b: ["admin"], acc_c: ["developer"] });
    const { workspace } = await host.call("workspaces.create", both, { accountId: "acc_a", sample: true }, { key: "1" });
    const workspaceId = workspace.id;
    const move = (toAccountId: string) => host.call("workspaces.transfer", both, { workspaceId, toAccountId });
    await expect(move("acc_d")).rejects.toMatchObject({ code: "not_found" });
    await expect(move("acc_c")).rejects.toMatchObject({ code: "forbidden" });
    const service = (await host.store.blocks.children(workspaceId, null, { limit: 1 }))[0]?.id ?? "";
    const { id: blockId } = await host.board.addTask({ workspaceId, parentId: service, input: { title: "t" }, actor: host.user });
    const pipeline = { id: "pl_own", name: "Own", steps: [{ kind: "researcher" }] };
    await host.pipelines.put({ workspaceId, input: pipeline, actor: host.user });
    const run = await host.execution.start({ workspaceId, blockId, pipelineId: "pl_own", actor: host.user });
    await expect(move("acc_b")).rejects.toMatchObject({ code: "run_in_progress" });
    await host.execution.bringDown({ workspaceId, runId: run.id, actor: host.user }, "moved");
    expect(await move("acc_b")).toMatchObject({ accountId: "acc_b", revision: 2 });
    await expect(host.call("workspaces.get", owner, { workspaceId })).rejects.toMatchObject({ code: "not_found" });
    const told = (await host.store.events.read(workspaceId, LOG_START, 999)).map(({ entry }) => entry.event);
    expect(told).toContainEqual({ type: "workspace-transferred", from: "acc_a", to: "acc_b" });
  });
});
