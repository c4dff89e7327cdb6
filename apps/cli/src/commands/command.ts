import { MillraceError } from "@millrace/kernel";
import { InvalidArgumentError, type Command } from "commander";
import type { ExitCode } from "../exit-codes.js";
import type { Io } from "../io.js";
import { createAppContainer, type Cradle } from "../wiring/container.js";
import { TOKEN_VARIABLE } from "../person/token-file.js";
import { DATABASE_VARIABLE } from "../wiring/database.js";
export { boardOf } from "../board/find.js";

/** Implementation of a command. Resolves with the exit code of the process. */
export type Handler = (app: Cradle) => Promise<ExitCode>;

/** The program that commands register at, and the way they are executed. */
export interface Cli {
  readonly program: Command;
  /** Runs a handler with a container of its own, and disposes the container. `options` are the parsed ones. */
  readonly execute: (options: CommonOptions, handler: Handler) => Promise<void>;
}

/** Options that several commands share. */
export interface CommonOptions {
  readonly json?: boolean | undefined;
  readonly quiet?: boolean | undefined;
  readonly as?: string | undefined;
  readonly agent?: string | undefined;
  readonly database?: string | undefined;
  readonly tokenFile?: string | undefined;
}

/** The registration point of the commands; `done` receives the exit code of the executed one. */
export function createCli(io: Io, program: Command, done: (code: ExitCode) => void): Cli {
  return {
    program,
    async execute(options, handler) {
      const container = createAppContainer(io, {
        json: options.json === true,
        quiet: options.quiet === true,
        as: options.as ?? null,
        agent: options.agent ?? null,
        database: options.database ?? null,
        tokenFile: options.tokenFile ?? null,
      });
      try {
        done(await handler(container.cradle));
      } finally {
        await container.dispose();
      }
    },
  };
}

/** Adds a command with the options that every command has. */
export function addCommand(parent: Command, usage: string, description: string): Command {
  return parent
    .command(usage)
    .description(description)
    .option("--json", "print JSON, nothing else")
    .option("--database <url>", `postgres://... of a board that is not in SQLite (default: ${DATABASE_VARIABLE})`);
}

/** Adds `--as`, for commands that act in the name of a user. */
export function withActor(command: Command): Command {
  return command.option("--as <name>", "who you are (default: your user name)");
}

/** Adds `--as` and `--token-file`, for commands that only a person may give: what merges, what is spent, what stands before a merge. */
export function withPerson(command: Command): Command {
  return withActor(command).option(
    "--token-file <file>",
    `file of your token, where there is no terminal to ask at (default: ${TOKEN_VARIABLE})`,
  );
}

/** Adds `--quiet`, for commands whose result scripts go on with. */
export function withQuiet(command: Command): Command {
  return command.option("-q, --quiet", "print ids alone, one a line");
}

/** Adds `--run` and `--agent`, for commands that may drive the run afterwards. */
export function withDriving(command: Command): Command {
  return command
    .option("--run", "drive the run afterwards, like: millrace run")
    .option("--agent <agent>", "agent to use with --run")
    .hook("preAction", (_, action) => {
      const { run, agent } = action.opts<{ readonly run?: boolean; readonly agent?: string }>();
      if (agent !== undefined && run !== true)
        throw new MillraceError("validation", "--agent is for the driving, and nothing is driven", {
          fix: "add --run, or leave --agent out",
        });
    });
}

/** Collects the values of a repeatable option. */
export function collect(value: string, before: readonly string[]): readonly string[] {
  return [...before, value];
}

/** Parses the number of a step, a whole number from 1. */
export function stepNumber(text: string): number {
  const value = Number(text);
  if (Number.isInteger(value) && value >= 1) return value;
  throw new InvalidArgumentError("a step is a whole number from 1.");
}
