import { LOG_START } from "@millrace/kernel";
import { localOwner, type Caller } from "@millrace/orchestration";
import { testUser } from "@millrace/orchestration/spec";
import { createTestHost, type TestHost } from "@millrace/testing";
import { describe, expect, it } from "vitest";

const local = localOwner(testUser);
const member: Caller = { actor: testUser, grants: { accounts: { acc_1: ["owner"] } } };
const guidance = { title: "Our tests", summary: "How we test", body: "Write a test before each change." } as const;

async function withHost(): Promise<TestHost & { readonly workspaceId: string }> {
  const host = await createTestHost({
    pipeline: { steps: [{ kind: "coder" }] },
    script: { coder: { polls: 9 } },
    options: { fragments: [{ ...guidance, id: "house-rules", version: 7 }] },
  });
  return { ...host, workspaceId: host.workspace.id };
}

/** A workspace of an account. */
async function inAccount(host: TestHost): Promise<string> {
  return (await host.workspaces.create({ name: "theirs", accountId: "acc_1", actor: testUser })).id;
}

describe("fragments", () => {
  it("FRG-01 that are built in, and those of the host, are one pool by id", async () => {
    const host = await withHost();
    const { items } = await host.call("fragments.pool", local, { limit: 200 });
    expect(items.map(({ id }) => id)).toEqual([
      "acceptance-backend-tests",
      "acceptance-scenarios",
      "house-rules",
      "node-best-practices",
      "node-performance",
      "playwright-e2e",
      "react-state-management",
    ]);
  });

  it("FRG-02 of a tier without any are an empty list, and those of another tier are not found", async () => {
    const host = await withHost();
    const workspaceId = await inAccount(host);
    expect(await host.call("fragments.list", member, { workspaceId })).toEqual({ items: [], nextAfter: null });
    expect(await host.call("fragments.listOfAccount", member, { accountId: "acc_1" })).toEqual({ items: [], nextAfter: null });
    const { id: fragmentId } = await host.call("fragments.createInAccount", member, { accountId: "acc_1", ...guidance });
    expect(await host.call("fragments.getOfAccount", member, { accountId: "acc_1", fragmentId })).toMatchObject({
      version: 1,
      body: guidance.body,
    });
    await expect(host.call("fragments.get", member, { workspaceId, fragmentId })).rejects.toMatchObject({ code: "not_found" });
  });

  it("FRG-03 are added under an id of their title, in version 1; what takes a lower one's place says so", async () => {
    const host = await withHost();
    const { workspaceId } = host;
    const create = (over: object = {}) => host.call("fragments.create", local, { workspaceId, ...guidance, ...over });
    expect(await create()).toMatchObject({ id: "our-tests", version: 1, category: null, tags: [] });
    await expect(create()).rejects.toMatchObject({ code: "already_exists" });
    await expect(create({ title: "你好" })).rejects.toMatchObject({ code: "validation" });
    await expect(create({ id: "node-performance" })).rejects.toMatchObject({ code: "already_exists" });
    expect(await create({ id: "node-performance", overrides: true })).toMatchObject({ id: "node-performance", version: 1 });
    await expect(create({ id: "long", body: "x".repeat(20_001) })).rejects.toMatchObject({ code: "invalid_request" });
  });

  it("FRG-04 are changed under the version that was seen, which counts up; a lower tier's are read only", async () => {
    const host = await withHost();
    const { workspaceId } = host;
    const { id: fragmentId } = await host.call("fragments.create", local, { workspaceId, ...guidance });
    const update = (input: object, ifMatch: number | "*", id = fragmentId) =>
      host.call("fragments.update", local, { workspaceId, fragmentId: id, ...input }, { ifMatch });
    expect(await update({ body: "Write two." }, 1)).toMatchObject({ body: "Write two.", title: guidance.title, version: 2 });
    await expect(update({ body: "Late." }, 1)).rejects.toMatchObject({ code: "stale_revision", details: { revision: 2 } });
    await expect(update({ body: "Mine." }, "*", "node-performance")).rejects.toMatchObject({ code: "read_only" });
    await expect(update({ body: "None." }, "*", "none")).rejects.toMatchObject({ code: "not_found" });
    const events = (await host.store.events.read(workspaceId, LOG_START, 100)).map(({ entry }) => entry.event);
    expect(events.at(-1)).toEqual({ type: "fragment-changed", fragmentId, version: 2, fields: ["body"] });
  });

  it("FRG-05 are removed and hidden by two different acts: one shows a lower tier again, the other takes it away", async () => {
    const host = await withHost();
    const workspaceId = await inAccount(host);
    const own = { workspaceId, fragmentId: "node-performance" };
    const tierOf = async () =>
      (await host.call("fragments.resolved", member, { workspaceId, limit: 200 })).items.find(({ id }) => id === "node-performance")?.tier;
    await host.call("fragments.createInAccount", member, { accountId: "acc_1", ...guidance, id: "node-performance", overrides: true });
    await host.call("fragments.create", member, { workspaceId, ...guidance, id: "node-performance", overrides: true });
    expect(await tierOf()).toBe("workspace");
    await expect(host.call("fragments.remove", member, own, { ifMatch: 3 })).rejects.toMatchObject({ code: "stale_revision" });
    await host.call("fragments.remove", member, own, { ifMatch: 1 });
    expect(await tierOf()).toBe("account");
    await host.call("fragments.hide", member, own);
    expect(await tierOf()).toBeUndefined();
    await host.call("fragments.hide", member, own);
    await host.call("fragments.unhide", member, own);
    expect(await tierOf()).toBe("account");
    await host.call("fragments.removeFromAccount", member, { accountId: "acc_1", fragmentId: "node-performance" }, { ifMatch: "*" });
    expect(await tierOf()).toBe("built-in");
    await host.call("fragments.hideInAccount", member, { accountId: "acc_1", fragmentId: "node-performance" });
    expect(await tierOf()).toBeUndefined();
    await expect(host.call("fragments.hide", member, { workspaceId, fragmentId: "none" })).rejects.toMatchObject({ code: "not_found" });
    const events = (await host.store.platformEvents.ofAccount("acc_1", LOG_START, 100)).map(({ entry }) => entry.event.type);
    expect(events).toEqual(["fragment-created", "fragment-removed", "fragment-hidden"]);
  });

  it("FRG-06 hold in a workspace by id: built-in below account below workspace, and none of another account", async () => {
    const host = await withHost();
    const workspaceId = await inAccount(host);
    await host.call("fragments.createInAccount", member, { accountId: "acc_1", ...guidance, id: "of-account" });
    await host.call("fragments.create", member, { workspaceId, ...guidance, id: "of-workspace" });
    const tiers = async (of: string, caller: Caller) =>
      (await host.call("fragments.resolved", caller, { workspaceId: of, limit: 200 })).items.map(({ id, tier }) => `${tier} ${id}`);
    const ours = await tiers(workspaceId, member);
    expect(ours.filter((each) => !each.startsWith("built-in"))).toEqual(["account of-account", "workspace of-workspace"]);
    expect((await tiers(host.workspaceId, local)).filter((each) => !each.startsWith("built-in"))).toEqual([]);
  });

  it("FRG-10 of a new service are those that were set; the services that are there keep theirs", async () => {
    const host = await withHost();
    const { workspaceId } = host;
    const put = (ids: string[], ifMatch: number | "*") => host.call("fragments.putDefaults", local, { workspaceId, ids }, { ifMatch });
    expect(await host.call("fragments.defaults", local, { workspaceId })).toEqual({ ids: [], revision: 0 });
    await expect(put(["none"], "*")).rejects.toMatchObject({ code: "validation" });
    await expect(put(["house-rules", "house-rules"], "*")).rejects.toMatchObject({ code: "invalid_request" });
    expect(await put(["house-rules", "node-performance"], 0)).toEqual({ ids: ["house-rules", "node-performance"], revision: 1 });
    await expect(put([], 0)).rejects.toMatchObject({ code: "stale_revision", details: { revision: 1 } });
    await host.call("fragments.hide", local, { workspaceId, fragmentId: "node-performance" });
    const added = await host.call("board.addService", local, { workspaceId, title: "second" }, { key: "second" });
    expect(added.fragmentIds).toEqual(["house-rules"]);
    const [first] = await host.store.blocks.children(workspaceId, null, { limit: 1 });
    expect(first?.fragmentIds).toEqual([]);
  });

  it("FRG-11 are folded into the prompt as instructions of people, and the request records which, in which version", async () => {
    const host = await withHost();
    const { workspaceId } = host;
    const { id } = await host.call("fragments.create", local, { workspaceId, ...guidance, body: "Use tabs.\u001B[31m" });
    await host.board.update({ workspaceId, blockId: host.task.parentId ?? "", input: { fragmentIds: ["house-rules"] }, actor: testUser });
    const patch = { fragmentIds: [id, "node-performance"] };
    await host.store.commit([{ change: "patch-block", workspaceId, id: host.task.id, patch }]);
    await host.call("fragments.update", local, { workspaceId, fragmentId: id, body: "Use spaces.\u001B[31m" }, { ifMatch: 1 });
    await host.call("fragments.hide", local, { workspaceId, fragmentId: "node-performance" });
    const run = await host.start();
    const events = await host.store.events.ofRun(workspaceId, run.id, 0, 100);
    expect(events.map(({ entry }) => entry.event).find(({ type }) => type === "effect-requested")).toMatchObject({
      prompt: "coder@v1",
      fragments: {
        used: [
          { id: "house-rules", version: 7, tier: "built-in" },
          { id, version: 2, tier: "workspace" },
        ],
        leftOut: ["node-performance"],
      },
    });
    await host.execution.advance({ workspaceId, runId: run.id });
    const [task] = host.agents.begun;
    expect(task?.systemPrompt).toContain("Use spaces.[31m");
    expect(task?.systemPrompt).toMatch(/instructions to you.*## Our tests\n\nWrite a test before each change\..*## Our tests/s);
    expect(task?.userPrompt).not.toContain("Use spaces");
  });
});
