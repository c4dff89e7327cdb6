import { setTimeout as delay } from "node:timers/promises";
import { MillraceError } from "@millrace/kernel";
import type { ProcessRow } from "./process-table.js";

const ROUND_MS = 20;
/** Rounds of SIGKILL before giving up (10 s): a process that survives them is stuck inside the kernel. */
const KILL_ROUNDS = 500;

/**
 * Ends every process that `members` finds: SIGTERM, `graceMs` to exit, then SIGKILL until two scans in a row find none, because a process
 * may fork between a scan and the signal. Resolves with those that were found. `isAsked`: which of them get the SIGTERM. Default: all.
 *
 * @throws MillraceError `unavailable` with the processes that are stuck inside the kernel.
 */
export async function endAll(
  members: () => Promise<readonly ProcessRow[]>,
  graceMs: number,
  isAsked: (row: ProcessRow) => boolean = () => true,
): Promise<readonly ProcessRow[]> {
  const seen = new Map<number, ProcessRow>();
  const scan = async (): Promise<readonly ProcessRow[]> => {
    const found = await members();
    for (const row of found) seen.set(row.pid, row);
    return found;
  };
  let left = await scan();
  for (const row of left.filter(isAsked)) sendSignal(row.pid, "SIGTERM");
  const deadline = performance.now() + graceMs;
  while (left.length > 0 && performance.now() < deadline) {
    await delay(ROUND_MS);
    left = await scan();
  }
  for (let round = 0, quiet = 0; round < KILL_ROUNDS && quiet < 2; round += 1) {
    left = await scan();
    quiet = left.length === 0 ? quiet + 1 : 0;
    for (const row of left) sendSignal(row.pid, "SIGKILL");
    if (left.length > 0) await delay(ROUND_MS);
  }
  if (left.length === 0) return [...seen.values()];
  throw new MillraceError("unavailable", `processes could not be ended: ${left.map((row) => `${row.name} (${row.pid})`).join(", ")}`, {
    fix: "they are stuck inside the kernel; end them again once they are not",
  });
}

/** Sends a signal. A process that is already gone is no error. */
export function sendSignal(pid: number, name: NodeJS.Signals): void {
  try {
    process.kill(pid, name);
  } catch {
    // Gone, or owned by another user: the next scan shows which.
  }
}
