import picocolors from "picocolors";
import type { RunView } from "@millrace/contracts";
import { expect, it } from "vitest";
import { HEAD, runView, waitingView } from "./run-view.fixture.js";
import { workLine } from "./work-line.logic.js";

const at = new Date("2026-11-23T12:03:04Z");
const lineOf = (view: RunView): string => workLine(view, at, picocolors.createColors(false));

it("says when, which run, and where it stands now", () => {
  expect(lineOf(runView())).toMatch(/^12:03:04 {2}run_1 {2}Add a discount: step \d+ \(.+\) .+; \d+ of \d+ steps done$/);
});

it.each<[string, RunView, string]>([
  ["merged", runView({ status: "done", merged: HEAD }), "merged as aaaaaaaaaa"],
  ["done without a merger", runView({ status: "done" }), "done"],
  ["waiting", waitingView(), "waits for a person; see it with: millrace show run_1"],
])("says how a run that is %s rests", (_how, view, expected) => {
  expect(lineOf(view)).toBe(`12:03:04  run_1  Add a discount: ${expected}`);
});
