import { spawn, type ChildProcessByStdio } from "node:child_process";
import { PassThrough, type Readable, type Writable } from "node:stream";
import { MillraceError } from "@millrace/kernel";

/** The child process of an agent, with pipes for stdin, stdout and stderr. */
export type AgentChild = ChildProcessByStdio<Writable, Readable, Readable>;
export type AgentExit = { readonly code: number | null; readonly signal: string | null };

/** An agent that was started; `exited` never rejects. */
export interface AgentProcess {
  readonly child: AgentChild;
  readonly pid: number;
  /**
   * What the agent writes, from its first byte on, whenever a reader comes. Not the child's own streams: at the exit of a child, Node
   * discards what has no listener yet, and an agent may end within milliseconds (F:C13).
   */
  readonly stdout: Readable;
  readonly stderr: Readable;
  readonly exited: Promise<AgentExit>;
}

/**
 * Starts an agent as the leader of its own process group.
 *
 * @throws MillraceError `agent_missing` with the install hint when there is no such program, `agent_failed` for any other reason.
 */
export async function startAgent(options: {
  readonly launch: { readonly name: string; readonly argv: readonly string[]; readonly installHint: string };
  readonly cwd: string;
  readonly env: Readonly<Record<string, string>>;
}): Promise<AgentProcess> {
  const [program = "", ...args] = options.launch.argv;
  const child: AgentChild = spawn(program, args, {
    cwd: options.cwd,
    env: { ...options.env },
    stdio: ["pipe", "pipe", "pipe"],
    detached: true,
  });
  // Ignored: the exit that broke the pipe says more than its error.
  child.stdin.on("error", () => {});
  const exited = new Promise<AgentExit>((resolve) => child.once("exit", (code, signal) => resolve({ code, signal })));
  const stdout = child.stdout.pipe(new PassThrough());
  const stderr = child.stderr.pipe(new PassThrough());
  await new Promise<void>((resolve, reject) => {
    child.once("spawn", resolve);
    child.once("error", (error: NodeJS.ErrnoException) => reject(cannotStart(options.launch, program, error)));
  });
  return { child, pid: child.pid ?? 0, stdout, stderr, exited };
}

function cannotStart(
  launch: { readonly name: string; readonly installHint: string },
  program: string,
  error: NodeJS.ErrnoException,
): MillraceError {
  if (error.code === "ENOENT" || error.code === "EACCES") {
    return new MillraceError("agent_missing", `the agent '${launch.name}' is not installed: there is no program '${program}'`, {
      fix: launch.installHint,
    });
  }
  return new MillraceError("agent_failed", `the agent '${launch.name}' could not be started (${error.code ?? "unknown"})`);
}
