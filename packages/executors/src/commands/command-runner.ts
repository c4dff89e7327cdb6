import { randomUUID } from "node:crypto";
import { spawn } from "node:child_process";
import { MillraceError } from "@millrace/kernel";
import type { CommandRequest, CommandResult, CommandRunner } from "@millrace/kernel";
import { endFamily, familyMembers, type ProcessFamily } from "../processes/end-processes.js";
import { processRow } from "../processes/process-table.js";
import { TailBuffer } from "./tail-buffer.js";

const MARKER = "MILLRACE_COMMAND";

/**
 * Runs commands as child processes of this host, each in its own process group.
 *
 * On a time-out or an abort the whole group is gone before `run` resolves, grandchildren that left it included
 * (found by a marker variable, on Linux). Processes that a command left in the background are ended too: a check
 * that is over holds no port. `graceMs` (default 2,000) is the time between SIGTERM and SIGKILL.
 *
 * @throws MillraceError `validation` for a program or folder that does not exist, `unavailable` when the
 * system cannot start a process or one cannot be ended. An abort resolves with the exit that followed it.
 */
export function createCommandRunner(options: { readonly graceMs?: number } = {}): CommandRunner {
  const graceMs = options.graceMs ?? 2_000;
  return { run: (request, signal) => runCommand(request, signal, graceMs) };
}

async function runCommand(request: CommandRequest, signal: AbortSignal, graceMs: number): Promise<CommandResult> {
  if (signal.aborted) return { exit: { code: null, signal: "SIGTERM" }, timedOut: false, output: "" };
  const marker = { name: MARKER, value: randomUUID() };
  const [program, ...args] = request.argv;
  const child = spawn(program, args, {
    cwd: request.cwd,
    env: { ...request.env, [MARKER]: marker.value },
    stdio: ["ignore", "pipe", "pipe"],
    detached: true,
  });
  const output = new TailBuffer(request.keepBytes);
  child.stdout.on("data", (chunk: Buffer) => output.append(chunk));
  child.stderr.on("data", (chunk: Buffer) => output.append(chunk));
  const exited = new Promise<CommandResult["exit"]>((resolve, reject) => {
    child.once("error", (error: NodeJS.ErrnoException) => reject(cannotStart(request, error)));
    child.once("exit", (code, name) => resolve({ code, signal: name }));
  });
  const closed = new Promise<void>((resolve) => child.once("close", () => resolve()));
  if (child.pid === undefined) return { exit: await exited, timedOut: false, output: "" };
  const row = await processRow(child.pid);
  const family: ProcessFamily = { leader: row, marker };
  const ended = await outcomeOf(exited, signal, request.timeoutMs);
  // Even after a normal end: what runs on in the background would hold the pipes, ports and the folder.
  if (ended !== "exited" || (await familyMembers(family)).length > 0) await endOrFail(family, ended === "exited" ? 0 : graceMs, program);
  const exit = await exited;
  await closed;
  return { exit, timedOut: ended === "timed-out", output: output.text() };
}

function outcomeOf(exited: Promise<unknown>, signal: AbortSignal, timeoutMs: number): Promise<"exited" | "timed-out" | "aborted"> {
  return new Promise((resolve) => {
    const done = (how: "exited" | "timed-out" | "aborted"): void => {
      clearTimeout(timer);
      signal.removeEventListener("abort", abort);
      resolve(how);
    };
    const abort = (): void => done("aborted");
    const timer = setTimeout(() => done("timed-out"), timeoutMs);
    signal.addEventListener("abort", abort, { once: true });
    // The abort may have come while the child was being started; its event is over then.
    if (signal.aborted) abort();
    // A failed start is an end too: whoever awaits `exited` gets its error.
    const ended = (): void => done("exited");
    exited.then(ended, ended);
  });
}

async function endOrFail(family: ProcessFamily, graceMs: number, program: string): Promise<void> {
  const { remaining } = await endFamily(family, graceMs);
  if (remaining.length === 0) return;
  throw new MillraceError(
    "unavailable",
    `processes of '${program}' could not be ended: ${remaining.map((row) => `${row.name} (${row.pid})`).join(", ")}`,
    { fix: "look at what they wait for; they are stuck inside the kernel" },
  );
}

function cannotStart(request: CommandRequest, error: NodeJS.ErrnoException): MillraceError {
  const [program] = request.argv;
  if (error.code === "ENOENT" || error.code === "EACCES" || error.code === "ENOTDIR") {
    return new MillraceError("validation", `cannot run '${program}' in '${request.cwd}' (${error.code})`, {
      fix: "check that the program is on the PATH given to it, may be executed, and that the folder exists",
      cause: error,
    });
  }
  return new MillraceError("unavailable", `cannot start '${program}' (${error.code ?? "unknown"})`, { cause: error });
}
