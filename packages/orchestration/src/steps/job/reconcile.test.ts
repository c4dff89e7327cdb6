import { blueprintSchema, type Block } from "@millrace/contracts";
import { describe, expect, it } from "vitest";
import { emptyBlock } from "../../platform/empty-block.js";
import { reconcile } from "./reconcile.logic.js";

const block = (over: Partial<Block>): Block =>
  emptyBlock({ id: "mod_a", workspaceId: "ws_a", level: "module", parentId: "svc_a", title: "Cart", createdAt: 1, ...over });
const service = block({ id: "svc_a", level: "service", parentId: null, title: "Shop" });
const map = (...modules: readonly { name: string; summary?: string; references?: readonly string[] }[]) =>
  blueprintSchema.parse({ name: "Shop", modules });

describe("a service and its map", () => {
  it("SCN-01 S2 finds a module by its key, whatever people call it", () => {
    const renamed = block({ title: "Basket", blueprintKey: "cart", generatedText: "holds items" });
    expect(reconcile(service, [renamed], map({ name: " CART ", summary: "holds items" }))).toEqual({ missing: [], changed: [], stale: [] });
    const { missing } = reconcile(service, [renamed], map({ name: "Basket" }));
    expect(missing).toEqual([{ title: "Basket", blueprintKey: "basket", generatedText: "", references: [] }]);
  });

  it("SCN-01 takes a module that people made for the one it names, by its title", () => {
    const { missing, changed } = reconcile(service, [block({})], map({ name: "cart", summary: "holds items" }));
    expect(missing).toEqual([]);
    expect(changed.map(({ patch }) => patch)).toEqual([{ blueprintKey: "cart", generatedText: "holds items" }]);
  });

  it("SCN-01 S1 refreshes its own text and paths only, and says nothing twice", () => {
    const written = block({ description: "by a person", blueprintKey: "cart", generatedText: "old", references: ["src/cart"] });
    const { changed } = reconcile(service, [written], map({ name: "Cart", summary: "new", references: ["src/basket"] }));
    expect(changed).toEqual([{ block: written, patch: { generatedText: "new", references: ["src/basket"] } }]);
    expect(reconcile(service, [written], map({ name: "Cart" })).changed).toEqual([]);
  });

  it("SCN-01 S4 marks what it names no longer, once, and takes the mark back; what people made is not marked", () => {
    const gone = block({ blueprintKey: "cart" });
    const own = block({ id: "mod_b", title: "Own" });
    expect(reconcile(service, [gone, own], map()).stale).toEqual([gone]);
    const marked = { ...gone, isStale: true };
    expect(reconcile(service, [marked], map()).stale).toEqual([]);
    expect(reconcile(service, [marked], map({ name: "Cart" })).changed).toEqual([{ block: marked, patch: { isStale: false } }]);
  });

  it("SCN-01 names a module once, however often the map does", () => {
    expect(reconcile(service, [], map({ name: "Cart" }, { name: "cart ", summary: "again" })).missing).toHaveLength(1);
  });
});
