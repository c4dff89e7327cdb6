import { MillraceError } from "@millrace/kernel";
import { describe, expect, it } from "vitest";
import { describeBoardEvent, requireService, requireTaskParent } from "./board.logic.js";

describe("the board", () => {
  it("describes its events by the names people gave", () => {
    expect(describeBoardEvent({ type: "block-added", blockId: "blk_1", level: "task", title: "Sort the list" })).toBe(
      "task 'Sort the list' added",
    );
  });

  it("has tasks in services and modules only", () => {
    requireTaskParent({ level: "service", title: "shop" });
    requireTaskParent({ level: "module", title: "cart" });
    expect(() => requireTaskParent({ level: "task", title: "a task" })).toThrow(MillraceError);
  });

  it("sets up tests for services only", () => {
    requireService({ level: "service", title: "shop" });
    for (const level of ["module", "task"] as const) expect(() => requireService({ level, title: "x" })).toThrow(/'x' is no service/);
  });
});
