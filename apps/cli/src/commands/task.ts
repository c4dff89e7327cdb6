import { Option } from "commander";
import { blocksOf, findTask } from "../board/find.js";
import { EXIT, type ExitCode } from "../exit-codes.js";
import { descriptionFrom } from "../input.js";
import { taskLines } from "../views/list-lines.logic.js";
import type { Cradle } from "../wiring/container.js";
import { registerTaskChanges } from "./task-changes.js";
import { addCommand, boardOf, withActor, withQuiet, type Cli, type CommonOptions } from "./command.js";

interface AddOptions extends CommonOptions {
  readonly description?: string;
  readonly file?: string;
  readonly pipeline?: string;
  readonly type?: string;
  readonly module?: string;
  readonly model?: string;
  readonly testIn?: string;
}

export function registerTask(cli: Cli): void {
  const { program, execute } = cli;
  const task = program.command("task").description("add tasks to the board, look at one, change or remove it");
  withQuiet(withActor(addCommand(task, "add <title>", "add a task")))
    .option("-d, --description <text>", "what should be done, in full; `-` reads it from standard input")
    .option("-f, --file <file>", "read the description from a file, or from standard input with `-`")
    .option("--pipeline <id>", "pipeline of this task (see: millrace pipelines)")
    .addOption(new Option("--type <type>", "what kind of work it is").choices(["feature", "bug", "document", "spike"]))
    .option("--module <title>", "module of the service the task moves into once it is merged")
    .option("--model <model>", "model its agents use, where the agent lets itself be told")
    .addOption(new Option("--test-in <where>", "where a tester brings the service up").choices(["local", "ephemeral"]))
    .action((title: string, options: AddOptions) => execute(options, (app) => addTask(app, title, options)));
  addCommand(task, "show <task>", "show a task and its last run's state").action((id: string, options: CommonOptions) =>
    execute(options, (app) => showTask(app, id)),
  );
  registerTaskChanges(task, cli);
  withQuiet(addCommand(program, "tasks", "list the tasks of the board")).action((options: CommonOptions) => execute(options, listTasks));
}

async function addTask(app: Cradle, title: string, options: AddOptions): Promise<ExitCode> {
  const { output, runtime, actor } = app;
  const description = (await descriptionFrom(app.io, options)) ?? "";
  const { workspaceId, serviceId } = await boardOf(app);
  const { board } = await runtime.open();
  const task = await board.addTask({
    workspaceId,
    parentId: serviceId,
    input: {
      title,
      description,
      pipelineId: options.pipeline ?? null,
      moduleName: options.module ?? null,
      modelId: options.model ?? null,
      ...(options.type === undefined ? {} : { taskType: options.type }),
      ...(options.testIn === undefined ? {} : { testEnvironment: options.testIn }),
    },
    actor,
  });
  output.document({ task });
  output.id(task.id);
  output.line(`added ${task.id}  ${task.title}`);
  output.line(`next: millrace run ${task.id}`);
  return EXIT.fine;
}

async function showTask(app: Cradle, id: string): Promise<ExitCode> {
  const { output } = app;
  const task = await findTask(await boardOf(app), id);
  output.document({ task });
  output.lines(taskLines([task]));
  if (task.description !== "") output.lines(["", task.description]);
  return EXIT.fine;
}

async function listTasks(app: Cradle): Promise<ExitCode> {
  const { output } = app;
  const blocks = await blocksOf(await boardOf(app));
  const tasks = blocks.filter(({ level }) => level === "task");
  output.document({ tasks });
  for (const { id } of tasks) output.id(id);
  output.lines(tasks.length === 0 ? ['no task yet; add one with: millrace task add "what should be done"'] : taskLines(tasks, blocks));
  return EXIT.fine;
}
