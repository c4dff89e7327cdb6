import { MillraceError } from "@millrace/kernel";
import { describe, expect, it } from "vitest";
import { emptyBlock } from "../../platform/empty-block.js";
import {
  changeOf,
  describeBoardEvent,
  moduleSlot,
  needsIdle,
  requireFieldsOf,
  requireService,
  requireTask,
  requireTaskParent,
} from "./board.logic.js";

const block = (level: "service" | "module" | "task", over: object = {}) =>
  emptyBlock({ id: "blk_1", workspaceId: "ws_1", level, parentId: null, title: "it", createdAt: 1, ...over });

describe("the board", () => {
  it("describes its events by the names people gave", () => {
    expect(describeBoardEvent({ type: "block-added", blockId: "blk_1", level: "task", title: "Sort the list" })).toBe(
      "task 'Sort the list' added",
    );
  });

  it("F:A3 says which setting of a service was changed, and that it has no CI", () => {
    const ci = { ci: "none" as const, requiredChecks: [] };
    const changed = { type: "service-changed", blockId: "blk_1" } as const;
    expect(describeBoardEvent(changed)).toBe("service blk_1 changed");
    expect(describeBoardEvent({ ...changed, checks: { before: null, after: ci } })).toBe("service blk_1 changed (checks: it has no CI)");
    const after = { forge: "git", id: "shop", base: "main" };
    expect(describeBoardEvent({ ...changed, testing: { before: null, after: null }, repository: { before: null, after } })).toBe(
      "service blk_1 changed (testing; repository: shop)",
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

  it("removes tasks only", () => {
    requireTask({ level: "task", title: "it" });
    expect(() => requireTask({ level: "module", title: "cart" })).toThrow(/'cart' is no task/);
  });

  it("BRD-05 gives each module a place of its own, in two columns", () => {
    expect([0, 1, 2].map(moduleSlot)).toEqual([
      { x: 24, y: 80 },
      { x: 304, y: 80 },
      { x: 24, y: 300 },
    ]);
  });
});

describe("what a change writes", () => {
  it("BRD-07 is what differs, and nothing when all is as it was", () => {
    const task = block("task", { agentConfig: { effort: "high" }, description: "Do it." });
    expect(changeOf(task, { title: "it", description: "Do that.", agentConfig: { effort: "high" } })).toEqual({ description: "Do that." });
    expect(changeOf(task, { title: "it", fields: {} })).toEqual({});
  });

  it("BRD-07 BRD-08 BRD-09 has no member of another level", () => {
    expect(() => changeOf(block("task"), { instanceSize: "large" })).toThrow(/a task, which has no instanceSize/);
    expect(() => changeOf(block("module"), { presetId: null })).toThrow(/a module, which has no presetId/);
    expect(() => changeOf(block("service"), { modelId: null })).toThrow(/a service, which has no modelId/);
    expect(changeOf(block("service"), { size: { w: 2, h: 1 } })).toEqual({ size: { w: 2, h: 1 } });
  });

  it("BRD-09 keeps the title of a module to 120 characters", () => {
    expect(changeOf(block("module"), { title: "x".repeat(120) })).toEqual({ title: "x".repeat(120) });
    expect(() => changeOf(block("module"), { title: "x".repeat(121) })).toThrow(/at most 120/);
    expect(changeOf(block("service"), { title: "x".repeat(121) })).toEqual({ title: "x".repeat(121) });
  });

  it("BRD-07 drops the fields of the type a task had, and takes those of its new one", () => {
    const bug = block("task", { taskType: "bug", fields: { severity: "low" } });
    expect(changeOf(bug, { taskType: "spike" })).toEqual({ taskType: "spike", fields: {} });
    expect(changeOf(bug, { taskType: "spike", fields: { timeboxHours: 4 } })).toEqual({ taskType: "spike", fields: { timeboxHours: 4 } });
    expect(() => changeOf(bug, { fields: { timeboxHours: 4 } })).toThrow(/type 'bug' has no timeboxHours/);
  });

  it("BRD-07 waits for a live run only where its agents have read what changes", () => {
    expect(needsIdle(block("task"), { title: "other" })).toBe(true);
    expect(needsIdle(block("task"), { agentConfig: {}, responsibleId: null, trackerComment: "on", trackerResolve: null })).toBe(false);
    expect(needsIdle(block("service"), { title: "other" })).toBe(false);
  });
});

it("BRD-06 each field of a task belongs to one type", () => {
  requireFieldsOf("feature", {});
  requireFieldsOf("bug", { severity: "high", stepsToReproduce: "Look." });
  requireFieldsOf("document", { docKind: "rfc" });
  requireFieldsOf("spike", { timeboxHours: 0 });
  expect(() => requireFieldsOf("feature", { severity: "high" })).toThrow(/type 'feature' has no severity/);
  expect(() => requireFieldsOf("document", { timeboxHours: 1 })).toThrow(/type 'document' has no timeboxHours/);
});
