import { spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { devNull } from "node:os";
import { MillraceError } from "@millrace/kernel";
import type { GitProtocol } from "./remote-url.logic.js";
import { redactUrls, withQuietCredentials } from "./remote-url.logic.js";

/** Who commits when Millrace does it itself. The address can never receive mail. */
export const GIT_IDENTITY = { name: "Millrace", email: "agent@millrace.invalid" } as const;

export interface GitOptions {
  /** Text for standard input. */
  readonly input?: string;
  /** Exit codes that are answers, not failures. Default: 0 only. */
  readonly accept?: readonly number[];
  /** Transports this one command may use. Default: none at all, so no command reaches out by surprise. */
  readonly protocols?: readonly GitProtocol[];
  /** Extra environment; last word over the clean one. */
  readonly env?: Readonly<Record<string, string>>;
  /** Milliseconds until the command's process group is killed. Default 120,000. */
  readonly timeoutMs?: number;
  /** Stop reading after this many bytes and call it a success (`cut` is true). Default: 32 MiB, and more is a failure. */
  readonly cutAt?: number;
}

export interface GitOutput {
  readonly code: number;
  readonly stdout: string;
  /** Output went on after `cutAt`. */
  readonly cut: boolean;
}

/** git at one place. Branch on exit codes and plumbing output; never on text meant for people. */
export interface Git {
  /** @throws MillraceError `git_missing`, `git_failed`, `forge_failed` (a remote over a network), `repository_missing` (the folder is not there). */
  run(args: readonly string[], options?: GitOptions): Promise<GitOutput>;
  /** Standard output without the last line break. */
  text(args: readonly string[], options?: GitOptions): Promise<string>;
  /** Exit code 0 is yes, 1 is no, anything else fails. */
  ask(args: readonly string[], options?: GitOptions): Promise<boolean>;
  /** NUL-separated output (`-z`) as a list. */
  list(args: readonly string[], options?: GitOptions): Promise<string[]>;
}

/** `gitDir` is always named, never searched for: a folder that lost its `.git` must not be taken for part of a repository above it. */
export interface GitPlace {
  readonly gitDir?: string;
  readonly workTree?: string;
}

/** Where commands without a repository run: git searches upwards, and a repository planted in a temporary folder would bring its configuration. */
const NOWHERE = "/";
const TIMEOUT_MS = 120_000;
const MAX_BYTES = 32 * 1024 * 1024;
const STDERR_BYTES = 64 * 1024;
const STDERR_TAIL = 700;

/**
 * Settings that win over a repository's own configuration. A repository's hooks, monitors and signing programs are commands
 * that somebody else chose; none of them may run because Millrace looked at the repository.
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

/** Where programs are found: the one thing taken from the process's environment. */
export function searchPath(): string {
  return process.env["PATH"] ?? "/usr/local/bin:/usr/bin:/bin";
}

/** The environment of every git command. */
function gitEnvironment(protocols: readonly GitProtocol[]): Record<string, string> {
  return {
    PATH: searchPath(),
    HOME: devNull,
    LC_ALL: "C",
    GIT_CONFIG_NOSYSTEM: "1",
    GIT_CONFIG_GLOBAL: devNull,
    GIT_ATTR_NOSYSTEM: "1",
    GIT_TERMINAL_PROMPT: "0",
    GIT_OPTIONAL_LOCKS: "0",
    // A planted replace ref would show us another history than the one that gets pushed.
    GIT_NO_REPLACE_OBJECTS: "1",
    GIT_ALLOW_PROTOCOL: protocols.join(":"),
    GIT_AUTHOR_NAME: GIT_IDENTITY.name,
    GIT_AUTHOR_EMAIL: GIT_IDENTITY.email,
    GIT_COMMITTER_NAME: GIT_IDENTITY.name,
    GIT_COMMITTER_EMAIL: GIT_IDENTITY.email,
  };
}

/** git at a repository, or at no repository at all (`init`, `clone`, `ls-remote`). */
export function gitAt(place: GitPlace = {}): Git {
  const prefix = [
    ...FIXED_CONFIG.flatMap(([name, value]) => ["-c", `${name}=${value}`]),
    ...(place.gitDir === undefined ? [] : [`--git-dir=${place.gitDir}`]),
    ...(place.workTree === undefined ? [] : [`--work-tree=${place.workTree}`]),
  ];
  const cwd = place.workTree ?? place.gitDir ?? NOWHERE;
  const run: Git["run"] = (args, options = {}) => runGit(prefix, args, cwd, options);
  return {
    run,
    text: async (args, options) => (await run(args, options)).stdout.replace(/\n$/, ""),
    ask: async (args, options) => (await run(args, { ...options, accept: [0, 1] })).code === 0,
    list: async (args, options) => (await run(args, options)).stdout.split("\0").filter((entry) => entry !== ""),
  };
}

interface Ended {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
  /** `signal`: somebody else ended it, as a Ctrl-C in the moment of its start does; it says nothing about the repository. */
  readonly why: "exit" | "timeout" | "cut" | "signal";
}

async function runGit(prefix: readonly string[], args: readonly string[], cwd: string, options: GitOptions): Promise<GitOutput> {
  const command = `git ${args[0] ?? ""}`.trim();
  const ended = await spawnGit([...prefix, ...args], cwd, options).catch((error: unknown) => {
    throw startFailure(command, cwd, error);
  });
  if (ended.why === "cut" && options.cutAt !== undefined) return { code: 0, stdout: ended.stdout, cut: true };
  if (ended.why === "exit" && ended.code !== null && (options.accept ?? [0]).includes(ended.code))
    return { code: ended.code, stdout: ended.stdout, cut: false };
  if (ended.why === "signal")
    throw new MillraceError("unavailable", `${command} was ended by a signal from outside`, { fix: "Try again.", details: { command } });
  const how =
    ended.why === "timeout"
      ? "took too long and was stopped"
      : ended.why === "cut"
        ? "printed more than Millrace reads"
        : `ended with exit code ${String(ended.code)}`;
  // What a remote behind a network does not answer may pass; nothing else that git says does.
  const code = options.protocols?.some((protocol) => protocol !== "file") === true ? "forge_failed" : "git_failed";
  throw new MillraceError(code, `${command} ${how}`, {
    fix: "Read the details; run the same command in the repository to see it for yourself.",
    details: { command, exitCode: ended.code, reason: ended.why, stderr: redactUrls(ended.stderr).slice(-STDERR_TAIL) },
  });
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
function spawnGit(argv: readonly string[], cwd: string, options: GitOptions): Promise<Ended> {
  return new Promise((resolve, reject) => {
    const quiet = withQuietCredentials(argv);
    const env = { ...gitEnvironment(options.protocols ?? []), ...quiet.env, ...options.env };
    const child = spawn("git", quiet.argv, { cwd, env, stdio: ["pipe", "pipe", "pipe"], detached: true });
    const out: Buffer[] = [];
    const err: Buffer[] = [];
    const limit = options.cutAt ?? MAX_BYTES;
    let size = 0;
    let errSize = 0;
    let why: Ended["why"] = "exit";
    const kill = (because: Ended["why"]) => {
      if (why !== "exit" || child.pid === undefined) return;
      why = because;
      try {
        process.kill(-child.pid, "SIGKILL");
      } catch {
        // Already gone: its close event follows.
      }
    };
    const timer = setTimeout(() => kill("timeout"), options.timeoutMs ?? TIMEOUT_MS);
    child.stdout.on("data", (chunk: Buffer) => {
      if (size < limit) out.push(chunk.subarray(0, limit - size));
      size += chunk.length;
      if (size > limit) kill("cut");
    });
    child.stderr.on("data", (chunk: Buffer) => {
      if (errSize < STDERR_BYTES) err.push(chunk);
      errSize += chunk.length;
    });
    // A command that ends before it read its input breaks the pipe; its exit code says why.
    child.stdin.on("error", () => undefined);
    child.once("error", (error) => {
      clearTimeout(timer);
      reject(error);
    });
    child.once("close", (code, signal) => {
      clearTimeout(timer);
      if (why === "exit" && signal !== null) why = "signal";
      resolve({ code, stdout: Buffer.concat(out).toString("utf8"), stderr: Buffer.concat(err).toString("utf8"), why });
    });
    child.stdin.end(options.input ?? "");
  });
}
