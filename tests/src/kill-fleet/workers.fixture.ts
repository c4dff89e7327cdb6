/** Worker processes: started, killed with SIGKILL, seen to be gone. */
import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";

/** A warning that a worker wrote, or its last words when it died by itself. Shown with the report, never parsed. */
export type Complaint = string;

export interface Worker {
  readonly name: string;
  /** Resolves when it drives, or when it is gone before that. */
  readonly ready: Promise<void>;
  /** Resolves with the signal that ended it, or null when it left by itself. */
  readonly gone: Promise<NodeJS.Signals | null>;
  kill(): void;
  /** Lets it come to a commit and leave. */
  dismiss(): void;
}

export interface WorkerAddress {
  readonly database: string;
  readonly environment: string;
  /** Pause between two looks at a job, in ms. */
  readonly jobPollMs: number;
  /** Where compiled sources are kept: half of a worker's start. */
  readonly cache: string;
}

const HOOK = fileURLToPath(new URL("../../../packages/executors/src/source-hook.ts", import.meta.url));
const PROGRAM = fileURLToPath(new URL("worker.fixture.ts", import.meta.url));

export function startWorker(name: string, at: WorkerAddress, complain: (complaint: Complaint) => void): Worker {
  const argv = [
    "--conditions=millrace-source",
    "--no-warnings",
    "--import",
    HOOK,
    PROGRAM,
    at.database,
    at.environment,
    String(at.jobPollMs),
    name,
  ];
  const child = spawn(process.execPath, argv, { stdio: ["pipe", "pipe", "pipe"], env: { NODE_COMPILE_CACHE: at.cache } });
  child.stderr.on("data", (chunk: Buffer) => complain(chunk.toString().trim()));
  // A killed worker cannot read; writing to it must not take this process down.
  child.stdin.on("error", () => undefined);
  const gone = exitOf(child);
  return {
    name,
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
