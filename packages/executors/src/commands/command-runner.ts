import { randomUUID } from "node:crypto";
import { spawn } from "node:child_process";
import { MillraceError } from "@millrace/kernel";
import type { CommandRequest, CommandResult, CommandRunner } from "@millrace/kernel";
import { endFamily, familyMembers, type ProcessFamily } from "../processes/end-processes.js";
import { startLongTimer } from "../processes/long-timer.js";
import { processRow } from "../processes/process-table.js";
import { TailBuffer } from "./tail-buffer.js";

const MARKER = "MILLRACE_COMMAND";

/**
 * Creates a runner of commands as child processes of this host, each in its own process group.
 *
 * When `run` resolves, no process of the command is left: neither after a timeout or an abort, nor in the background of one that ended
 * by itself, so that a finished check holds no port. On Linux grandchildren that left the group are found by a marker variable. An abort
 * resolves with the exit that followed it. `graceMs` is the time between SIGTERM and SIGKILL, in ms. Default 2,000.
 *
 * @throws MillraceError (from `run`) `validation` for a program or folder that does not exist, `unavailable` when a process cannot be
 * started or ended.
 */
export function createCommandRunner(options: { readonly graceMs?: number } = {}): CommandRunner {
  const graceMs = options.graceMs ?? 2_000;
  return { run: (request, signal) => runCommand(request, signal, graceMs) };
}

async function runCommand(request: CommandRequest, signal: AbortSignal, graceMs: number): Promise<CommandResult> {
  if (signal.aborted)
    return { exit: { code: null, signal: "SIGTERM" }, timedOut: false, output: "", stdout: new Uint8Array(), overflowed: false };
  const marker = { name: MARKER, value: randomUUID() };
  const [program, ...args] = request.argv;
  const child = spawn(program, args, {
    cwd: request.cwd,
    env: { ...request.env, [MARKER]: marker.value },
    stdio: ["pipe", "pipe", "pipe"],
    detached: true,
  });
  // A program that ends before it has read its input breaks the pipe; its exit tells the reason.
  child.stdin.on("error", () => undefined);
  child.stdin.end(request.stdin ?? new Uint8Array());
  const output = new TailBuffer(request.keepBytes);
  const maxBytes = request.stdout?.maxBytes;
  const kept: Buffer[] = [];
  let written = 0;
  const flood = Promise.withResolvers<void>();
  child.stdout.on("data", (chunk: Buffer) => {
    if (maxBytes === undefined) return output.append(chunk);
    written += chunk.byteLength;
    if (written <= maxBytes) kept.push(chunk);
    else flood.resolve();
  });
  child.stderr.on("data", (chunk: Buffer) => output.append(chunk));
  const exited = new Promise<CommandResult["exit"]>((resolve, reject) => {
    child.once("error", (error: NodeJS.ErrnoException) => reject(cannotStart(request, error)));
    child.once("exit", (code, name) => resolve({ code, signal: name }));
  });
  const closed = new Promise<void>((resolve) => child.once("close", () => resolve()));
  if (child.pid === undefined) return { exit: await exited, timedOut: false, output: "", stdout: new Uint8Array(), overflowed: false };
  const row = await processRow(child.pid);
  const family: ProcessFamily = { leader: row, marker };
  const ending = await raceEnd(Promise.race([exited, flood.promise]), signal, request.timeoutMs);
  // Also after a normal exit: processes left in the background would hold the pipes, ports and the folder.
  const overflowed = maxBytes !== undefined && written > maxBytes;
  if (ending !== "exited" || overflowed || (await familyMembers(family)).length > 0)
    await endOrFail(family, ending === "exited" ? 0 : graceMs, program);
  const exit = await exited;
  await closed;
  return {
    exit,
    timedOut: ending === "timed-out",
    output: output.text(),
    stdout: Buffer.concat(kept),
    overflowed: maxBytes !== undefined && written > maxBytes,
  };
}

function raceEnd(exited: Promise<unknown>, signal: AbortSignal, timeoutMs: number): Promise<"exited" | "timed-out" | "aborted"> {
  return new Promise((resolve) => {
    const done = (ending: "exited" | "timed-out" | "aborted"): void => {
      timer.cancel();
      signal.removeEventListener("abort", abort);
      resolve(ending);
    };
    const abort = (): void => done("aborted");
    const timer = startLongTimer(timeoutMs, () => done("timed-out"));
    signal.addEventListener("abort", abort, { once: true });
    // A signal that was aborted while the child was being started sends no event any more.
    if (signal.aborted) abort();
    // A failed start is an end too; the caller awaits `exited` and gets its error.
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
    { fix: "they are stuck inside the kernel; find out what they wait for" },
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
