import { blockSchema, budgetSchema } from "@millrace/contracts";
import picocolors from "picocolors";
import { expect, it } from "vitest";
import { statusLines } from "./status-lines.logic.js";
import { runView } from "./run-view.fixture.js";

const colours = picocolors.createColors(false);
const task = (id: string) =>
  blockSchema.parse({
    id,
    workspaceId: "ws",
    level: "task",
    parentId: "svc",
    title: `Title of ${id}`,
    description: "",
    status: "planned",
    progress: 0,
    runId: null,
    pullRequest: null,
    merged: null,
    repository: null,
    checks: null,
    presetId: null,
    pipelineId: null,
    createdAt: 1,
  });
const spent = { settledMicros: 1_200_000, reservedMicros: 50_000 };
const empty = { running: [], waiting: [], unmerged: [], next: [], spent, budget: budgetSchema.parse({}) };

it("F:E9 the status of an empty board names what it has spent and what to do", () => {
  expect(statusLines(empty, colours, 0)).toEqual([
    "nothing to do: add a task with millrace task add",
    "",
    "spent this month: $1.20 of $100.00, $0.05 reserved for calls in flight",
  ]);
});

it("F:E9 the status fits on a screen: long lists name the command that lists them", () => {
  const many = Array.from({ length: 30 }, (_, index) => task(`blk_${index}`));
  const view = runView();
  const budget = budgetSchema.parse({ monthlyMicros: null, runMicros: 2_000_000 });
  const lines = statusLines({ ...empty, running: [view], unmerged: [task("blk_x")], next: many, budget }, colours, view.startedAt);
  expect(lines.length).toBeLessThan(24);
  expect(lines).toContain("  … 22 more: millrace tasks --status planned");
  expect(lines).toContain("  blk_x  Title of blk_x: millrace merge blk_x");
  expect(lines.at(-1)).toBe("spent this month: $1.20 no monthly budget, $0.05 reserved for calls in flight; at most $2.00 a run");
});
