import { taskLimitSchema, workspaceSettingsSchema, type Block } from "@millrace/contracts";
import fc from "fast-check";
import type { z } from "zod";
import { describe, expect, it } from "vitest";
import { decisionInput, taskBlock } from "../../spec/defaults.js";
import { placementOf, runLimit } from "./task-limit.logic.js";

const someService: Block = { ...taskBlock, id: "blk_service", level: "service", parentId: null };
type Limit = z.input<typeof taskLimitSchema>;
const limits = (taskLimit: Limit, patch: Partial<Block> = {}, service: Block | null = someService) =>
  runLimit(decisionInput({ block: { ...taskBlock, ...patch }, service, settings: workspaceSettingsSchema.parse({ taskLimit }) }));

describe("runLimit", () => {
  it("off: none", () => {
    expect(limits({ mode: "off" })).toBeNull();
  });

  it("SET-03 counts only what the mode in force says, and keeps the other numbers", () => {
    const kept = { shared: 3, perType: { feature: 1 } };
    expect(limits({ mode: "off", ...kept })).toBeNull();
    expect(limits({ mode: "shared", ...kept })).toMatchObject({ taskType: null, max: 3 });
    expect(limits({ mode: "per-type", ...kept }, { taskType: "feature" })).toMatchObject({ taskType: "feature", max: 1 });
    expect(taskLimitSchema.safeParse({ mode: "shared" }).success).toBe(false);
  });

  it("shared: one number for all tasks of the service, whatever their type", () => {
    for (const taskType of ["feature", "bug", "document", "spike"] as const)
      expect(limits({ mode: "shared", shared: 3 }, { taskType })).toEqual({ serviceId: "blk_service", taskType: null, max: 3 });
  });

  it("per type: its own number; a type without one is not limited", () => {
    const limit: Limit = { mode: "per-type", perType: { bug: 2 } };
    expect(limits(limit, { taskType: "bug" })).toEqual({ serviceId: "blk_service", taskType: "bug", max: 2 });
    expect(limits(limit, { taskType: "feature" })).toBeNull();
  });

  it("only tasks of a service are counted and limited: what a limit counts is where the run is placed", () => {
    const levels = fc.constantFrom<Block["level"]>("service", "module", "task");
    const types = fc.constantFrom<Block["taskType"]>("feature", "bug", "document", "spike");
    const limit = fc.oneof(
      fc.record({ mode: fc.constant("shared" as const), shared: fc.integer({ min: 1, max: 9 }) }),
      fc.record({ mode: fc.constant("per-type" as const), perType: fc.record({ feature: fc.constant(1), bug: fc.constant(2) }) }),
    );
    fc.assert(
      fc.property(levels, types, limit, fc.boolean(), (level, taskType, taskLimit, inService) => {
        const service = inService ? someService : null;
        const found = limits(taskLimit, { level, taskType }, service);
        const placed = placementOf({ block: { ...taskBlock, level, taskType }, service });
        expect(placed).toEqual(level === "task" ? { serviceId: service?.id ?? null, taskType } : { serviceId: null, taskType: null });
        expect(found === null || (level === "task" && inService)).toBe(true);
        expect(found?.serviceId ?? placed.serviceId).toBe(placed.serviceId);
        expect([null, placed.taskType]).toContain(found?.taskType ?? null);
      }),
    );
  });
});
