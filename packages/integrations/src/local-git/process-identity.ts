import { readFile } from "node:fs/promises";
import { z } from "zod";

/** A pid with its start time, which detects a reused pid. `startedAt` is null on systems without `/proc`. */
export const processIdentitySchema = z.strictObject({ pid: z.number().int().positive(), startedAt: z.string().nullable() });
export type ProcessIdentity = z.infer<typeof processIdentitySchema>;

/** Field 22 of `/proc/PID/stat` with the boot id. The command name in field 2 may contain spaces and brackets. */
async function startTimeOf(pid: number): Promise<string | null> {
  try {
    const stat = await readFile(`/proc/${String(pid)}/stat`, "utf8");
    const ticks = stat.slice(stat.lastIndexOf(")") + 2).split(" ")[19];
    const boot = (await readFile("/proc/sys/kernel/random/boot_id", "utf8")).trim();
    return ticks === undefined ? null : `${boot}/${ticks}`;
  } catch {
    return null;
  }
}

/** Identity of the current process. */
export async function thisProcess(): Promise<ProcessIdentity> {
  return { pid: process.pid, startedAt: await startTimeOf(process.pid) };
}

/** Whether exactly that process is still alive. */
export async function isAlive(identity: ProcessIdentity): Promise<boolean> {
  try {
    process.kill(identity.pid, 0);
  } catch (error) {
    if (!(error instanceof Error && "code" in error && error.code === "EPERM")) return false;
  }
  return identity.startedAt === null || identity.startedAt === (await startTimeOf(identity.pid));
}
