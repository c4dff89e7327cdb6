import type { RunView, StepView } from "@millrace/contracts";
import type { JobProgress } from "@millrace/kernel";
import { duration, oneLine, short } from "../output/format.logic.js";
import type { Colours } from "../output/output.js";
import { mark, paintState } from "./paint.js";

const ITEM_MARKS = { pending: "○", in_progress: "●", completed: "✔" } as const;
/** Most subtasks that are shown of one job. */
const MAX_ITEMS = 12;

/** A run, and the subtasks of the job at work; `now` in epoch ms. */
export interface TreeInput {
  readonly view: RunView;
  readonly progress: JobProgress | null;
  readonly now: number;
}

/** The current state of a run in few lines, none wider than the terminal. */
export function treeLines(
  { view, progress, now }: TreeInput,
  colours: Colours,
  size: { readonly columns: number; readonly rows: number },
): readonly string[] {
  const width = Math.max(40, size.columns - 1);
  const head = `${view.id}  ${view.pipeline.name}  ${paintState(colours, view.status)}  ${duration((view.finishedAt ?? now) - view.startedAt)}`;
  const steps = view.steps.flatMap((step) => {
    const current = step.state === "running" || step.state === "stopping";
    return [stepLine(step, colours, width), ...(current && progress !== null ? itemLines(progress, colours, width) : [])];
  });
  const room = Math.max(5, size.rows - 4);
  const lines = [colours.bold(oneLine(view.task.title, width)), head, ...steps];
  return lines.length <= room ? lines : [...lines.slice(0, 2), colours.dim("…"), ...lines.slice(-(room - 3))];
}

function stepLine(step: StepView, colours: Colours, width: number): string {
  const notes = [
    step.doing,
    step.attempt > 1 ? `attempt ${step.attempt}` : null,
    step.verdict === null ? null : `${step.verdict.says} for ${short(step.verdict.head)}`,
    step.helpers.length === 0 ? null : `${step.helpers.length} repair${step.helpers.length === 1 ? "" : "s"}`,
    step.ratings.at(-1) === undefined ? null : `rated ${step.ratings.at(-1)?.rating}`,
    step.durationMs === null ? null : duration(step.durationMs),
  ].filter((note) => note !== null);
  const text = oneLine(notes.join(", "), width - 28);
  const name = `${String(step.number).padStart(2)} ${step.kind.padEnd(20)}`;
  return ` ${mark(colours, step.state)} ${step.state === "pending" ? colours.dim(name) : name} ${colours.dim(text)}`.trimEnd();
}

function itemLines(progress: JobProgress, colours: Colours, width: number): readonly string[] {
  const first = Math.max(0, Math.min(progress.items.length - MAX_ITEMS, progress.completed - 2));
  return progress.items.slice(first, first + MAX_ITEMS).map((item) => {
    const text = `${ITEM_MARKS[item.status]} ${oneLine(item.label, width - 12)}`;
    return `      ${item.status === "in_progress" ? colours.cyan(text) : colours.dim(text)}`;
  });
}

/** Subtasks as one line, for logs: `2 of 5 subtasks done, now: write the test`. */
export function progressLine(progress: JobProgress): string {
  const current = progress.items.find((item) => item.status === "in_progress");
  const done = `${progress.completed} of ${progress.total} subtasks done`;
  return current === undefined ? done : `${done}, now: ${oneLine(current.label, 120)}`;
}
