import { spawn, type ChildProcess } from "node:child_process";
import { closeSync, openSync } from "node:fs";
import { readFile } from "node:fs/promises";
import type { Readable } from "node:stream";
import { MillraceError, trustOf } from "@millrace/kernel";
import { entryArgv } from "../entry.js";
import type { JobFolder } from "./job-folder.js";

const START_TIMEOUT_MS = 30_000;

/**
 * Starts a supervisor and resolves when the job is claimed, by it or by one that was faster. It is detached: it lives on
 * when this process ends. `onExit` is called when it ends while this process lives.
 *
 * @throws MillraceError `agent_failed` when it ended without a claim.
 */
export async function startSupervisor(folder: JobFolder, secrets: Readonly<Record<string, string>>, onExit: () => void): Promise<void> {
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
  const said = await firstWord(child, stdout);
  stdout.destroy();
  child.unref();
  if (said.trim() !== "" || (await folder.supervisor.read()) !== null) return;
  const reason = (await readFile(folder.log, "utf8").catch(() => "")).trim().slice(-700);
  throw new MillraceError("agent_failed", `the job's supervisor did not start: ${reason === "" ? "it said nothing" : reason}`, {
    fix: `look at '${folder.log}'`,
  });
}

function firstWord(child: ChildProcess, stdout: Readable): Promise<string> {
  return new Promise((resolve) => {
    const timer = setTimeout(() => resolve(""), START_TIMEOUT_MS);
    const done = (said: string): void => {
      clearTimeout(timer);
      resolve(said);
    };
    stdout.once("data", (chunk: Buffer) => done(chunk.toString("utf8")));
    stdout.once("end", () => done(""));
    child.once("error", () => done(""));
  });
}
