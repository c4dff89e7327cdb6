import type { Block, Pipeline } from "@millrace/contracts";
import type { RunSummary, SpendTotal } from "@millrace/kernel";
import { money } from "./money.logic.js";
import { ago, oneLine, short, table } from "../output/format.logic.js";

const TITLE_CHARS = 60;
const MODULE_CHARS = 24;

/** Columns of a table of tasks beside those that it always has. */
export interface TaskColumns {
  /** The modules the tasks live in are among them; they have a column where there are any. */
  readonly blocks?: readonly Block[];
  /** Spending by the task's id. */
  readonly costs?: ReadonlyMap<string, SpendTotal> | null;
}

/** Tasks as a table. */
export function taskLines(tasks: readonly Block[], { blocks = [], costs = null }: TaskColumns = {}): readonly string[] {
  const cost = (text: string): readonly string[] => (costs === null ? [] : [text]);
  const modules = new Map(blocks.flatMap(({ id, level, title }) => (level === "module" ? [[id, title] as const] : [])));
  const module = (text: string): readonly string[] => (modules.size === 0 ? [] : [text]);
  return table([
    ["TASK", "STATUS", "DONE", "RUN", ...cost("COST"), ...module("MODULE"), "TITLE"],
    ...tasks.map((task) => [
      task.id,
      task.merged === null ? task.status.replace("_", " ") : `merged ${short(task.merged.commit)}`,
      `${Math.round(task.progress * 100)}%`,
      task.runId ?? "-",
      ...cost(money(costs?.get(task.id)?.settledMicros ?? 0)),
      ...module(oneLine((task.parentId === null ? undefined : modules.get(task.parentId)) ?? "-", MODULE_CHARS)),
      oneLine(task.title, TITLE_CHARS),
    ]),
  ]);
}

export function runListLines(runs: readonly RunSummary[], titles: ReadonlyMap<string, string>, now: number): readonly string[] {
  return table([
    ["RUN", "STATUS", "STARTED", "CHANGED", "TASK"],
    ...runs.map((run) => [
      run.id,
      run.status,
      ago(run.createdAt, now),
      ago(run.updatedAt, now),
      oneLine(titles.get(run.blockId) ?? run.blockId, TITLE_CHARS),
    ]),
  ]);
}

export function pipelineLines(pipelines: readonly Pipeline[], standard: string): readonly string[] {
  return table([
    ["PIPELINE", "NAME", "STEPS"],
    ...pipelines.map((pipeline) => [
      `${pipeline.id}${pipeline.id === standard ? " *" : ""}`,
      oneLine(pipeline.name, 40),
      pipeline.steps.map((step) => `${step.kind}${step.approval === null ? "" : " (asks)"}${step.enabled ? "" : " (off)"}`).join(" → "),
    ]),
  ]);
}
