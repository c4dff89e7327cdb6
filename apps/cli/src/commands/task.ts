import { Option } from "commander";
import { blocksOf, boardOfService, findTask } from "../board/find.js";
import { EXIT, type ExitCode } from "../exit-codes.js";
import { descriptionFrom } from "../input.js";
import { taskLines } from "../views/list-lines.logic.js";
import type { Cradle } from "../wiring/container.js";
import { costsOf } from "../board/costs.js";
import { filterTasks, withTaskFilters, type ListFilters } from "./list-filters.js";
import { registerTaskChanges } from "./task-changes.js";
import { addCommand, boardOf, withActor, withQuiet, type Cli, type CommonOptions } from "./command.js";

interface TasksOptions extends CommonOptions, ListFilters {
  readonly cost?: boolean;
}

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
  withTaskFilters(withQuiet(addCommand(program, "tasks", "list the tasks of the board, oldest first")))
    .option("--cost", "with what each has cost so far, over all its runs")
    .action((options: TasksOptions) => execute(options, (app) => listTasks(app, options)));
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
  const board = await boardOf(app);
  const task = await findTask(board, id);
  const costs = await costsOf(board, [task]);
  output.document({ task, costs: Object.fromEntries(costs) });
  output.lines(taskLines([task], { costs }));
  if (task.description !== "") output.lines(["", task.description]);
  return EXIT.fine;
}

async function listTasks(app: Cradle, options: TasksOptions): Promise<ExitCode> {
  const { output } = app;
  const board = await boardOfService(await boardOf(app), options.service);
  const blocks = await blocksOf(board);
  const tasks = filterTasks(
    blocks.filter(({ level }) => level === "task"),
    options,
  );
  const costs = options.cost === true ? await costsOf(board, tasks) : null;
  output.document(costs === null ? { tasks } : { tasks, costs: Object.fromEntries(costs) });
  for (const { id } of tasks) output.id(id);
  if (tasks.length > 0) output.lines(taskLines(tasks, { blocks, costs }));
  else if (blocks.some(({ level }) => level === "task")) output.line("no task is like that; see all of them with: millrace tasks");
  else output.line('no task yet; add one with: millrace task add "what should be done"');
  return EXIT.fine;
}
