/** What every launch says, whichever way the agent is spoken to. */
interface LaunchBase {
  /** Short name, shown to people and recorded as the model label `agent:<name>`. */
  readonly name: string;
  /** Program and arguments; no shell in between. */
  readonly argv: readonly [string, ...string[]];
  /** Extra variables. The child inherits nothing of the host but PATH and LANG. */
  readonly env?: Readonly<Record<string, string>>;
  /** Extra variables whose values are secret: never written to disk, redacted from transcripts and errors. */
  readonly secrets?: Readonly<Record<string, string>>;
  /** `private` (default): an empty home inside the job's folder. `user`: the host user's, for agents that need their login. */
  readonly home?: "private" | "user";
  /** One line that tells how to install the program. */
  readonly installHint: string;
}

/** A coding agent that speaks the Agent Client Protocol on stdin and stdout. */
export interface AcpLaunch extends LaunchBase {
  readonly via: "acp";
  /** Session mode to choose; ignored by agents that do not offer it. */
  readonly mode?: string;
  /** One line that tells how to log in. */
  readonly loginHint: string;
}

/** Any program: the prompt goes in, the exit code says whether its turn completed. `{prompt_file}` in `argv` is replaced by a path. */
export interface CommandLaunch extends LaunchBase {
  readonly via: "command";
  readonly prompt: "stdin" | "file";
}

/** How an agent is started. Pure data, safe to keep in a settings file once `secrets` is left out. */
export type AgentLaunch = AcpLaunch | CommandLaunch;

/** Placeholder in the arguments of a plain command. */
export const PROMPT_FILE = "{prompt_file}";
