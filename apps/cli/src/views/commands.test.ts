import type { RunView } from "@millrace/contracts";
import { describe, expect, it } from "vitest";
import { answerCommands, diffCommand, nextCommands, runDocument } from "./commands.logic.js";
import { HEAD, runView, T0, waitingView, waitView } from "./run-view.fixture.js";

const failure = { kind: "agent", code: "x", message: "m", detail: null, hint: "h", step: 1, at: T0 } as const;

describe("the commands that answer", () => {
  it.each([
    ["an approval", waitView(), ["approve run_1 --digest dddddddddddd", 'changes run_1 --feedback "..."', 'reject run_1 --reason "..."']],
    [
      "a cap",
      waitView({ on: "cap", answers: ["extra-round", "proceed", "reject"] }),
      ["round run_1", "proceed run_1 --digest dddddddddddd", 'reject run_1 --reason "..."'],
    ],
    ["a free question", waitView({ on: "decision", answers: ["choose"] }), ['decide run_1 "..."']],
    ["an offered choice", waitView({ on: "decision", answers: ["choose"], options: ["it's fine"] }), ["decide run_1 'it'\\''s fine'"]],
  ])("%s", (_what, wait, commands) => {
    expect(answerCommands(waitingView(wait))).toEqual(commands.map((command) => `millrace ${command}`));
  });

  it("begin with the findings where a review waits", () => {
    const review = { iteration: 1, stage: "asking" as const, findings: "1 finding" };
    const view = waitingView(waitView({ on: "review", answers: ["incorporate", "proceed", "reject"] }), { review });
    expect(answerCommands(view).map((command) => command.split(" ")[1])).toEqual(["review", "incorporate", "proceed", "reject"]);
  });

  it("are none where nothing is asked", () => {
    expect(answerCommands(runView())).toEqual([]);
  });
});

describe("the commands that come next", () => {
  it.each<[string, RunView, readonly string[]]>([
    ["a live run", runView(), ["millrace run", "millrace watch run_1", "millrace stop run_1"]],
    ["a stopping run", runView({ status: "stopping" }), ["millrace run"]],
    [
      "a failed run",
      runView({ status: "failed", failure }),
      ["millrace logs run_1 --step 2", "millrace retry run_1", "millrace restart run_1 --from 1"],
    ],
    ["a cancelled run", runView({ status: "cancelled" }), ["millrace run blk_1"]],
    ["a merged run", runView({ status: "done", merged: HEAD }), ["git pull millrace main"]],
    [
      "a run merged on GitHub",
      runView({ status: "done", merged: HEAD, repository: { forge: "github", id: "acme/shop", base: "trunk" }, pullRequest: null }),
      ["git pull origin trunk"],
    ],
    ["a finished run without a merger", runView({ status: "done" }), ["millrace diff blk_1", "millrace merge blk_1"]],
    ["F:E2 a finished run that changed nothing", runView({ status: "done", pullRequest: null }), []],
  ])("%s", (_what, view, commands) => {
    expect(nextCommands(view)).toEqual(commands);
    expect(runDocument(view).next).toEqual(commands);
  });
});

it("shows a change that is to be merged by its head and base, and no other", () => {
  const merge = { on: "merge", subject: `${"a".repeat(40)}+${"b".repeat(40)}` } as const;
  expect(diffCommand(merge)).toBe("git fetch millrace && git diff bbbbbbbbbbbb...aaaaaaaaaaaa");
  expect(diffCommand({ ...merge, on: "approval" })).toBeNull();
});
