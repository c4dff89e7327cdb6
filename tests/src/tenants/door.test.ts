/** Rules that hold for every operation, at the door. */
import { describe, expect, it } from "vitest";
import { createTwoTenants } from "./two-tenants.fixture.js";

const HOUR = 60 * 60 * 1000;

describe("the door", () => {
  it("G-04 refuses input that does not fit, naming every place, and an unknown member among them", async () => {
    const { host, a } = await createTwoTenants();
    const { workspaceId = "", serviceId = "" } = a.ids;
    const bad = { workspaceId, parentId: serviceId, title: "", priority: 1 };
    await expect(host.call("board.addTask", a.caller("owner"), bad)).rejects.toMatchObject({
      code: "invalid_request",
      details: { issues: [{ path: "title" }, { message: expect.stringContaining("priority") }] },
    });
  });

  it("G-06 answers a request with a key that was sent before as before, and does it once", async () => {
    const { host, a } = await createTwoTenants();
    const { workspaceId = "", parentId = "" } = a.ids;
    const add = (title: string, key: string) => host.call("board.addTask", a.caller("owner"), { workspaceId, parentId, title }, { key });
    const first = await add("once", "key_1");
    expect(await add("once", "key_1")).toEqual(first);
    expect((await add("once", "key_2")).id).not.toBe(first.id);
    await expect(add("another", "key_1")).rejects.toMatchObject({ code: "key_reused" });
    const both = await Promise.all([add("twice", "key_3"), add("twice", "key_3")]);
    expect(both[0]).toEqual(both[1]);
    host.clock.advanceTo(host.clock.now() + 25 * HOUR);
    expect((await add("another", "key_1")).title).toBe("another");
  });

  it("G-07 writes an agent's change in its name, and names the person it acted for", async () => {
    const { host, a } = await createTwoTenants();
    const { workspaceId = "", parentId = "" } = a.ids;
    const owner = a.caller("owner");
    const token = { id: "mr_1", kind: "personal", scopes: ["board"], workspaces: null } as const;
    const agent = { actor: { type: "agent", id: "claude" } as const, onBehalfOf: "usr_a", grants: { ...owner.grants, token } };
    await host.call("board.addTask", agent, { workspaceId, parentId, title: "by an agent" });
    const log = await host.store.events.read(workspaceId, "0", 1000);
    expect(log.at(-1)?.entry).toMatchObject({ actor: agent.actor, onBehalfOf: "usr_a", event: { type: "block-added" } });
  });
});
