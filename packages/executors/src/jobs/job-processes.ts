import { setTimeout as delay } from "node:timers/promises";
import { openSandbox, type SandboxName } from "../sandbox/open-sandbox.js";
import { sendSignal } from "../processes/end-processes.js";
import { bootId, processesWithVariable, processRow } from "../processes/process-table.js";
import { SUPERVISOR_MARKER, type JobFolder } from "./job-folder.js";
import type { ProcessFile } from "./job-files.schema.js";

const POLL_MS = 20;

/** Whether the process of a file is running; `rebooted` when it ended with a restart of the machine. */
export async function processState(file: ProcessFile): Promise<"alive" | "gone" | "rebooted"> {
  const boot = await bootId();
  if (file.bootId !== null && boot !== null && file.bootId !== boot) return "rebooted";
  return (await processRow(file.pid))?.startedAt === file.startedAt ? "alive" : "gone";
}

/** What is needed to find and end the processes of a job. Its folder may be gone, or in the hands of the agent. */
export interface JobIdentity {
  /** Names the sandbox of the job, and its supervisor. */
  readonly marker: string;
  readonly sandbox: SandboxName;
  /** Time between SIGTERM and SIGKILL, in ms. */
  readonly graceMs: number;
}

/**
 * Ends the supervisor and all processes of the job's agent. Resolves when none of them is left.
 *
 * @throws MillraceError `unavailable` with the processes that cannot be ended.
 */
export async function endJob(folder: JobFolder, job: JobIdentity): Promise<void> {
  const recorded = await folder.supervisor.readIfUsable();
  const found = (await processesWithVariable(SUPERVISOR_MARKER, job.marker)).map(({ pid, startedAt }) => ({
    pid,
    startedAt,
    bootId: null,
  }));
  for (const supervisor of [...(recorded === null ? [] : [recorded]), ...found]) await endSupervisor(supervisor, job.graceMs);
  await openSandbox(job.sandbox).end(job.marker, job.graceMs);
}

async function endSupervisor(supervisor: ProcessFile, graceMs: number): Promise<void> {
  if ((await processState(supervisor)) !== "alive") return;
  sendSignal(supervisor.pid, "SIGTERM");
  // The supervisor gives the agent its grace and then writes the exit. It is killed when it takes longer than that.
  const deadline = performance.now() + graceMs * 2 + 5_000;
  while ((await processState(supervisor)) === "alive") {
    if (performance.now() > deadline) sendSignal(supervisor.pid, "SIGKILL");
    await delay(POLL_MS);
  }
}
