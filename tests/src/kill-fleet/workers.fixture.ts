/** Worker processes: start, kill with SIGKILL, and observed exit. */
import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";

/** A warning of a worker, or its last output when it exited unexpectedly. Shown in the report, never parsed. */
export type Complaint = string;

export interface Worker {
  readonly name: string;
  /** Null when it could not be started. */
  readonly pid: number | null;
  /** Resolves when it drives, or when it has exited before. */
  readonly ready: Promise<void>;
  /** Resolves with the signal that ended it; null when it exited by itself. */
  readonly gone: Promise<NodeJS.Signals | null>;
  kill(): void;
  /** Asks it to exit after its current commit. */
  dismiss(): void;
}

/** A program that drives runs until its standard input ends, and prints when it has started. */
export interface WorkerProgram {
  /** Path of its source, and arguments. */
  readonly argv: readonly string[];
  /** Modules that it loads first. */
  readonly preload: readonly string[];
  /** Folder of the compile cache, which halves the start time of a worker. */
  readonly cache: string;
  /** Command line that runs another one where the worker shall run. Default: here. */
  readonly enter?: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
}

const HOOK = fileURLToPath(new URL("../../../packages/executors/src/source-hook.ts", import.meta.url));

export function startWorker(name: string, at: WorkerProgram, complain: (complaint: Complaint) => void): Worker {
  const imports = [HOOK, ...at.preload].flatMap((module) => ["--import", module]);
  const node = [process.execPath, "--conditions=millrace-source", "--no-warnings", ...imports, ...at.argv];
  const [command = process.execPath, ...args] = [...(at.enter ?? []), ...node];
  const child = spawn(command, args, { stdio: ["pipe", "pipe", "pipe"], env: { ...at.env, NODE_COMPILE_CACHE: at.cache } });
  child.stderr.on("data", (chunk: Buffer) => complain(chunk.toString().trim()));
  // Writing to a killed worker must not crash this process.
  child.stdin.on("error", () => undefined);
  const gone = exitOf(child);
  return {
    name,
    pid: child.pid ?? null,
    ready: Promise.race([once(child.stdout, "data"), gone]).then(() => undefined),
    gone,
    kill: () => void child.kill("SIGKILL"),
    dismiss: () => void child.stdin.end(),
  };
}

async function exitOf(child: ChildProcess): Promise<NodeJS.Signals | null> {
  await once(child, "exit");
  return child.signalCode;
}
