import type { Block, Pipeline } from "@millrace/contracts";
import type { RunSummary } from "@millrace/kernel";
import { ago, oneLine, short, table } from "../output/format.logic.js";

const TITLE_CHARS = 60;

export function taskLines(tasks: readonly Block[]): readonly string[] {
  return table([
    ["TASK", "STATUS", "DONE", "RUN", "TITLE"],
    ...tasks.map((task) => [
      task.id,
      task.merged === null ? task.status.replace("_", " ") : `merged ${short(task.merged.commit)}`,
      `${Math.round(task.progress * 100)}%`,
      task.runId ?? "-",
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
