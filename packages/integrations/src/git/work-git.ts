import { join } from "node:path";
import { MillraceError, type CommandResult, type CommandRunner, type SandboxLimits } from "@millrace/kernel";
import { endedFromOutside, gitEnvironment, gitPrefix } from "./git.js";
import { redactUrls } from "./remote-url.logic.js";

/** Options of one git command in a work folder. */
export interface WorkGitOptions {
  /** Text for standard input. */
  readonly input?: string;
  /** Exit codes that are not failures. Default: only 0. */
  readonly accept?: readonly number[];
  /** Variables added to the clean environment; they override it. */
  readonly env?: Readonly<Record<string, string>>;
  /** Longest output, in bytes. Default 8 MiB. */
  readonly maxBytes?: number;
}

/** Output of one git command in a work folder: what a folder that an agent wrote makes git say. */
export interface WorkGitOutput {
  readonly code: number;
  readonly stdout: Uint8Array;
}

/** Git in the work folder of a job, run in a sandbox of its own that sees nothing but this folder. Its output is a claim, not a fact. */
export interface WorkGit {
  /**
   * Runs one git command.
   * @throws MillraceError `repository_invalid` if it did not finish, printed too much, or ended in any other way than `accept` names.
   */
  git(args: readonly string[], options?: WorkGitOptions): Promise<WorkGitOutput>;
  /** Standard output without the last line break. */
  text(args: readonly string[], options?: WorkGitOptions): Promise<string>;
  /** NUL-separated output (`-z`) as a list. */
  list(args: readonly string[], options?: WorkGitOptions): Promise<readonly string[]>;
  /** Removes the lock files that a killed git left. */
  clearLocks(): Promise<void>;
}

const TIMEOUT_MS = 120_000;
const MAX_BYTES = 8 * 1024 * 1024;
/** Bytes of standard error that are kept, from the end. */
const KEEP_BYTES = 700;
const LIMITS: SandboxLimits = { memoryBytes: 2 ** 31, processes: 256, privateBytes: 2 ** 28, fileBytes: 2 ** 32 };

/** Binds git to a work folder. `timeoutMs`: longest command, default 120,000. */
export function workGit(commands: CommandRunner, folder: string, timeoutMs = TIMEOUT_MS): WorkGit {
  const prefix = gitPrefix({ gitDir: join(folder, ".git"), workTree: folder });
  const run = async (argv: readonly [string, ...string[]], options: WorkGitOptions): Promise<CommandResult> =>
    commands.run(
      {
        argv,
        cwd: folder,
        env: { ...gitEnvironment([]), ...options.env },
        timeoutMs,
        keepBytes: KEEP_BYTES,
        profile: { work: { path: folder, access: "write" }, visible: [], doors: [], limits: LIMITS },
        stdin: new TextEncoder().encode(options.input ?? ""),
        stdout: { maxBytes: options.maxBytes ?? MAX_BYTES },
      },
      new AbortController().signal,
    );
  const git: WorkGit["git"] = async (args, options = {}) => {
    const result = await run(["git", ...prefix, ...args], options);
    const { code } = result.exit;
    if (code !== null && !result.timedOut && !result.overflowed && (options.accept ?? [0]).includes(code))
      return { code, stdout: result.stdout };
    throw failureOf(`git ${args[0] ?? ""}`, folder, timeoutMs, result);
  };
  const text: WorkGit["text"] = async (args, options) => new TextDecoder().decode((await git(args, options)).stdout).replace(/\n$/, "");
  return {
    git,
    text,
    list: async (args, options) => (await text(args, options)).split("\0").filter((entry) => entry !== ""),
    async clearLocks() {
      // What cannot be removed is met again by git, whose failure is the one that is told.
      await run(["find", ".git", "-name", "*.lock", "-not", "-path", ".git/objects/*", "-delete"], {});
    },
  };
}

function failureOf(command: string, folder: string, timeoutMs: number, result: CommandResult): MillraceError {
  const { exit, timedOut, overflowed, output } = result;
  if (!timedOut && !overflowed && endedFromOutside(exit.signal))
    return new MillraceError("unavailable", `${command} was ended by a signal from outside`, { fix: "Try again.", details: { command } });
  const how = timedOut
    ? `did not finish within ${String(timeoutMs / 1000)} s`
    : overflowed
      ? "printed more than Millrace reads"
      : exit.signal === null
        ? `ended with exit code ${String(exit.code)}`
        : `was ended by ${exit.signal}`;
  return new MillraceError("repository_invalid", `${command} ${how} in '${folder}'`, {
    fix: "Start the job again; what the agent left there cannot be used.",
    details: { command, path: folder, exitCode: exit.code, stderr: redactUrls(output) },
  });
}
