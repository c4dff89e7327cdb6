import { MillraceError, type RunSummary } from "@millrace/kernel";
import { findTask, runsOf, tasksOf } from "../board/find.js";
import { EXIT, type ExitCode } from "../exit-codes.js";
import { drive, isMovable, reportRest, type DriveScope, type FollowedRun } from "../follow/drive.js";
import type { Cradle } from "../wiring/container.js";
import { runSeveral } from "./run-several.js";
import { addCommand, boardOf, withActor, type Cli, type CommonOptions } from "./command.js";

interface RunOptions extends CommonOptions {
  readonly pipeline?: string;
}

export function registerRun({ program, execute }: Cli): void {
  withActor(
    addCommand(
      program,
      "run [tasks...]",
      "run the pipelines of tasks here until they rest, and drive no other run; without a task: go on with what is due, or start the one open task",
    ),
  )
    .option("--agent <agent>", "claude, codex, gemini, opencode, or the command line of an ACP agent")
    .option("--pipeline <id>", "pipeline to run (default: the task's, else the board's)")
    .action((tasks: readonly string[], options: RunOptions) => execute(options, (app) => runNamed(app, tasks, options)));
}

function runNamed(app: Cradle, tasks: readonly string[], options: RunOptions): Promise<ExitCode> {
  const [first, ...others] = tasks;
  if (first === undefined) return runDue(app, options);
  return others.length === 0 ? runTask(app, first, options) : runSeveral(app, tasks, options);
}

async function runTask(app: Cradle, text: string, options: RunOptions): Promise<ExitCode> {
  const { output, project, runtime, actor } = app;
  const board = await boardOf(app);
  const { workspaceId } = board;
  const task = await findTask(board, text);
  const { execution } = await runtime.open();
  const live = await board.store.runs.liveOfBlock(workspaceId, task.id);
  if (live !== null) {
    output.note(`'${task.title}' has the live run ${live.id} (${live.status}); going on with it`);
    if (options.pipeline !== undefined) output.note("--pipeline is left aside: a run keeps the pipeline it started with");
    return takeUp(app, [live], "followed");
  }
  const pipelineId = options.pipeline ?? task.pipelineId ?? project.config.pipeline;
  return drive(app, async () => {
    const run = await execution.start({ workspaceId, blockId: task.id, pipelineId, actor });
    return [{ address: { workspaceId, runId: run.id }, seen: 0 }];
  });
}

async function runDue(app: Cradle, options: RunOptions): Promise<ExitCode> {
  if (options.pipeline !== undefined)
    throw new MillraceError("validation", "--pipeline needs a task", { fix: "name the task: millrace run <task> --pipeline <id>" });
  const { output } = app;
  const board = await boardOf(app);
  const live = await runsOf(board, { live: true });
  if (live.length > 0) return takeUp(app, live, "board");
  const open = (await tasksOf(board)).filter((task) => task.merged === null);
  const [only, ...others] = open.filter((task) => task.status === "planned");
  if (only !== undefined && others.length === 0 && open.length === 1) {
    output.note(`nothing is due; starting the one open task: ${only.title}`);
    return runTask(app, only.id, options);
  }
  output.document({ type: "nothing-due" });
  output.line("nothing is due: no run is under way");
  if (open.length > 0) output.line(`next: millrace run ${open[0]?.id}   (or see: millrace tasks)`);
  return EXIT.fine;
}

/** Goes on with live runs: those a driver can move are driven, those that wait for a person are shown. */
async function takeUp(app: Cradle, live: readonly RunSummary[], scope: DriveScope): Promise<ExitCode> {
  const { output, runtime } = app;
  const { execution } = await runtime.open();
  const due = live.filter((run) => isMovable(run.status));
  const waiting = live.filter((run) => !isMovable(run.status));
  for (const run of due) output.note(`taking up ${run.id} (${run.status})`);
  if (due.length === 0)
    return reportRest(app, await Promise.all(waiting.map(({ workspaceId, id }) => execution.get({ workspaceId, runId: id }))));
  for (const run of waiting) output.note(`${run.id} waits for a person; see it with: millrace show ${run.id}`);
  const followed = due.map(({ workspaceId, id, revision }): FollowedRun => ({ address: { workspaceId, runId: id }, seen: revision }));
  return drive(app, async () => followed, scope);
}
