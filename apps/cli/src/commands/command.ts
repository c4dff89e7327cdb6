import { InvalidArgumentError, type Command } from "commander";
import type { ExitCode } from "../exit-codes.js";
import type { Io } from "../io.js";
import { createAppContainer, type Cradle } from "../wiring/container.js";
import { DATABASE_VARIABLE } from "../wiring/database.js";
import type { Board } from "../board/find.js";

/** What a command does, given its parts. Resolves with the exit code of the process. */
export type Handler = (app: Cradle) => Promise<ExitCode>;

/** Where commands register, and how they are run. */
export interface Cli {
  readonly program: Command;
  /** Runs a handler with a container of its own and disposes it. `options` are those commander parsed. */
  readonly execute: (options: CommonOptions, handler: Handler) => Promise<void>;
}

/** Options that more than one command knows. */
export interface CommonOptions {
  readonly json?: boolean | undefined;
  readonly as?: string | undefined;
  readonly agent?: string | undefined;
  readonly database?: string | undefined;
}

export function createCli(io: Io, program: Command, done: (code: ExitCode) => void): Cli {
  return {
    program,
    async execute(options, handler) {
      const container = createAppContainer(io, {
        json: options.json === true,
        as: options.as ?? null,
        agent: options.agent ?? null,
        database: options.database ?? null,
      });
      try {
        done(await handler(container.cradle));
      } finally {
        await container.dispose();
      }
    },
  };
}

/** A command with the options every command has. */
export function addCommand(parent: Command, usage: string, description: string): Command {
  return parent
    .command(usage)
    .description(description)
    .option("--json", "print JSON, nothing else")
    .option("--database <url>", `postgres://... of a board that is not in SQLite (default: ${DATABASE_VARIABLE})`);
}

/** For commands that a person answers for. */
export function withActor(command: Command): Command {
  return command.option("--as <name>", "who you are (default: your user name)");
}

export function withDriving(command: Command): Command {
  return command.option("--run", "drive the run afterwards, like: millrace run").option("--agent <agent>", "agent to use with --run");
}

export function collect(value: string, before: readonly string[]): readonly string[] {
  return [...before, value];
}

/** A whole number from 1, for steps as people count them. */
export function stepNumber(text: string): number {
  const value = Number(text);
  if (Number.isInteger(value) && value >= 1) return value;
  throw new InvalidArgumentError("a step is a whole number from 1.");
}

/** The board the command works on, with the runtime open. */
export async function boardOf({ project, runtime }: Cradle): Promise<Board> {
  const { store } = await runtime.open();
  return { store, workspaceId: project.config.workspaceId, serviceId: project.config.serviceId };
}
