import { setTimeout as delay } from "node:timers/promises";
import { processRow, processTable, processesWithVariable, type ProcessRow } from "./process-table.js";

/** The processes of one job or command: the process group of its leader, and every process with its marker in the environment. */
export interface ProcessFamily {
  readonly leader: { readonly pid: number; readonly startedAt: string } | null;
  readonly marker: { readonly name: string; readonly value: string } | null;
}

const ROUND_MS = 20;
/** Rounds of SIGKILL before giving up (10 s): a process that survives them is stuck inside the kernel. */
const KILL_ROUNDS = 500;

/** Living members of a family. A leader whose pid belongs to another process by now has no group. */
export async function familyMembers(family: ProcessFamily): Promise<readonly ProcessRow[]> {
  const marked = family.marker === null ? [] : await processesWithVariable(family.marker.name, family.marker.value);
  const grouped = family.leader === null ? [] : await groupMembers(family.leader);
  const members = new Map([...marked, ...grouped].map((row) => [row.pid, row]));
  members.delete(process.pid);
  return [...members.values()];
}

async function groupMembers(leader: { readonly pid: number; readonly startedAt: string }): Promise<readonly ProcessRow[]> {
  const now = await processRow(leader.pid);
  if (now !== null && now.startedAt !== leader.startedAt) return [];
  return (await processTable()).filter((row) => row.group === leader.pid);
}

/**
 * Ends every member: SIGTERM, `graceMs` to exit, then SIGKILL until two scans in a row find no member, because a process may fork
 * between a scan and the signal. `remaining` are processes that are stuck inside the kernel.
 */
export async function endFamily(
  family: ProcessFamily,
  graceMs: number,
): Promise<{ readonly ended: readonly ProcessRow[]; readonly remaining: readonly ProcessRow[] }> {
  const seen = new Map<number, ProcessRow>();
  const scan = async (): Promise<readonly ProcessRow[]> => {
    const members = await familyMembers(family);
    for (const row of members) seen.set(row.pid, row);
    return members;
  };
  let members = await scan();
  for (const row of members) sendSignal(row.pid, "SIGTERM");
  const deadline = performance.now() + graceMs;
  while (members.length > 0 && performance.now() < deadline) {
    await delay(ROUND_MS);
    members = await scan();
  }
  for (let round = 0, quiet = 0; round < KILL_ROUNDS && quiet < 2; round += 1) {
    members = await scan();
    quiet = members.length === 0 ? quiet + 1 : 0;
    for (const row of members) sendSignal(row.pid, "SIGKILL");
    if (members.length > 0) await delay(ROUND_MS);
  }
  return { ended: [...seen.values()].filter((row) => !members.some((left) => left.pid === row.pid)), remaining: members };
}

/** Sends a signal. A process that is already gone is no error. */
export function sendSignal(pid: number, name: NodeJS.Signals): void {
  try {
    process.kill(pid, name);
  } catch {
    // Gone, or owned by another user: the next scan shows which.
  }
}
