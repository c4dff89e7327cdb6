import { statfs } from "node:fs/promises";
import { join } from "node:path";
import { MillraceError, throwUnwritable, type CommandResult, type CommandRunner, type SandboxLimits } from "@millrace/kernel";
import { endedFromOutside, gitEnvironment, gitSettings } from "./git.js";
import { redactUrls } from "./remote-url.logic.js";

/** A script around git, for one start of a sandbox. Git finds the clone by itself; hooks and monitors are off. */
export interface WorkScript {
  /** Of `sh`, with every failure as its own end (`set -e`). */
  readonly text: string;
  /** Its arguments: `$1` and so on. */
  readonly args: readonly string[];
  /** Text for standard input. Default: empty. */
  readonly input?: string;
  /** Exit codes that are not failures. Default: only 0. */
  readonly accept?: readonly number[];
  /** Variables added to the clean environment; they override it. */
  readonly env?: Readonly<Record<string, string>>;
  /** Longest output, in bytes. Default 8 MiB. */
  readonly maxBytes?: number;
}

/** What a folder that an agent wrote made git say: a claim, not a fact. */
export interface WorkOutput {
  readonly code: number;
  readonly stdout: Uint8Array;
}

/**
 * Git in the work folder of a job, in a sandbox that sees nothing but this folder.
 * @throws MillraceError `repository_invalid` if the script did not finish, printed too much, or ended in any other way than `accept` names;
 * `folder_unwritable` if it did so on a full disk, which is no work of the agent.
 */
export type WorkGit = (script: WorkScript) => Promise<WorkOutput>;

const TIMEOUT_MS = 120_000;
const MAX_BYTES = 8 * 1024 * 1024;
/** Bytes of standard error that are kept, from the end. */
const KEEP_BYTES = 700;
/** Room that git needs on the disk of a clone, in bytes. */
const LEAST_FREE_BYTES = 2 ** 20;
const LIMITS: SandboxLimits = { memoryBytes: 2 ** 31, processes: 256, privateBytes: 2 ** 28, fileBytes: 2 ** 32 };

/** Binds git to a work folder. `timeoutMs`: longest script, default 120,000. */
export function workGit(commands: CommandRunner, folder: string, timeoutMs = TIMEOUT_MS): WorkGit {
  const env = { ...gitEnvironment([]), ...gitSettings(), GIT_DIR: join(folder, ".git"), GIT_WORK_TREE: folder };
  return async (script) => {
    const result = await commands.run(
      {
        argv: ["sh", "-eu", "-c", script.text, "sh", ...script.args],
        cwd: folder,
        env: { ...env, ...script.env },
        timeoutMs,
        keepBytes: KEEP_BYTES,
        profile: { work: { path: folder, access: "write" }, visible: [], doors: [], limits: LIMITS },
        stdin: new TextEncoder().encode(script.input ?? ""),
        stdout: { maxBytes: script.maxBytes ?? MAX_BYTES },
      },
      new AbortController().signal,
    );
    const { code } = result.exit;
    if (code !== null && !result.timedOut && !result.overflowed && (script.accept ?? [0]).includes(code))
      return { code, stdout: result.stdout };
    if (!result.timedOut && !result.overflowed) await requireRoom(folder);
    throw failureOf(folder, timeoutMs, result);
  };
}

/** Git frees what it could not write in full, so that the disk has a little room again. */
async function requireRoom(folder: string): Promise<void> {
  const space = await statfs(folder).catch(() => null);
  if (space === null || space.bavail * space.bsize >= LEAST_FREE_BYTES) return;
  throwUnwritable(folder, Object.assign(new Error(`git failed in '${folder}'`), { code: "ENOSPC" }));
}

function failureOf(folder: string, timeoutMs: number, result: CommandResult): MillraceError {
  const { exit, timedOut, overflowed, output } = result;
  if (!timedOut && !overflowed && endedFromOutside(exit.signal))
    return new MillraceError("unavailable", "git was ended by a signal from outside", { fix: "Try again.", details: { path: folder } });
  const how = timedOut
    ? `did not finish within ${String(timeoutMs / 1000)} s`
    : overflowed
      ? "gave more than Millrace takes"
      : exit.signal === null
        ? `ended with exit code ${String(exit.code)}`
        : `was ended by ${exit.signal}`;
  return new MillraceError("repository_invalid", `git ${how} in '${folder}'`, {
    fix: "Start the job again; what the agent left there cannot be used.",
    details: { path: folder, exitCode: exit.code, stderr: redactUrls(output) },
  });
}
