import { eventsOfBoard, eventsOfReviews } from "@millrace/contracts";
import { describe, expect, it } from "vitest";
import { defineEvents, defineModule, ModuleList, type Module } from "./module.js";

const sweep = (name: string) => ({ name, run: () => Promise.resolve(0) });
const board = defineEvents(eventsOfBoard, ({ type, blockId }) => `${type} ${blockId}`);

describe("a module", () => {
  it("has no sweeps and no events unless it declares some", () => {
    const { sweeps, events } = defineModule({ name: "quiet", service: {} });
    expect(sweeps).toEqual([]);
    expect(events.types).toEqual([]);
    expect(events.describe({ type: "settings-changed" })).toBeNull();
  });

  it("describes its own events, and no other's", () => {
    expect(board.types).toEqual(eventsOfBoard.map(({ shape }) => shape.type.value));
    expect(board.describe({ type: "service-changed", blockId: "blk_1" })).toBe("service-changed blk_1");
    expect(board.describe({ type: "settings-changed" })).toBeNull();
  });
});

function listOf(...modules: readonly Module[]): ModuleList {
  const list = new ModuleList();
  for (const module of modules) list.add(module);
  return list;
}

describe("modules that are composed", () => {
  it("give out their services, list their sweeps in order, and describe what each owns", () => {
    const list = new ModuleList();
    expect(list.add(defineModule({ name: "one", service: 1, sweeps: [sweep("one.a")], events: board }))).toBe(1);
    expect(list.add(defineModule({ name: "two", service: "second", sweeps: [sweep("two.a")] }))).toBe("second");
    expect(list.sweeps.map(({ name }) => name)).toEqual(["one.a", "two.a"]);
    expect(list.describe({ type: "service-changed", blockId: "blk_1" })).toBe("service-changed blk_1");
    expect(list.describe({ type: "settings-changed" })).toBe("settings-changed");
  });

  it("are refused with everything that two of them declare", () => {
    const one = defineModule({ name: "one", service: {}, sweeps: [sweep("one.a"), sweep("b")], events: board });
    const two = defineModule({ name: "one", service: {}, sweeps: [sweep("b")], events: board });
    const compose = (): void => listOf(one, two).check();
    expect(compose).toThrow(expect.objectContaining({ code: "config_invalid" }));
    expect(compose).toThrow(`declared more than once: module 'one', sweep 'b', ${board.types.map((type) => `event '${type}'`).join(", ")}`);
  });

  it("are taken when all names differ", () => {
    const reviews = defineModule({ name: "reviews", service: {}, events: defineEvents(eventsOfReviews, ({ status }) => status) });
    expect(() => listOf(defineModule({ name: "board", service: {}, events: board }), reviews).check()).not.toThrow();
  });
});
