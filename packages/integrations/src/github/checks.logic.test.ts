import { describe, expect, it } from "vitest";
import { fromCheckRun, fromStatus, newestChecks, withExpected } from "./checks.logic.js";
import type { CheckRun, CommitStatus } from "./shapes.schema.js";

const run = (more: Partial<CheckRun> = {}): CheckRun => ({
  id: 1,
  node_id: "CR_1",
  name: "unit",
  status: "completed",
  conclusion: "success",
  html_url: "https://github.com/acme/project/runs/1",
  details_url: null,
  completed_at: "2026-01-02T03:04:05Z",
  output: { title: null, summary: null, text: null },
  app: { id: 15368 },
  ...more,
});
const status = (state: string): CommitStatus => ({
  node_id: "SC_1",
  context: "ci/legacy",
  state,
  description: "All fine",
  target_url: null,
  updated_at: "2026-01-02T03:04:05Z",
});

describe("a check run", () => {
  it.each(["success", "failure", "neutral", "cancelled", "skipped", "timed_out", "action_required", "stale"] as const)(
    "that ended as %s says so",
    (conclusion) => {
      expect(fromCheckRun(run({ conclusion })).check).toMatchObject({
        status: "completed",
        conclusion,
        completedAt: Date.UTC(2026, 0, 2, 3, 4, 5),
      });
    },
  );

  it.each([
    ["startup_failure", "failure"],
    ["something new", "action_required"],
    [null, "action_required"],
  ])("that ended as %s is never green", (conclusion, expected) => {
    expect(fromCheckRun(run({ conclusion })).check.conclusion).toBe(expected);
  });

  it.each(["queued", "in_progress", "waiting", "requested", "pending", "something new"])(
    "that is %s has no conclusion, whatever it carries",
    (state) => {
      expect(fromCheckRun(run({ status: state })).check).toMatchObject({
        status: state === "in_progress" ? "in_progress" : "queued",
        conclusion: null,
        completedAt: null,
      });
    },
  );

  it("tells what it printed, the end of it", () => {
    const output = { title: "2 failed", summary: "x".repeat(5000), text: "the end" };
    const { summary } = fromCheckRun(run({ output })).check;
    expect(summary).toHaveLength(4000);
    expect(summary?.endsWith("x\nthe end")).toBe(true);
  });
});

describe("a commit status", () => {
  it.each([
    ["pending", "in_progress", null],
    ["success", "completed", "success"],
    ["failure", "completed", "failure"],
    ["error", "completed", "failure"],
    ["something new", "completed", "failure"],
  ])("%s is %s, %s", (state, expected, conclusion) => {
    expect(fromStatus(status(state)).check).toMatchObject({ name: "ci/legacy", status: expected, conclusion });
  });
});

describe("the newest report of a check", () => {
  const ids = (...runs: readonly Partial<CheckRun>[]) =>
    newestChecks(runs.map((more) => fromCheckRun(run({ node_id: String(more.id), ...more })))).map(({ id }) => id);

  it("F:A5 is that of the later run of one App and name, in any order", () => {
    expect(ids({ id: 1, conclusion: "failure" }, { id: 2 })).toEqual(["2"]);
    expect(ids({ id: 2, status: "queued", conclusion: null }, { id: 1 })).toEqual(["2"]);
  });

  it("F:A5 is kept for each App, and for a commit status of the name", () => {
    expect(ids({ id: 1, app: { id: 7 } }, { id: 2, app: { id: 8 } }, { id: 3, app: null })).toEqual(["1", "2", "3"]);
    const both = [fromCheckRun(run({ app: null })), fromStatus({ ...status("failure"), context: "unit" })];
    expect(newestChecks(both)).toEqual(both);
  });
});

describe("checks the base asks for", () => {
  it("wait to be reported", () => {
    const checks = withExpected(
      [fromCheckRun(run())],
      [
        { name: "unit", app: null },
        { name: "e2e", app: null },
      ],
    );
    expect(checks.map(({ name, status: state }) => [name, state])).toEqual([
      ["unit", "completed"],
      ["e2e", "queued"],
    ]);
  });

  it("of one App are not answered by another's check of that name", () => {
    expect(withExpected([fromCheckRun(run())], [{ name: "unit", app: 15368 }])).toHaveLength(1);
    expect(withExpected([fromCheckRun(run({ app: { id: 666 } }))], [{ name: "unit", app: 15368 }])).toHaveLength(2);
    expect(withExpected([fromStatus({ ...status("success"), context: "unit" })], [{ name: "unit", app: 15368 }])).toHaveLength(2);
  });
});
