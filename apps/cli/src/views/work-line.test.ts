import picocolors from "picocolors";
import type { Run } from "@millrace/contracts";
import { expect, it } from "vitest";
import { approvalWait, HEAD, run, step, T0 } from "./run.fixture.js";
import { runView } from "./run-view.logic.js";
import { workLine } from "./work-line.logic.js";

const at = new Date("2026-11-23T12:03:04Z");
const lineOf = (of: Run): string =>
  workLine(
    runView({ run: of, task: { id: "blk_1", title: "Add a discount" }, events: [], usage: [], subject: null, now: T0 }),
    at,
    picocolors.createColors(false),
  );

it("says when, which run, and where it stands now", () => {
  expect(lineOf(run())).toMatch(/^12:03:04 {2}run_1 {2}Add a discount: step \d+ \(.+\) .+; \d+ of \d+ steps done$/);
});

it.each<[string, Partial<Run>, string]>([
  ["merged", { phase: { is: "done", at: T0 }, merged: HEAD }, "merged as aaaaaaaaaa"],
  ["done without a merger", { phase: { is: "done", at: T0 }, merged: null }, "done"],
  [
    "waiting",
    { cursor: 0, steps: [step("architect", { activity: { is: "wait", wait: approvalWait() } })] },
    "waits for a person; see it with: millrace show run_1",
  ],
])("says how a run that is %s rests", (_how, given, expected) => {
  expect(lineOf(run(given))).toBe(`12:03:04  run_1  Add a discount: ${expected}`);
});
