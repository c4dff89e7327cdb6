import { describe, expect, it } from "vitest";
import { emptyBlock } from "../../platform/empty-block.js";
import { ENGINE } from "../../platform/actor.logic.js";
import { insertModule, newModule } from "./board-modules.js";

const service = emptyBlock({ id: "blk_s", workspaceId: "ws_1", level: "service", parentId: null, title: "Shop", createdAt: 1 });

describe("a module that a run adds to its service", () => {
  it("has an id of the service and the title, so that two runs cannot add two", async () => {
    const { id } = await newModule(service, { title: "Prices" }, 5);
    expect(id).toMatch(/^mod_[0-9a-f]{20}$/);
    expect((await newModule(service, { title: "  pRICES\n" }, 9)).id).toBe(id);
    expect((await newModule(service, { title: "Discounts" }, 5)).id).not.toBe(id);
    expect((await newModule({ ...service, id: "blk_t" }, { title: "Prices" }, 5)).id).not.toBe(id);
  });

  it("tells people of different letters apart, and not of upper and lower case", async () => {
    const idOf = async (title: string) => (await newModule(service, { title }, 5)).id;
    expect(await idOf("straße")).not.toBe(await idOf("strasse"));
  });

  it("is put on the board with the event that announces it", async () => {
    const module = await newModule(service, { title: "Prices", description: "what things cost" }, 5);
    expect(module).toMatchObject({ level: "module", parentId: "blk_s", title: "Prices", description: "what things cost", createdAt: 5 });
    const event = { type: "block-added", blockId: module.id, level: "module", title: "Prices" };
    expect(insertModule(module, 7)).toEqual([
      { change: "insert-block", block: module },
      { change: "append-board-event", workspaceId: "ws_1", event: { version: 1, at: 7, actor: ENGINE, event } },
    ]);
  });
});
