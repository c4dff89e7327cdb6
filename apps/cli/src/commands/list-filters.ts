import type { Block } from "@millrace/contracts";
import type { RunSummary } from "@millrace/kernel";
import { Option, type Command } from "commander";

/** Options that narrow a list of tasks or runs. */
export interface ListFilters {
  readonly status?: string;
  readonly service?: string;
  readonly type?: string;
}

const TASK_STATUSES = ["planned", "ready", "in_progress", "blocked", "pr_ready", "done", "merged"] as const;
const RUN_STATUSES = ["live", "running", "waiting", "paused", "stopping", "done", "failed", "cancelled"] as const;
const LIVE: readonly string[] = ["running", "waiting", "paused", "stopping"];

export function withTaskFilters(command: Command): Command {
  return withFilters(command, TASK_STATUSES);
}

export function withRunFilters(command: Command): Command {
  return withFilters(command, RUN_STATUSES);
}

function withFilters(command: Command, statuses: readonly string[]): Command {
  return command
    .addOption(new Option("--status <status>", "only those in this status").choices(statuses))
    .option("--service <service>", "only those of this service, by its title or its id (default: the board's)")
    .addOption(new Option("--type <type>", "only this kind of work").choices(["feature", "bug", "document", "spike"]));
}

/** Tasks that the options leave. */
export function filterTasks(tasks: readonly Block[], { status, type }: ListFilters): readonly Block[] {
  return tasks.filter(
    (task) =>
      (status === undefined || (status === "merged" ? task.merged !== null : task.status === status)) &&
      (type === undefined || task.taskType === type),
  );
}

/** Runs that the options leave; `tasks` are those of the service. */
export function filterRuns(runs: readonly RunSummary[], tasks: ReadonlyMap<string, Block>, filters: ListFilters): readonly RunSummary[] {
  const { status, service, type } = filters;
  return runs.filter(
    (run) =>
      (status === undefined || run.status === status || (status === "live" && LIVE.includes(run.status))) &&
      (service === undefined || tasks.has(run.blockId)) &&
      (type === undefined || tasks.get(run.blockId)?.taskType === type),
  );
}
