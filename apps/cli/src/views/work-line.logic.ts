import type { RunView } from "@millrace/contracts";
import { oneLine, short } from "../output/format.logic.js";
import type { Colours } from "../output/output.js";
import { paintState } from "./paint.js";

/** One line about a run that a worker moved: time, run, and where it stands. */
export function workLine(view: RunView, at: Date, colours: Colours): string {
  const time = colours.dim(at.toISOString().slice(11, 19));
  return `${time}  ${view.id}  ${oneLine(view.task.title, 40)}: ${standing(view, colours)}`;
}

function standing(view: RunView, colours: Colours): string {
  switch (view.status) {
    case "done":
      return paintState(colours, "done", view.merged === null ? "done" : `merged as ${short(view.merged)}`);
    case "failed":
      return paintState(colours, "failed", `failed: ${oneLine(view.failure?.message ?? "", 160)}`);
    case "cancelled":
      return paintState(colours, "cancelled");
    case "waiting":
      return paintState(colours, "waiting", `waits for a person; see it with: millrace show ${view.id}`);
    case "paused":
      return paintState(colours, "paused", `paused: ${oneLine(view.paused?.message ?? "", 160)}`);
    case "running":
    case "stopping": {
      const step = view.steps.find(({ state }) => state === "running" || state === "stopping");
      const doing = step === undefined ? view.status : `step ${step.number} (${step.kind}) ${step.doing ?? step.state}`;
      return `${doing}; ${view.steps.filter(({ state }) => state === "done").length} of ${view.steps.length} steps done`;
    }
  }
}
