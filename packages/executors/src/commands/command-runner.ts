import { randomUUID } from "node:crypto";
import { isMillraceError, MillraceError } from "@millrace/kernel";
import type {
  CommandRequest,
  CommandResult,
  CommandRunner,
  Sandbox,
  SandboxCommand,
  SandboxedProcess,
  SandboxProfile,
} from "@millrace/kernel";
import { dirname } from "node:path";
import { sandboxedArgv } from "../launch/sandboxed-launch.js";
import { startLongTimer } from "../processes/long-timer.js";
import { createNoSandbox } from "../sandbox/none.js";
import { forEachChunk, writeAll } from "../sandbox/streams.js";
import { TailBuffer } from "./tail-buffer.js";

/** Settings of a runner. */
export interface CommandRunnerOptions {
  /** Runs what has a profile. Default: none, so that it runs as a process of the host too. */
  readonly sandbox?: Sandbox;
  /** Time between SIGTERM and SIGKILL, in ms. Default 2,000. */
  readonly graceMs?: number;
}

/**
 * Creates a runner of commands: in the sandbox those that have a profile, the others as child processes of this host.
 *
 * When `run` resolves, no process of the command is left: neither after a timeout, an abort or an overflow, nor in the background of one
 * that ended by itself, so that a finished check holds no port. An abort resolves with the exit that followed it.
 *
 * @throws MillraceError (from `run`) `validation` for a program or folder that does not exist, `sandbox_unavailable`, `unavailable` when a
 * process cannot be started or ended.
 */
export function createCommandRunner(options: CommandRunnerOptions = {}): CommandRunner {
  const host = createNoSandbox();
  const sandbox: Sandbox = options.sandbox ?? host;
  const { graceMs = 2_000 } = options;
  return {
    run(request, signal) {
      const { argv, cwd, env, profile } = request;
      const identity = `command-${randomUUID()}`;
      const command = { argv, cwd, env, identity };
      return runCommand(request, signal, {
        start: () => (profile === null ? host.start(command) : sandbox.start(insideOf(command, profile))),
        end: (wait) => (profile === null ? host : sandbox).end(identity, wait ? graceMs : 0),
      });
    },
  };
}

/** A check names its programs as its user does: they are shown wherever they are installed. */
function insideOf(command: Omit<SandboxCommand, "profile">, profile: SandboxProfile): SandboxCommand {
  const path = command.env["PATH"] ?? "";
  const { argv, visible } = sandboxedArgv(command.argv, path);
  const env = { ...command.env, PATH: `${path}:${dirname(process.execPath)}` };
  return { ...command, argv, env, profile: { ...profile, visible: [...new Set([...profile.visible, ...visible])] } };
}

/** One command, wherever it runs. */
interface Place {
  start(): Promise<SandboxedProcess>;
  /** Ends what is left of it; `wait`: after a time in which it may end by itself. */
  end(wait: boolean): Promise<unknown>;
}

type Ending = "exited" | "timed-out" | "aborted" | "overflowed";

async function runCommand(request: CommandRequest, signal: AbortSignal, place: Place): Promise<CommandResult> {
  const nothing = { output: "", stdout: new Uint8Array(), overflowed: false, timedOut: false };
  if (signal.aborted) return { exit: { code: null, signal: "SIGTERM" }, ...nothing };
  const command = await place.start().catch((error: unknown) => {
    throw isMillraceError(error, "agent_missing") ? cannotRun(error) : error;
  });
  void writeAll(command.stdin, request.stdin ?? new Uint8Array());
  const output = new TailBuffer(request.keepBytes);
  const kept: Uint8Array[] = [];
  const overflow = Promise.withResolvers<void>();
  let bytes = 0;
  const keep = (chunk: Uint8Array, maxBytes: number): void => {
    bytes += chunk.byteLength;
    if (bytes <= maxBytes) kept.push(chunk);
    else overflow.resolve();
  };
  const { stdout } = request;
  const read = Promise.all([
    forEachChunk(command.stdout, (chunk) => (stdout === undefined ? output.append(chunk) : keep(chunk, stdout.maxBytes))),
    forEachChunk(command.stderr, (chunk) => output.append(chunk)),
  ]);
  const ending = await firstEnding({ exited: command.exited, overflowed: overflow.promise, signal, timeoutMs: request.timeoutMs });
  // Also after a normal exit: processes left in the background would hold the pipes, ports and the folder.
  await place.end(ending === "timed-out" || ending === "aborted");
  const exit = await command.exited;
  await read;
  const overflowed = stdout !== undefined && bytes > stdout.maxBytes;
  return { exit, timedOut: ending === "timed-out", output: output.text(), stdout: Buffer.concat(kept), overflowed };
}

function firstEnding(ends: {
  readonly exited: Promise<unknown>;
  readonly overflowed: Promise<void>;
  readonly signal: AbortSignal;
  readonly timeoutMs: number;
}): Promise<Ending> {
  const { signal } = ends;
  return new Promise((resolve) => {
    const done = (ending: Ending): void => {
      timer.cancel();
      signal.removeEventListener("abort", abort);
      resolve(ending);
    };
    const abort = (): void => done("aborted");
    const timer = startLongTimer(ends.timeoutMs, () => done("timed-out"));
    signal.addEventListener("abort", abort, { once: true });
    // A signal that was aborted while the command was being started sends no event any more.
    if (signal.aborted) abort();
    const exited = (): void => done("exited");
    const overflowed = (): void => done("overflowed");
    void ends.exited.then(exited);
    void ends.overflowed.then(overflowed);
  });
}

function cannotRun({ message, fix, cause }: MillraceError): MillraceError {
  return new MillraceError("validation", message, { ...(fix === null ? {} : { fix }), cause });
}
