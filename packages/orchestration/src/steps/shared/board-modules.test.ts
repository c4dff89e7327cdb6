import { describe, expect, it } from "vitest";
import { emptyBlock } from "../../platform/empty-block.js";
import { ENGINE } from "../../platform/actor.logic.js";
import { insertModule, newModule } from "./board-modules.js";

const service = emptyBlock({ id: "blk_s", workspaceId: "ws_1", level: "service", parentId: null, title: "Shop", createdAt: 1 });

/** A board without a block. */
const nothing = () => Promise.resolve(null);

describe("a module that a run adds to its service", () => {
  it("has an id of the service and the title, so that two runs cannot add two", async () => {
    const { id } = await newModule(nothing, service, { title: "Prices" }, 5);
    expect(id).toMatch(/^mod_[0-9a-f]{20}$/);
    expect((await newModule(nothing, service, { title: "  pRICES\n" }, 9)).id).toBe(id);
    expect((await newModule(nothing, service, { title: "Discounts" }, 5)).id).not.toBe(id);
    expect((await newModule(nothing, { ...service, id: "blk_t" }, { title: "Prices" }, 5)).id).not.toBe(id);
  });

  it("has another id where people removed the one of that title, which stays for its runs", async () => {
    const first = await newModule(nothing, service, { title: "Prices" }, 5);
    const removed = { ...first, removedAt: 7 };
    const next = await newModule((_, id) => Promise.resolve(id === first.id ? removed : null), service, { title: "Prices" }, 9);
    expect(next.id).not.toBe(first.id);
  });

  it("tells people of different letters apart, and not of upper and lower case", async () => {
    const idOf = async (title: string) => (await newModule(nothing, service, { title }, 5)).id;
    expect(await idOf("straße")).not.toBe(await idOf("strasse"));
  });

  it("is put on the board with the event that announces it", async () => {
    const module = await newModule(nothing, service, { title: "Prices", generatedText: "what things cost" }, 5);
    expect(module).toMatchObject({ level: "module", parentId: "blk_s", title: "Prices", generatedText: "what things cost", createdAt: 5 });
    const event = { type: "block-added", blockId: module.id, level: "module", title: "Prices" };
    expect(insertModule(module, 7)).toEqual([
      { change: "insert-block", block: module },
      { change: "append-board-event", workspaceId: "ws_1", event: { version: 1, at: 7, actor: ENGINE, event } },
    ]);
  });
});
