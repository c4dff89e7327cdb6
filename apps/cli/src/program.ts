import { readFileSync } from "node:fs";
import { MillraceError } from "@millrace/kernel";
import { Command, CommanderError } from "commander";
import { z } from "zod";
import { registerAnswers } from "./commands/answer.js";
import { registerChange } from "./commands/change.js";
import { registerConfig } from "./commands/config.js";
import { createCli } from "./commands/command.js";
import { registerDemo } from "./commands/demo.js";
import { registerDoctor } from "./commands/doctor.js";
import { registerInbox } from "./commands/inbox.js";
import { registerInit } from "./commands/init.js";
import { registerInspect } from "./commands/inspect.js";
import { registerLogs } from "./commands/logs.js";
import { registerPipeline } from "./commands/pipeline.js";
import { registerReview } from "./commands/review.js";
import { registerRun } from "./commands/run.js";
import { registerSandbox } from "./commands/sandbox.js";
import { registerSettings } from "./commands/settings.js";
import { registerStart } from "./commands/start.js";
import { registerClean } from "./commands/clean.js";
import { registerCompletion } from "./commands/completion.js";
import { registerStatus } from "./commands/status.js";
import { registerRunControl } from "./commands/run-control.js";
import { registerToken } from "./commands/token.js";
import { registerTrust } from "./commands/trust.js";
import { registerService } from "./commands/service.js";
import { registerTask } from "./commands/task.js";
import { registerWork } from "./commands/work.js";
import { EXIT, EXIT_MEANINGS, exitCodeOf, type ExitCode } from "./exit-codes.js";
import type { Io } from "./io.js";
import { asMillraceError } from "./output/error.logic.js";
import { exampleText } from "./views/examples.js";
import { createOutput } from "./output/output.js";

/** Runs one command line (without the program's own name). Resolves with the exit code; never rejects. */
export async function runCommandLine(io: Io, args: readonly string[]): Promise<ExitCode> {
  const result: { code: ExitCode } = { code: EXIT.fine };
  const output = createOutput(io, { json: args.includes("--json") });
  try {
    await buildProgram(io, (code) => (result.code = code)).parseAsync(args, { from: "user" });
    return result.code;
  } catch (error) {
    if (error instanceof CommanderError) return usageExit(error, output);
    const own = asMillraceError(error);
    output.error(own);
    return exitCodeOf(own.code);
  }
}

/** The commands and their options; `done` receives the exit code of the executed one. */
export function buildProgram(io: Io, done: (code: ExitCode) => void): Command {
  const program = new Command("millrace")
    .description("Durable pipelines of coding agents: a task on a board becomes a merged commit.")
    .version(ownVersion(), "-V, --version")
    // An option behind a command belongs to that command, also where a parent has an option of that name.
    .enablePositionalOptions()
    .exitOverride()
    .configureOutput({ writeOut: (text) => void io.out.write(text), writeErr: () => undefined })
    .configureHelp({ sortSubcommands: false })
    .addHelpText("after", helpEnd());
  const cli = createCli(io, program, done);
  for (const register of [
    registerDemo,
    registerInit,
    registerTrust,
    registerToken,
    registerSandbox,
    registerTask,
    registerService,
    registerPipeline,
    registerRun,
    registerStart,
    registerWork,
    registerStatus,
    registerInspect,
    registerLogs,
    registerChange,
    registerInbox,
    registerReview,
    registerAnswers,
    registerRunControl,
    registerConfig,
    registerSettings,
    registerDoctor,
    registerClean,
    registerCompletion,
  ])
    register(cli);
  for (const command of everyCommand(program))
    command
      .exitOverride()
      .configureOutput(program.configureOutput())
      .addHelpText("after", exampleText(pathOf(command)));
  return program;
}

/** The words behind the program's name that call a command. */
export function pathOf(command: Command): string {
  return command.parent?.parent == null ? command.name() : `${pathOf(command.parent)} ${command.name()}`;
}

/** The commands below one, at any depth. */
export function everyCommand(command: Command): readonly Command[] {
  return command.commands.flatMap((child) => [child, ...everyCommand(child)]);
}

function helpEnd(): string {
  const codes = EXIT_MEANINGS.map(([code, meaning]) => `  ${String(code).padStart(3)}  ${meaning}`).join("\n");
  return `
A run is named by its id, the start of its id, or 'last'; a task by its id or title, or the start of it ('reject-negative').
Start with: millrace demo   or, in your own repository: millrace init

Exit codes:
${codes}`;
}

/** Exit code of a CommanderError: help and version are answers, everything else is a usage error. */
function usageExit(error: CommanderError, output: ReturnType<typeof createOutput>): ExitCode {
  if (error.exitCode === 0) return EXIT.fine;
  if (error.code === "commander.help") {
    output.error(new MillraceError("validation", "no command was given", { fix: "see what there is with: millrace --help" }));
    return EXIT.usage;
  }
  const message = error.message
    .replace(/^error: /, "")
    .replace(/\s+/g, " ")
    .trim();
  output.error(new MillraceError("validation", message, { fix: "see how it is used with: millrace --help, or millrace <command> --help" }));
  return EXIT.usage;
}

const manifestSchema = z.object({ version: z.string() });

/** Version in the manifest of the package, which is one folder above the bundle and the sources. */
function ownVersion(): string {
  return manifestSchema.parse(JSON.parse(readFileSync(new URL("../package.json", import.meta.url), "utf8"))).version;
}
