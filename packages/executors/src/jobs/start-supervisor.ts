import { spawn, type ChildProcess } from "node:child_process";
import { closeSync, openSync } from "node:fs";
import { readFile } from "node:fs/promises";
import type { Readable } from "node:stream";
import { MillraceError, trustOf } from "@millrace/kernel";
import { entryArgv } from "../entry.js";
import type { JobFolder } from "./job-folder.js";

const START_TIMEOUT_MS = 30_000;
/** Starts that may be lost to a signal. A Ctrl-C at the host's terminal also hits a child that was just forked and has not yet left the host's group. */
const MAX_STARTS = 3;

/**
 * Starts a supervisor and resolves when the job is claimed, by it or by one that was faster. It is detached: it lives on
 * when this process ends. `onExit` is called when it ends while this process lives. One that a signal ended before it claimed
 * the job has done nothing, and is started again.
 *
 * @throws MillraceError `agent_failed` when it ended without a claim.
 */
export async function startSupervisor(folder: JobFolder, secrets: Readonly<Record<string, string>>, onExit: () => void): Promise<void> {
  for (let starts = 1; ; starts += 1) {
    const { said, signal } = await startOnce(folder, secrets, onExit);
    if (said.trim() !== "" || (await folder.supervisor.read()) !== null) return;
    if (signal !== null && starts < MAX_STARTS) continue;
    const reason = (await readFile(folder.log, "utf8").catch(() => "")).trim().slice(-700);
    throw new MillraceError("agent_failed", `the job's supervisor did not start: ${reason === "" ? "it said nothing" : reason}`, {
      fix: `look at '${folder.log}'`,
    });
  }
}

interface FirstWord {
  readonly said: string;
  /** The signal that ended it before it said anything. */
  readonly signal: string | null;
}

async function startOnce(folder: JobFolder, secrets: Readonly<Record<string, string>>, onExit: () => void): Promise<FirstWord> {
  const [program, ...args] = entryArgv("supervisor");
  const log = openSync(folder.log, "a", 0o600);
  // Only what programs need to run at all; the agent's environment is made from this and the job.
  const needed = ["PATH", "HOME", "LANG"].flatMap((name) => (process.env[name] === undefined ? [] : [[name, process.env[name]]]));
  const env = { ...Object.fromEntries(needed), ...trustOf(process.env) };
  const child = spawn(program, [...args, folder.path], { cwd: folder.path, env, stdio: ["pipe", "pipe", log], detached: true });
  closeSync(log);
  const { stdin, stdout } = child;
  if (stdin === null || stdout === null) throw new MillraceError("internal", "a supervisor was started without pipes");
  stdin.on("error", () => {});
  child.once("exit", onExit);
  stdin.end(JSON.stringify({ secrets }));
  const word = await firstWord(child, stdout);
  stdout.destroy();
  child.unref();
  return word;
}

function firstWord(child: ChildProcess, stdout: Readable): Promise<FirstWord> {
  return new Promise((resolve) => {
    const done = (said: string, signal: string | null): void => {
      clearTimeout(timer);
      resolve({ said, signal });
    };
    const timer = setTimeout(() => done("", null), START_TIMEOUT_MS);
    stdout.once("data", (chunk: Buffer) => done(chunk.toString("utf8"), null));
    child.once("close", (_code, signal) => done("", signal));
    child.once("error", () => done("", null));
  });
}
