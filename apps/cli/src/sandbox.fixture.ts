/** A git repository in a temporary folder, and this very program as a process of its own in it. */
import { execFile, spawn, type ChildProcess, type ChildProcessByStdio } from "node:child_process";
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { Readable } from "node:stream";
import type { SampleScript } from "@millrace/executors";
import { projectPaths } from "./config/project-paths.js";
import type { Io } from "./io.js";
import { boardTokens, newToken } from "./person/board-tokens.js";
import { endOf } from "./person/enrol.js";
import { writeTokenFile } from "./person/token-file.js";
import { runCommandLine } from "./program.js";

export interface CommandResult {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

export interface Sandbox extends AsyncDisposable {
  readonly folder: string;
  path(...parts: readonly string[]): string;
  write(path: string, text: string): Promise<void>;
  git(...args: readonly string[]): Promise<string>;
  /** `git add` and `git commit` of everything. */
  commit(message: string): Promise<void>;
  cli(...args: readonly string[]): Promise<CommandResult>;
  /** The same in this process, which saves the start of another; `cli` where the process itself matters. */
  here(...args: readonly string[]): Promise<CommandResult>;
  /** The same with more variables in its environment. */
  hereAs(more: Readonly<Record<string, string>>, ...args: readonly string[]): Promise<CommandResult>;
  /** The same with a text on standard input. */
  hereWith(input: string, ...args: readonly string[]): Promise<CommandResult>;
  /** The same with more variables in its environment. */
  cliWith(more: Readonly<Record<string, string>>, ...args: readonly string[]): Promise<CommandResult>;
  /** The same from a folder below. */
  cliIn(below: string, ...args: readonly string[]): Promise<CommandResult>;
  /** Starts the program without waiting for its end. */
  start(...args: readonly string[]): ChildProcess;
  /** Starts another program of these sources in the folder. */
  startProgram(file: string, ...args: readonly string[]): ChildProcessByStdio<null, Readable, Readable>;
  /** Runs a shell script that has this program as `millrace`. */
  shell(script: string): Promise<CommandResult>;
  /** File of a token that the board of the folder takes for a person. */
  tokenOf(person: string): string;
  /** Command line of the sample agent with a script. */
  agent(script: SampleScript): Promise<string>;
}

const SOURCE_HOOK = new URL("../../../packages/executors/src/source-hook.ts", import.meta.url).href;
const MAIN = fileURLToPath(new URL("./main.ts", import.meta.url));
const FLAGS = ["--conditions=millrace-source", "--disable-warning=ExperimentalWarning", "--import", SOURCE_HOOK];

/** `more`: variables of the environment that the program runs in. */
export async function createSandbox(more: Readonly<Record<string, string>> = {}): Promise<Sandbox> {
  const root = await mkdtemp(join(tmpdir(), "millrace-cli-"));
  const folder = join(root, "my project");
  await mkdir(folder);
  const env = {
    PATH: process.env["PATH"] ?? "",
    HOME: root,
    MILLRACE_STATE: join(root, "state"),
    // The board takes the token that is named when it is made.
    MILLRACE_TOKEN_FILE: join(root, "token"),
    GIT_CONFIG_NOSYSTEM: "1",
    NO_COLOR: "1",
    ...more,
  };
  const git = async (...args: readonly string[]): Promise<string> => {
    const identity = ["-c", "user.name=Ada", "-c", "user.email=ada@millrace.invalid"];
    return (await promisify(execFile)("git", [...identity, ...args], { cwd: folder, env })).stdout.trim();
  };
  const write = async (path: string, text: string): Promise<void> => {
    await mkdir(dirname(join(folder, path)), { recursive: true });
    await writeFile(join(folder, path), text);
  };
  const startFile = (
    file: string,
    cwd: string,
    args: readonly string[],
    given: Readonly<Record<string, string>> = {},
  ): ChildProcessByStdio<null, Readable, Readable> =>
    spawn(process.execPath, [...FLAGS, file, ...args], {
      cwd,
      env: { ...env, ...given },
      stdio: ["ignore", "pipe", "pipe"],
      // A session of its own: without the terminal of the person who runs the tests.
      detached: true,
    });
  const startIn = (cwd: string, args: readonly string[], given: Readonly<Record<string, string>> = {}): ChildProcess =>
    startFile(MAIN, cwd, args, given);
  return {
    folder,
    path: (...parts) => join(folder, ...parts),
    write,
    git,
    async commit(message) {
      await git("add", "--all");
      await git("commit", "--quiet", "-m", message);
    },
    cli: (...args) => resultOf(startIn(folder, args)),
    here: (...args) => runHere({ cwd: folder, env, input: "" }, args),
    hereAs: (given, ...args) => runHere({ cwd: folder, env: { ...env, ...given }, input: "" }, args),
    hereWith: (input, ...args) => runHere({ cwd: folder, env, input }, args),
    cliWith: (given, ...args) => resultOf(startIn(folder, args, given)),
    cliIn: (below, ...args) => resultOf(startIn(join(folder, below), args)),
    start: (...args) => startIn(folder, args),
    startProgram: (file, ...args) => startFile(file, folder, args),
    async shell(script) {
      const bin = join(root, "bin");
      await mkdir(bin, { recursive: true });
      const words = [process.execPath, ...FLAGS, MAIN].map((word) => `'${word}'`).join(" ");
      await writeFile(join(bin, "millrace"), `#!/bin/sh\nexec ${words} "$@"\n`, { mode: 0o755 });
      const identity = {
        GIT_AUTHOR_NAME: "Ada",
        GIT_AUTHOR_EMAIL: "ada@millrace.invalid",
        GIT_COMMITTER_NAME: "Ada",
        GIT_COMMITTER_EMAIL: "ada@millrace.invalid",
      };
      const path = `${bin}:${env.PATH}`;
      return resultOf(
        spawn("sh", ["-c", script], {
          cwd: folder,
          env: { ...env, ...identity, PATH: path },
          stdio: ["ignore", "pipe", "pipe"],
          detached: true,
        }),
      );
    },
    tokenOf(person) {
      const file = join(root, `${person}.token`);
      const token = newToken();
      writeTokenFile(file, token);
      boardTokens(projectPaths(join(folder, ".millrace")).tokens).add(token, {
        name: "test",
        person,
        createdAt: Date.now(),
        expiresAt: endOf(Date.now(), 1),
      });
      return file;
    },
    async agent(script) {
      const path = join(root, "script.json");
      await writeFile(path, JSON.stringify(script));
      return `sample "${path}"`;
    },
    [Symbol.asyncDispose]: () => rm(root, { recursive: true, force: true, maxRetries: 5 }),
  };
}

async function runHere(
  { cwd, env, input }: Pick<Io, "cwd" | "env"> & { readonly input: string },
  args: readonly string[],
): Promise<CommandResult> {
  const texts = { stdout: "", stderr: "" };
  const io: Io = {
    cwd,
    env,
    out: { write: (text) => (texts.stdout += text) },
    err: { write: (text) => (texts.stderr += text) },
    in: Readable.from([input]),
    openTerminal: () => null,
    userName: "ada",
    onInterrupt: () => () => undefined,
    exit: (code) => {
      throw new Error(`the program ended itself with ${code}`);
    },
  };
  const code = await runCommandLine(io, args);
  return { code, ...texts };
}

/** A sandbox with one commit on `main`. */
export async function createRepository(
  files: Readonly<Record<string, string>> = { "readme.md": "sample\n" },
  more: Readonly<Record<string, string>> = {},
): Promise<Sandbox> {
  const sandbox = await createSandbox(more);
  await sandbox.git("init", "--quiet", "--initial-branch=main");
  for (const [path, text] of Object.entries(files)) await sandbox.write(path, text);
  await sandbox.commit("First");
  return sandbox;
}

export function resultOf(child: ChildProcess): Promise<CommandResult> {
  const texts = { stdout: "", stderr: "" };
  child.stdout?.setEncoding("utf8").on("data", (text: string) => (texts.stdout += text));
  child.stderr?.setEncoding("utf8").on("data", (text: string) => (texts.stderr += text));
  return new Promise((resolve, reject) => {
    child.once("error", reject);
    child.once("close", (code) => resolve({ code, ...texts }));
  });
}
