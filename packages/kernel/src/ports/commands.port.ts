/** One program to run: arguments, folder, environment, limits. */
export interface CommandRequest {
  /** Program and arguments; no shell in between. */
  readonly argv: readonly [string, ...string[]];
  readonly cwd: string;
  /** The whole environment of the child; nothing is inherited. */
  readonly env: Readonly<Record<string, string>>;
  readonly timeoutMs: number;
  /** Bytes of output kept, from the end. */
  readonly keepBytes: number;
}

/** How a program ended. A non-zero exit or a time-out is a result, not an error. */
export interface CommandResult {
  readonly exit: { readonly code: number | null; readonly signal: string | null };
  readonly timedOut: boolean;
  /** stdout and stderr in the order they came, the last `keepBytes` of them. */
  readonly output: string;
}

/** Runs one program in its own process group; on time-out or abort the whole group is gone before it resolves. */
export interface CommandRunner {
  run(request: CommandRequest, signal: AbortSignal): Promise<CommandResult>;
}
