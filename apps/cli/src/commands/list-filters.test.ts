import { blockSchema } from "@millrace/contracts";
import { expect, it } from "vitest";
import { filterRuns, filterTasks } from "./list-filters.js";

const task = (id: string, over: object) =>
  blockSchema.parse({
    id,
    workspaceId: "ws",
    level: "task",
    parentId: "svc",
    title: id,
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
    ...over,
  });
const pullRequest = { id: "1", number: 1, url: "x", branch: "b", base: "main" };
const sha = "a".repeat(40);
const merged = { pullRequest, commit: sha, head: sha, base: sha, at: 1, runId: "r" };
const tasks = [
  task("a", {}),
  task("b", { taskType: "bug", status: "blocked" }),
  task("c", { status: "done", merged }),
  task("d", { status: "done" }),
];
const run = (id: string, blockId: string, status: "running" | "failed" | "waiting") => ({
  id,
  workspaceId: "ws",
  blockId,
  status,
  pipeline: { id: "pl_1", digest: "d" },
  revision: 1,
  createdAt: 1,
  updatedAt: 1,
});
const runs = [run("1", "a", "running"), run("2", "b", "failed"), run("3", "gone", "waiting")];
const ids = (found: readonly { readonly id: string }[]): string => found.map(({ id }) => id).join("");

it.each([
  [{}, "abcd"],
  [{ status: "done" }, "cd"],
  [{ status: "merged" }, "c"],
  [{ type: "bug" }, "b"],
  [{ type: "bug", status: "planned" }, ""],
])("F:E9 tasks are filtered by %j", (filters, expected) => {
  expect(ids(filterTasks(tasks, filters))).toBe(expected);
});

it.each([
  [{}, "123"],
  [{ status: "live" }, "13"],
  [{ status: "failed" }, "2"],
  [{ type: "feature" }, "1"],
  [{ service: "shop" }, "12"],
])("F:E9 runs are filtered by %j", (filters, expected) => {
  expect(ids(filterRuns(runs, new Map(tasks.map((one) => [one.id, one])), filters))).toBe(expected);
});
