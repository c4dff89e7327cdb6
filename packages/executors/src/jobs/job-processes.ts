import { setTimeout as delay } from "node:timers/promises";
import { MillraceError } from "@millrace/kernel";
import { endFamily, sendSignal } from "../processes/end-processes.js";
import { bootId, processRow } from "../processes/process-table.js";
import { JOB_MARKER, type JobFolder } from "./job-folder.js";
import type { JobFile, ProcessFile } from "./job-files.schema.js";

const POLL_MS = 20;

/** Whether the process of a file is running; `rebooted` when it ended with a restart of the machine. */
export async function processState(file: ProcessFile): Promise<"alive" | "gone" | "rebooted"> {
  const boot = await bootId();
  if (file.bootId !== null && boot !== null && file.bootId !== boot) return "rebooted";
  return (await processRow(file.pid))?.startedAt === file.startedAt ? "alive" : "gone";
}

/**
 * Ends the supervisor and all processes of the job's agent. Resolves when none of them is left.
 *
 * @throws MillraceError `unavailable` with the processes that cannot be ended.
 */
export async function endJob(folder: JobFolder, job: Pick<JobFile, "marker" | "limits">): Promise<void> {
  const supervisor = await folder.supervisor.read();
  if (supervisor !== null) await endSupervisor(supervisor, job.limits.graceMs);
  await endAgent(folder, job);
}

/**
 * Ends the processes of an agent whose supervisor is gone.
 *
 * @throws MillraceError `unavailable` with the processes that cannot be ended.
 */
export async function endAgent(folder: JobFolder, job: Pick<JobFile, "marker" | "limits">): Promise<void> {
  const agent = await folder.agent.read();
  // After a restart of the machine the pid belongs to another process.
  const leader = agent !== null && (await processState(agent)) !== "rebooted" ? agent : null;
  const { remaining } = await endFamily({ leader, marker: { name: JOB_MARKER, value: job.marker } }, job.limits.graceMs);
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
