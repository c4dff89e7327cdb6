import { readFile } from "node:fs/promises";
import { z } from "zod";

/** Tells a process from a later one with the same number. Where the system keeps no start times, the number alone has to do. */
export const processIdentitySchema = z.strictObject({ pid: z.number().int().positive(), startedAt: z.string().nullable() });
export type ProcessIdentity = z.infer<typeof processIdentitySchema>;

/** Field 22 of /proc/PID/stat, with the boot it counts from; the command name before it may hold spaces and brackets. */
async function startOf(pid: number): Promise<string | null> {
  try {
    const stat = await readFile(`/proc/${String(pid)}/stat`, "utf8");
    const ticks = stat.slice(stat.lastIndexOf(")") + 2).split(" ")[19];
    const boot = (await readFile("/proc/sys/kernel/random/boot_id", "utf8")).trim();
    return ticks === undefined ? null : `${boot}/${ticks}`;
  } catch {
    return null;
  }
}

/** Who is asking. */
export async function thisProcess(): Promise<ProcessIdentity> {
  return { pid: process.pid, startedAt: await startOf(process.pid) };
}

/** Whether exactly that process still lives. */
export async function isAlive(identity: ProcessIdentity): Promise<boolean> {
  try {
    process.kill(identity.pid, 0);
  } catch (error) {
    if (!(error instanceof Error && "code" in error && error.code === "EPERM")) return false;
  }
  return identity.startedAt === null || identity.startedAt === (await startOf(identity.pid));
}
