import type { RunView } from "@millrace/contracts";
import { duration, oneLine, short } from "../output/format.logic.js";
import type { Colours } from "../output/output.js";
import { nextCommands } from "./commands.logic.js";
import { waitLines } from "./run-lines.logic.js";

/** The way a run came to rest, and the commands that come next. */
export function restLines(view: RunView, colours: Colours): readonly string[] {
  const name = `${view.id}  ${oneLine(view.task.title, 100)}`;
  const took = view.finishedAt === null ? "" : ` after ${duration(view.finishedAt - view.startedAt)}`;
  switch (view.status) {
    case "done":
      return [colours.green(`${doneText(view)}${took}`), name, ...next(view)];
    case "failed":
      return [
        colours.red(`failed in step ${(view.failure?.step ?? 0) + 1}${took}: ${oneLine(view.failure?.message ?? "", 400)}`),
        name,
        ...(view.failure === null ? [] : [view.failure.hint]),
        ...next(view),
      ];
    case "cancelled":
      return [colours.red(`cancelled${took}: ${oneLine(view.cancelled?.reason ?? "", 200)}`), name, ...next(view)];
    case "waiting":
      return [colours.yellow("waits for a person"), name, ...waitLines(view, colours)];
    case "paused":
      return [colours.yellow(`paused: ${oneLine(view.paused?.message ?? "", 400)}`), name, ...pausedLines(view), ...next(view)];
    case "running":
    case "stopping":
      return [`${view.status}`, name, ...next(view)];
  }
}

function doneText({ merged, pullRequest }: RunView): string {
  if (merged !== null) return `merged as ${short(merged)}`;
  return pullRequest === null ? "done; it changed nothing, so there is nothing to merge" : "done, not merged: its pipeline has no merger";
}

function pausedLines({ id, paused }: RunView): readonly string[] {
  const until = paused?.until ?? null;
  return [
    until === null
      ? "it goes on when a person resumes it"
      : `it goes on by itself at ${new Date(until).toISOString()}, while a driver runs`,
    paused?.because === "budget" ? `raise the budget, then resume it: millrace resume ${id}` : `resume it now: millrace resume ${id}`,
  ];
}

function next(view: RunView): readonly string[] {
  return [`see it: millrace show ${view.id}`, ...nextCommands(view).map((command) => `next: ${command}`)];
}
