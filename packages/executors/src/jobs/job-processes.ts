import { setTimeout as delay } from "node:timers/promises";
import { MillraceError } from "@millrace/kernel";
import { endFamily, sendSignal } from "../processes/end-processes.js";
import { bootId, processesWithVariable, processRow } from "../processes/process-table.js";
import { JOB_MARKER, SUPERVISOR_MARKER, type JobFolder } from "./job-folder.js";
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
  /** Value of the variables that the processes of the job have in their environment. */
  readonly marker: string;
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
  await endAgent(folder, job);
}

/**
 * Ends the processes of an agent whose supervisor has ended.
 *
 * @throws MillraceError `unavailable` with the processes that cannot be ended.
 */
async function endAgent(folder: JobFolder, { marker, graceMs }: JobIdentity): Promise<void> {
  const agent = await folder.agent.readIfUsable();
  // After a restart of the machine the pid belongs to another process.
  const leader = agent !== null && (await processState(agent)) !== "rebooted" ? agent : null;
  const { remaining } = await endFamily({ leader, marker: { name: JOB_MARKER, value: marker } }, graceMs);
  if (remaining.length === 0) return;
  throw new MillraceError(
    "unavailable",
    `processes of the job could not be ended: ${remaining.map((row) => `${row.name} (${row.pid})`).join(", ")}`,
    { fix: "they are stuck inside the kernel; stop the job again once they are not" },
  );
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
