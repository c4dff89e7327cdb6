import { MillraceError } from "@millrace/kernel";
import { localOwner } from "@millrace/orchestration";
import { Option, type Command } from "commander";
import { findTask } from "../board/find.js";
import { EXIT, type ExitCode } from "../exit-codes.js";
import { descriptionFrom } from "../input.js";
import type { Cradle } from "../wiring/container.js";
import { addCommand, boardOf, withActor, withQuiet, type Cli, type CommonOptions } from "./command.js";

interface EditOptions extends CommonOptions {
  readonly title?: string;
  readonly description?: string;
  readonly file?: string;
  readonly pipeline?: string;
  readonly type?: string;
  readonly module?: string;
  readonly model?: string;
  readonly testIn?: string;
}

/** Value of an option that clears what was set. */
const NONE = "none";

/** Registers `task edit` and `task remove`. */
export function registerTaskChanges(task: Command, { execute }: Cli): void {
  withQuiet(withActor(addCommand(task, "edit <task>", "change a task that no live run works on; what is left out stays")))
    .option("--title <title>", "its title")
    .option("-d, --description <text>", "what should be done, in full; `-` reads it from standard input")
    .option("-f, --file <file>", "read the description from a file, or from standard input with `-`")
    .option("--pipeline <id>", `pipeline of this task, or \`${NONE}\` for the board's`)
    .addOption(new Option("--type <type>", "what kind of work it is").choices(["feature", "bug", "document", "spike"]))
    .option("--module <title>", `module of the service the task moves into once it is merged, or \`${NONE}\``)
    .option("--model <model>", `model its agents use, or \`${NONE}\` for that of each kind`)
    .addOption(new Option("--test-in <where>", "where a tester brings the service up").choices(["local", "ephemeral"]))
    .action((id: string, options: EditOptions) => execute(options, (app) => editTask(app, id, options)));
  withQuiet(
    withActor(addCommand(task, "remove <task>", "stop a task's run and take it off the board; its runs and its branch stay")),
  ).action((id: string, options: CommonOptions) => execute(options, (app) => removeTask(app, id)));
}

async function editTask(app: Cradle, text: string, options: EditOptions): Promise<ExitCode> {
  const { output, runtime, actor } = app;
  const description = await descriptionFrom(app.io, options);
  const { title, type, testIn } = options;
  const input = {
    ...(title === undefined ? {} : { title }),
    ...(description === undefined ? {} : { description }),
    ...(type === undefined ? {} : { taskType: type }),
    ...(testIn === undefined ? {} : { testEnvironment: testIn }),
    ...clearable("pipelineId", options.pipeline),
    ...clearable("moduleName", options.module),
    ...clearable("modelId", options.model),
  };
  if (Object.keys(input).length === 0)
    throw new MillraceError("validation", "nothing is to be changed", {
      fix: "say what, for example: millrace task edit <task> --title ...",
    });
  const found = await findTask(await boardOf(app), text);
  const { board } = await runtime.open();
  const task = await board.update({ workspaceId: found.workspaceId, blockId: found.id, input, actor });
  output.document({ task });
  output.id(task.id);
  output.line(`changed ${task.id}  ${task.title}`);
  return EXIT.fine;
}

function clearable(name: string, value: string | undefined): Readonly<Record<string, string | null>> {
  return value === undefined ? {} : { [name]: value === NONE ? null : value };
}

async function removeTask(app: Cradle, text: string): Promise<ExitCode> {
  const { output, runtime, actor } = app;
  const task = await findTask(await boardOf(app), text);
  const { call } = await runtime.open();
  await call("board.remove", localOwner(actor), { workspaceId: task.workspaceId, blockId: task.id }, { ifMatch: "*" });
  output.document({ removed: task.id });
  output.id(task.id);
  output.line(`removed ${task.id}  ${task.title}`);
  if (task.runId !== null) output.line(`its runs stay readable, the last one with: millrace show ${task.runId}`);
  return EXIT.fine;
}
