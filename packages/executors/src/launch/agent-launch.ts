import type { AgentModelSetup } from "./model-setup.js";

/** The part of a launch that does not depend on its protocol. */
interface LaunchBase {
  /** Short name, shown to people and recorded as the model label `agent:<name>`. */
  readonly name: string;
  /** Program and arguments, without a shell. */
  readonly argv: readonly [string, ...string[]];
  /** Extra environment variables. Of the host the process has PATH, LANG and the location of its certificates. */
  readonly env?: Readonly<Record<string, string>>;
  /** Extra environment variables with secret values: never written to disk, redacted from transcripts and errors. */
  readonly secrets?: Readonly<Record<string, string>>;
  /** `private` (default): an empty home in the folder of the job. `user`: the home of the host's user, for agents that need its login; no sandbox shows it, and there an agent needs a `model`. */
  readonly home?: "private" | "user";
  /** The way to its model out of a sandbox, by a door of the host. Outside of one the agent finds its own. Default: none. */
  readonly model?: AgentModelSetup;
  /** Absolute folders and files that the agent needs beside its program and what its arguments name; seen read-only in a sandbox. */
  readonly visible?: readonly string[];
  /** How to install the program, in one line. */
  readonly installHint: string;
}

/** A coding agent that speaks the Agent Client Protocol on stdin and stdout. */
export interface AcpLaunch extends LaunchBase {
  readonly via: "acp";
  /** Session mode to set, if the agent offers it. Default: the mode the agent starts in. */
  readonly mode?: string;
  /** How to log in, in one line. */
  readonly loginHint: string;
}

/** A program that reads a prompt and whose exit code says whether its turn completed: 0 when it did. */
export interface CommandLaunch extends LaunchBase {
  readonly via: "command";
  /** `stdin`: the prompt is written to stdin. `file`: `{prompt_file}` in `argv` is replaced by the path of a file with the prompt. */
  readonly prompt: "stdin" | "file";
}

/** The command line and the environment of an agent. Plain data; safe in a settings file without its `secrets`. */
export type AgentLaunch = AcpLaunch | CommandLaunch;

/** Placeholder in the arguments of a plain command. */
export const PROMPT_FILE = "{prompt_file}";
