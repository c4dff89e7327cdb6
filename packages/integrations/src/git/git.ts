import { spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { devNull } from "node:os";
import { LONGEST_TIMER_MS, MillraceError } from "@millrace/kernel";
import type { GitProtocol } from "./remote-url.logic.js";
import { moveCredentialsToEnvironment, redactUrls } from "./remote-url.logic.js";

/** Author of the commits that Millrace makes. The domain is reserved, so the address never receives mail. */
export const GIT_IDENTITY = { name: "Millrace", email: "agent@millrace.invalid" } as const;

/** Options of one git command. */
export interface GitOptions {
  /** Standard input. */
  readonly input?: string | Uint8Array;
  /** Exit codes that are not failures. Default: only 0. */
  readonly accept?: readonly number[];
  /** Transports that this command may use. Default: none, so no command reaches a remote unintentionally. */
  readonly protocols?: readonly GitProtocol[];
  /** Variables added to the clean environment; they override it. */
  readonly env?: Readonly<Record<string, string>>;
  /** Time in ms after which the command's process group is killed. Default 120,000. */
  readonly timeoutMs?: number;
  /** Bytes of output to read before the command is stopped, successfully. Default: more than 32 MiB is a failure. */
  readonly cutAt?: number;
}

/** Output of one git command. */
export interface GitOutput {
  readonly code: number;
  readonly stdout: string;
  /** True if there was more output than `cutAt`. */
  readonly cut: boolean;
}

/** Git bound to one repository, or to none. Branch on exit codes and plumbing output, never on text for people. */
export interface Git {
  /**
   * Runs one command.
   * @throws MillraceError `git_missing`; `git_failed`; `forge_failed` for a remote over a network; `repository_missing`
   * if the folder does not exist; `repository_invalid` if a local command did not finish in a work tree, or failed in a quarantine;
   * `unavailable` if a signal ended git.
   */
  run(args: readonly string[], options?: GitOptions): Promise<GitOutput>;
  /** Standard output without the last line break. */
  text(args: readonly string[], options?: GitOptions): Promise<string>;
  /** True for exit code 0, false for 1; any other is a failure. */
  ask(args: readonly string[], options?: GitOptions): Promise<boolean>;
  /** NUL-separated output (`-z`) as a list. */
  list(args: readonly string[], options?: GitOptions): Promise<string[]>;
}

/** The repository of git commands. `gitDir` is always explicit: git would search for it in the folders above. */
export interface GitLocation {
  /** Default: no repository. */
  readonly gitDir?: string;
  /** Default: none, as for a bare repository. */
  readonly workTree?: string;
  /** Time in ms for a command that names none. Default 120,000. */
  readonly timeoutMs?: number;
  /** The repository holds objects that an agent made: a local command that fails there says that they are unusable. Default: false. */
  readonly quarantine?: boolean;
}

/**
 * Working directory of commands without a repository. Git searches the folders above, and the configuration of a
 * repository planted in a temporary folder would apply.
 */
const NEUTRAL_FOLDER = "/";
const TIMEOUT_MS = 120_000;
const MAX_BYTES = 32 * 1024 * 1024;
const STDERR_BYTES = 64 * 1024;
/** Longest single block of memory of a command in a quarantine, where one small object can unpack to any size. */
const QUARANTINE_MEMORY_BYTES = 1024 * 1024 * 1024;
/** Characters of standard error in an error's details, counted from the end. */
const STDERR_TAIL = 700;

/**
 * Settings that override a repository's own configuration. Hooks, file-system monitors and signing programs are
 * commands that the repository's owner chose; none of them may run when Millrace uses the repository.
 */
const FIXED_CONFIG = [
  ["core.hooksPath", devNull],
  ["core.fsmonitor", "false"],
  ["core.attributesFile", devNull],
  ["core.excludesFile", devNull],
  ["commit.gpgSign", "false"],
  ["tag.gpgSign", "false"],
  ["push.gpgSign", "false"],
  ["gc.auto", "0"],
  ["maintenance.auto", "false"],
  ["core.quotePath", "false"],
  ["submodule.recurse", "false"],
] as const;

/** Search path for programs. Git gets no other variable of this process's environment. */
export function searchPath(): string {
  return process.env["PATH"] ?? "/usr/local/bin:/usr/bin:/bin";
}

/** The environment of every git command, with the transports that it may use. */
export function gitEnvironment(protocols: readonly GitProtocol[]): Record<string, string> {
  return {
    PATH: searchPath(),
    HOME: devNull,
    LC_ALL: "C",
    GIT_CONFIG_NOSYSTEM: "1",
    GIT_CONFIG_GLOBAL: devNull,
    GIT_ATTR_NOSYSTEM: "1",
    GIT_TERMINAL_PROMPT: "0",
    GIT_OPTIONAL_LOCKS: "0",
    // A planted replace ref would show another history than the one that is pushed.
    GIT_NO_REPLACE_OBJECTS: "1",
    GIT_ALLOW_PROTOCOL: protocols.join(":"),
    GIT_AUTHOR_NAME: GIT_IDENTITY.name,
    GIT_AUTHOR_EMAIL: GIT_IDENTITY.email,
    GIT_COMMITTER_NAME: GIT_IDENTITY.name,
    GIT_COMMITTER_EMAIL: GIT_IDENTITY.email,
  };
}

/** The settings that override a repository's own, as variables of git's environment. */
export function gitSettings(): Record<string, string> {
  const numbered = FIXED_CONFIG.flatMap(([name, value], at) => [
    [`GIT_CONFIG_KEY_${String(at)}`, name],
    [`GIT_CONFIG_VALUE_${String(at)}`, value],
  ]);
  return { GIT_CONFIG_COUNT: String(FIXED_CONFIG.length), ...Object.fromEntries(numbered) };
}

/** Binds git to a repository, or to none (for `init`, `clone`, `ls-remote`). */
export function gitAt(location: GitLocation = {}): Git {
  const prefix = [
    ...FIXED_CONFIG.flatMap(([name, value]) => ["-c", `${name}=${value}`]),
    ...(location.gitDir === undefined ? [] : [`--git-dir=${location.gitDir}`]),
    ...(location.workTree === undefined ? [] : [`--work-tree=${location.workTree}`]),
  ];
  const run: Git["run"] = (args, options = {}) =>
    runGit(prefix, args, location, { timeoutMs: location.timeoutMs ?? TIMEOUT_MS, ...options });
  return {
    run,
    text: async (args, options) => (await run(args, options)).stdout.replace(/\n$/, ""),
    ask: async (args, options) => (await run(args, { ...options, accept: [0, 1] })).code === 0,
    list: async (args, options) => (await run(args, options)).stdout.split("\0").filter((entry) => entry !== ""),
  };
}

interface GitExit {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
  /** Name of the signal that ended git. */
  readonly signal: string | null;
  readonly reason: "exit" | "timeout" | "cut" | "signal";
}

async function runGit(
  prefix: readonly string[],
  args: readonly string[],
  { gitDir, workTree, quarantine }: GitLocation,
  options: GitOptions & { readonly timeoutMs: number },
): Promise<GitOutput> {
  const cwd = workTree ?? gitDir ?? NEUTRAL_FOLDER;
  const command = `git ${args[0] ?? ""}`.trim();
  const env = quarantine === true ? { GIT_ALLOC_LIMIT: String(QUARANTINE_MEMORY_BYTES), ...options.env } : options.env;
  const exit = await spawnGit([...prefix, ...args], cwd, { ...options, ...(env === undefined ? {} : { env }) }).catch((error: unknown) => {
    throw startFailure(command, cwd, error);
  });
  if (exit.reason === "cut" && options.cutAt !== undefined) return { code: 0, stdout: exit.stdout, cut: true };
  if (exit.reason === "exit" && exit.code !== null && (options.accept ?? [0]).includes(exit.code))
    return { code: exit.code, stdout: exit.stdout, cut: false };
  // Objects that an agent made can crash git; a Ctrl-C, or a kill elsewhere, says nothing about the repository.
  if (exit.reason === "signal" && (quarantine !== true || endedFromOutside(exit.signal)))
    throw new MillraceError("unavailable", `${command} was ended by a signal from outside`, { fix: "Try again.", details: { command } });
  // A named pipe in place of a file of the repository blocks git for good: a longer wait does not help.
  if (exit.reason === "timeout" && workTree !== undefined && options.protocols === undefined)
    throw new MillraceError(
      "repository_invalid",
      `${command} did not finish within ${String(options.timeoutMs / 1000)} s in '${workTree}'`,
      {
        fix: "Look for named pipes in that folder and in its .git, and remove them.",
        details: { command, path: workTree },
      },
    );
  const details = { command, exitCode: exit.code, reason: exit.reason, stderr: redactUrls(exit.stderr).slice(-STDERR_TAIL) };
  if (quarantine === true && options.protocols === undefined)
    throw new MillraceError("repository_invalid", `what came out of the clone is refused: ${command} ${endingOf(exit)}`, {
      fix: "Start the job again.",
      details,
    });
  // A failure over a network may pass, so it is `forge_failed`; any other is final.
  const code = options.protocols?.some((protocol) => protocol !== "file") === true ? "forge_failed" : "git_failed";
  throw new MillraceError(code, `${command} ${endingOf(exit)}`, {
    fix: "Run the same command in the repository to see it for yourself.",
    details,
  });
}

function endingOf({ reason, code, signal }: GitExit): string {
  switch (reason) {
    case "timeout":
      return "took too long and was stopped";
    case "cut":
      return "printed more than Millrace reads";
    case "signal":
      return `was ended by ${String(signal)}`;
    case "exit":
      return `ended with exit code ${String(code)}`;
  }
}

/** Signals that come from outside: of a terminal, a service manager, a person. */
const FROM_OUTSIDE: ReadonlySet<string> = new Set(["SIGINT", "SIGTERM", "SIGHUP", "SIGQUIT"]);

/** Whether a program was ended by a signal that says nothing about what it worked on. */
export function endedFromOutside(signal: string | null): boolean {
  return signal !== null && FROM_OUTSIDE.has(signal);
}

function startFailure(command: string, cwd: string, error: unknown): MillraceError {
  // Node reports a missing working directory and a missing program with the same code.
  if (!existsSync(cwd))
    return new MillraceError("repository_missing", `there is no folder '${cwd}' to run ${command} in`, {
      fix: "Check the repository's path.",
    });
  const code = error instanceof Error && "code" in error ? String(error.code) : "unknown";
  if (code === "ENOENT" || code === "EACCES")
    return new MillraceError("git_missing", "the program 'git' was not found or may not be run", {
      fix: "Install git 2.38 or newer and put it on PATH.",
      cause: error,
    });
  return new MillraceError("git_failed", `${command} could not be started (${code})`, {
    details: { command, exitCode: null },
    cause: error,
  });
}

/** Runs git in a process group of its own, so that a time-out takes its transports with it. */
function spawnGit(argv: readonly string[], cwd: string, options: GitOptions & { readonly timeoutMs: number }): Promise<GitExit> {
  return new Promise((resolve, reject) => {
    const command = moveCredentialsToEnvironment(argv);
    const env = { ...gitEnvironment(options.protocols ?? []), ...command.env, ...options.env };
    const child = spawn("git", command.argv, { cwd, env, stdio: ["pipe", "pipe", "pipe"], detached: true });
    const out: Buffer[] = [];
    const err: Buffer[] = [];
    const limit = options.cutAt ?? MAX_BYTES;
    let size = 0;
    let errSize = 0;
    let reason: GitExit["reason"] = "exit";
    const kill = (cause: GitExit["reason"]) => {
      if (reason !== "exit" || child.pid === undefined) return;
      reason = cause;
      try {
        process.kill(-child.pid, "SIGKILL");
      } catch {
        // The process is already gone; its close event follows.
      }
      // A process that left the group may hold the pipes open, and `close` would not come.
      child.stdout.destroy();
      child.stderr.destroy();
    };
    const timer = setTimeout(() => kill("timeout"), Math.min(options.timeoutMs, LONGEST_TIMER_MS));
    child.stdout.on("data", (chunk: Buffer) => {
      if (size < limit) out.push(chunk.subarray(0, limit - size));
      size += chunk.length;
      if (size > limit) kill("cut");
    });
    child.stderr.on("data", (chunk: Buffer) => {
      if (errSize < STDERR_BYTES) err.push(chunk);
      errSize += chunk.length;
    });
    // A command that ends before it has read its input breaks the pipe; its exit code tells the reason.
    child.stdin.on("error", () => undefined);
    child.once("error", (error) => {
      clearTimeout(timer);
      reject(error);
    });
    child.once("close", (code, signal) => {
      clearTimeout(timer);
      if (reason === "exit" && signal !== null) reason = "signal";
      resolve({ code, signal, stdout: Buffer.concat(out).toString("utf8"), stderr: Buffer.concat(err).toString("utf8"), reason });
    });
    child.stdin.end(options.input ?? "");
  });
}
