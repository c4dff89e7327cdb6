import { setTimeout as delay } from "node:timers/promises";
import { MillraceError } from "@millrace/kernel";
import { endFamily, signal } from "../processes/end-processes.js";
import { bootId, processRow } from "../processes/process-table.js";
import { JOB_MARKER, type JobFolder } from "./job-folder.js";
import type { JobFile, ProcessFile } from "./job-files.schema.js";

const LOOK_MS = 20;

/** Whether the process of a file is the one that runs now, and if not, whether the machine was restarted since. */
export async function stateOf(file: ProcessFile): Promise<"alive" | "gone" | "rebooted"> {
  const boot = await bootId();
  if (file.bootId !== null && boot !== null && file.bootId !== boot) return "rebooted";
  return (await processRow(file.pid))?.startedAt === file.startedAt ? "alive" : "gone";
}

/**
 * Ends the supervisor and everything of the job's agent. Resolves when all of it was seen to be gone.
 *
 * @throws MillraceError `unavailable` naming what could not be ended.
 */
export async function endJob(folder: JobFolder, job: Pick<JobFile, "marker" | "limits">): Promise<void> {
  const supervisor = await folder.supervisor.read();
  if (supervisor !== null) await endSupervisor(supervisor, job.limits.graceMs);
  await endAgent(folder, job);
}

/** Ends what is left of an agent whose supervisor is gone. */
export async function endAgent(folder: JobFolder, job: Pick<JobFile, "marker" | "limits">): Promise<void> {
  const agent = await folder.agent.read();
  // After a restart of the machine the number belongs to somebody else.
  const leader = agent !== null && (await stateOf(agent)) !== "rebooted" ? agent : null;
  const { remaining } = await endFamily({ leader, marker: { name: JOB_MARKER, value: job.marker } }, job.limits.graceMs);
  if (remaining.length === 0) return;
  throw new MillraceError(
    "unavailable",
    `processes of the job could not be ended: ${remaining.map((row) => `${row.name} (${row.pid})`).join(", ")}`,
    { fix: "they are stuck inside the kernel; stop the job again once they are not" },
  );
}

async function endSupervisor(supervisor: ProcessFile, graceMs: number): Promise<void> {
  if ((await stateOf(supervisor)) !== "alive") return;
  signal(supervisor.pid, "SIGTERM");
  // It passes the grace on to the agent and then writes down how it ended; what takes longer is ended from here.
  const deadline = performance.now() + graceMs * 2 + 5_000;
  while ((await stateOf(supervisor)) === "alive") {
    if (performance.now() > deadline) signal(supervisor.pid, "SIGKILL");
    await delay(LOOK_MS);
  }
}
