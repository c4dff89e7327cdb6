import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import type { Check, CommitSha } from "@millrace/contracts";
import type { CommandResult, CommandRunner, SandboxLimits } from "@millrace/kernel";
import { isMillraceError, trustOf } from "@millrace/kernel";
import { gitAt, searchPath } from "../git/git.js";
import type { LocalGitCheck } from "./local-repository.js";

/** Bytes of a check's output that are kept, counted from the end. */
const KEEP_BYTES = 256 * 1024;
/** Characters of the output in a check's summary, counted from the end. */
const SUMMARY_CHARS = 4000;

const LIMITS: SandboxLimits = { memoryBytes: 2 ** 32, processes: 1024, privateBytes: 2 ** 30, fileBytes: 2 ** 31 };

/** A check to run on one commit. */
export interface CheckJob {
  readonly check: LocalGitCheck;
  /** The bare repository. */
  readonly path: string;
  readonly head: CommitSha;
  /** Empty folder for the check alone. */
  readonly workspace: string;
}

/** Result of a check's command. */
export interface CheckOutcome {
  readonly conclusion: NonNullable<Check["conclusion"]>;
  readonly output: string;
}

/** Exit codes of a shell for a command that may not be executed, and one that was not found. */
const CANNOT_RUN: ReadonlySet<number | null> = new Set([126, 127]);

/**
 * Runs a check in a clean checkout of exactly one commit. Exit code 0 is `success`, a time-out `timed_out`, any other
 * end `failure`. A check that cannot run (exit code 126 or 127, a missing program, a failed checkout, a system that cannot
 * start processes) says nothing about the commit: `action_required`, which is for a person (F:C11).
 */
export async function runCheck(commands: CommandRunner, job: CheckJob, signal: AbortSignal): Promise<CheckOutcome> {
  const checkout = join(job.workspace, "checkout");
  const home = join(job.workspace, "home");
  const temporary = join(job.workspace, "tmp");
  try {
    for (const folder of [home, temporary]) await mkdir(folder);
    await checkOut(job, checkout);
  } catch (error) {
    return {
      conclusion: "action_required",
      output: `The commit could not be checked out, so the check was not started.\n${explain(error)}`,
    };
  }
  const env = { PATH: searchPath(), HOME: home, TMPDIR: temporary, LANG: "C.UTF-8", CI: "true", ...trustOf(process.env), ...job.check.env };
  try {
    const result = await commands.run(
      {
        argv: job.check.argv,
        cwd: checkout,
        env,
        timeoutMs: job.check.timeoutMs,
        keepBytes: KEEP_BYTES,
        // The checkout borrows the repository's objects.
        profile: { work: { path: checkout, access: "write" }, visible: [join(job.path, "objects")], doors: [], limits: LIMITS },
      },
      signal,
    );
    return { conclusion: conclusionOf(result), output: outputOf(result, job.check.timeoutMs) };
  } catch (error) {
    return {
      conclusion: "action_required",
      output: `The command '${job.check.argv[0]}' could not be run.\n${explain(error)}`,
    };
  }
}

/**
 * Makes a clone that shares the repository's objects, so a checkout costs its files only. A git worktree would share
 * the repository's refs, and `git archive` leaves out files marked `export-ignore`.
 */
async function checkOut({ path, head }: CheckJob, folder: string): Promise<void> {
  await gitAt().run(["clone", "--quiet", "--shared", "--no-checkout", "--template=", "--", path, folder], { protocols: ["file"] });
  const git = gitAt({ gitDir: join(folder, ".git"), workTree: folder });
  await git.run(["checkout", "--quiet", "--detach", head]);
  // Without the remote a check cannot push by accident.
  await git.run(["remote", "remove", "origin"]);
}

function conclusionOf({ exit, timedOut }: CommandResult): CheckOutcome["conclusion"] {
  if (timedOut) return "timed_out";
  if (CANNOT_RUN.has(exit.code)) return "action_required";
  return exit.code === 0 ? "success" : "failure";
}

/** The output, with a last line that says how the command ended unless it succeeded. */
function outputOf({ exit, timedOut, output }: CommandResult, timeoutMs: number): string {
  if (timedOut) return `${output}\n[stopped after ${String(timeoutMs)} ms]`;
  return exit.code === 0 ? output : `${output}\n[${exit.signal === null ? `exit code ${String(exit.code)}` : `ended by ${exit.signal}`}]`;
}

/** The last 4000 characters of an output, for a check's summary; null if it is blank. */
export function summaryOf(output: string): string | null {
  const text = output.trimEnd();
  return text === "" ? null : text.slice(-SUMMARY_CHARS);
}

function explain(error: unknown): string {
  if (!isMillraceError(error)) return "internal: see the log of the process";
  const stderr = error.details["stderr"];
  return [`${error.code}: ${error.message}`, error.fix ?? "", typeof stderr === "string" ? stderr : ""]
    .filter((part) => part !== "")
    .join("\n");
}
