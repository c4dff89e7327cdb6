import { spawn, type ChildProcess } from "node:child_process";
import { closeSync, constants } from "node:fs";
import type { Readable } from "node:stream";
import { MillraceError, notFound, trustOf } from "@millrace/kernel";
import { entryArgv } from "../entry.js";
import { openRegularSync, readBounded } from "../files/regular-file.js";
import type { SupervisorInput } from "./job-files.schema.js";
import { SUPERVISOR_MARKER, type JobFolder } from "./job-folder.js";

const START_TIMEOUT_MS = 30_000;
/** Starts that a signal may end: a Ctrl-C at the terminal of the host also hits a child that was just forked and is still in its process group. */
const MAX_STARTS = 3;

/** What a supervisor is started with. */
interface StartedJob {
  readonly marker: string;
  readonly input: SupervisorInput;
}

/**
 * Starts a supervisor, which is detached: it outlives this process. Resolves when the job is claimed, by this supervisor or by an earlier
 * one. `onExit` is called when the supervisor ends while this process lives. A supervisor that a signal ended before its claim has done
 * nothing and is started again, three times in all.
 *
 * @throws MillraceError `agent_failed` when the supervisor ended without a claim.
 */
export async function startSupervisor(folder: JobFolder, job: StartedJob, onExit: () => void): Promise<void> {
  for (let starts = 1; ; starts += 1) {
    const { text, signal } = await startOnce(folder, job, onExit);
    if (text.trim() !== "" || (await folder.supervisor.read()) !== null) return;
    if (signal !== null && starts < MAX_STARTS) continue;
    const log = await readBounded(folder.log, { maxBytes: 2800, longer: "tail" }).catch(() => null);
    const reason = (log ?? "").trim().slice(-700);
    throw new MillraceError("agent_failed", `the job's supervisor did not start: ${reason === "" ? "it wrote nothing" : reason}`, {
      fix: `read '${folder.log}'`,
    });
  }
}

/** The first output of a supervisor. */
interface FirstOutput {
  readonly text: string;
  /** The signal that ended the supervisor before any output. */
  readonly signal: string | null;
}

async function startOnce(folder: JobFolder, { marker, input }: StartedJob, onExit: () => void): Promise<FirstOutput> {
  const [program, ...args] = entryArgv("supervisor");
  const log = openRegularSync(folder.log, constants.O_WRONLY | constants.O_APPEND | constants.O_CREAT);
  if (log === null) throw notFound("folder", folder.path);
  // The minimum that programs need; the environment of the agent is made from it and the job.
  const needed = ["PATH", "HOME", "LANG"].flatMap((name) => (process.env[name] === undefined ? [] : [[name, process.env[name]]]));
  const env = { ...Object.fromEntries(needed), ...trustOf(process.env), [SUPERVISOR_MARKER]: marker };
  const child = spawn(program, [...args, folder.path], { cwd: folder.path, env, stdio: ["pipe", "pipe", log], detached: true });
  closeSync(log);
  const { stdin, stdout } = child;
  if (stdin === null || stdout === null) throw new MillraceError("internal", "a supervisor was started without pipes");
  stdin.on("error", () => {});
  child.once("exit", onExit);
  stdin.end(JSON.stringify(input));
  const output = await firstOutput(child, stdout);
  stdout.destroy();
  child.unref();
  return output;
}

function firstOutput(child: ChildProcess, stdout: Readable): Promise<FirstOutput> {
  return new Promise((resolve) => {
    const done = (text: string, signal: string | null): void => {
      clearTimeout(timer);
      resolve({ text, signal });
    };
    const timer = setTimeout(() => done("", null), START_TIMEOUT_MS);
    stdout.once("data", (chunk: Buffer) => done(chunk.toString("utf8"), null));
    child.once("close", (_code, signal) => done("", signal));
    child.once("error", () => done("", null));
  });
}
