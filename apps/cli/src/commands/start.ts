import { findTask } from "../board/find.js";
import { EXIT, type ExitCode } from "../exit-codes.js";
import type { Cradle } from "../wiring/container.js";
import { addCommand, boardOf, withActor, type Cli, type CommonOptions } from "./command.js";

interface StartOptions extends CommonOptions {
  readonly pipeline?: string;
}

/** Registers `start`, which starts runs and leaves the driving to workers. */
export function registerStart({ program, execute }: Cli): void {
  withActor(addCommand(program, "start <tasks...>", "start runs of tasks and leave them to the workers (see: millrace work)"))
    .option("--pipeline <id>", "pipeline to run (default: the task's, else the board's)")
    .action((tasks: readonly string[], options: StartOptions) => execute(options, (app) => start(app, tasks, options)));
}

/** Starts the runs in the given order. The first refusal ends it; the runs before it are started and printed. */
async function start(app: Cradle, names: readonly string[], options: StartOptions): Promise<ExitCode> {
  const { output, project, runtime, actor } = app;
  const board = await boardOf(app);
  const { execution } = await runtime.open();
  // Every task is looked up before the first run is started.
  const tasks = [];
  for (const name of names) tasks.push(await findTask(board, name));
  for (const task of tasks) {
    const pipelineId = options.pipeline ?? task.pipelineId ?? project.config.pipeline;
    const run = await execution.start({ workspaceId: board.workspaceId, blockId: task.id, pipelineId, actor });
    output.document({ type: "started", runId: run.id, task: task.id });
    output.line(`started ${run.id}  ${task.title}; follow it with: millrace watch ${run.id}`);
  }
  return EXIT.fine;
}
