import type { Command } from "commander";
import { Option } from "commander";
import { Argument } from "commander";
import { completionScript, shells, type CompletionNode, type Shell } from "../views/completion.logic.js";
import { EXIT } from "../exit-codes.js";
import type { Cli, CommonOptions } from "./command.js";

/** Registers `completion`: a script for the shell, made from the commands that there are. */
export function registerCompletion({ program, execute }: Cli): void {
  program
    .command("completion")
    .description("print a script that completes commands and options in your shell")
    .addArgument(new Argument("<shell>", "your shell").choices(shells))
    .addOption(new Option("--json", "print JSON, nothing else"))
    .action((shell: Shell, options: CommonOptions) =>
      execute(options, async ({ output }) => {
        const script = completionScript(shell, nodeOf(program));
        output.document({ shell, script });
        output.line(script.trimEnd());
        return EXIT.fine;
      }),
    );
}

function nodeOf(command: Command): CompletionNode {
  const help = command.createHelp();
  return {
    name: command.name(),
    about: command.description(),
    options: help
      .visibleOptions(command)
      .flatMap(({ long, description, argChoices }) => (long == null ? [] : [{ name: long, about: description, values: argChoices ?? [] }])),
    values: command.registeredArguments.flatMap(({ argChoices }) => argChoices ?? []),
    children: command.commands.map(nodeOf),
  };
}
