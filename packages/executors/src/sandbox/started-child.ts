import type { ChildProcess } from "node:child_process";
import { PassThrough, Readable, Writable } from "node:stream";
import { MillraceError, type SandboxedProcess, type SandboxExit } from "@millrace/kernel";

/** Environment variable of the process that a sandbox was started as; its value is the identity of the sandbox. */
export const SANDBOX_MARKER = "MILLRACE_SANDBOX";

/**
 * The streams of a child, readable from its first byte on whenever a reader comes. Not the child's own: at the exit of a child, Node
 * discards what has no listener yet, and an agent may end within milliseconds (F:C13).
 */
export function streamsOf(child: ChildProcess): Omit<SandboxedProcess, "exited"> {
  const { stdin, stdout, stderr } = child;
  if (stdin === null || stdout === null || stderr === null) throw new MillraceError("internal", "a process was started without pipes");
  // Ignored: the exit that broke the pipe says more than its error.
  stdin.on("error", () => {});
  return {
    stdin: Writable.toWeb(stdin),
    stdout: Readable.toWeb(stdout.pipe(new PassThrough())),
    stderr: Readable.toWeb(stderr.pipe(new PassThrough())),
  };
}

/** The exit of a child that was spawned. Never rejects. */
export function exitOf(child: ChildProcess): Promise<SandboxExit> {
  return new Promise((resolve) => child.once("exit", (code, signal) => resolve({ code, signal })));
}

/** Resolves when a child was spawned; rejects with the error of the system. */
export function spawned(child: ChildProcess): Promise<void> {
  return new Promise((resolve, reject) => {
    child.once("spawn", resolve);
    child.once("error", reject);
  });
}
