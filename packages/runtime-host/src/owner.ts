import { hostname } from "node:os";
/**
 * Lease owners: a driver is named `hostname/pid/start` after its process.
 *
 * The name shows whether that process still runs, so claims of a killed process are given back at once instead of when their leases
 * end. That is known of this machine only: an owner on another machine is never called dead.
 */
import { isProcessAlive, ownIdentity } from "@millrace/executors";
import type { WakeUps } from "@millrace/kernel";

/** The owner name of the process this code runs in. */
export async function ownerOfThisProcess(): Promise<string> {
  const { pid, startedAt } = await ownIdentity();
  return `${hostname()}/${pid}/${startedAt}`;
}

/** The owners whose process ran on this machine and has ended. */
export async function deadOwners(owners: readonly string[]): Promise<ReadonlySet<string>> {
  const dead = await Promise.all(owners.map(async (owner) => ((await isDead(owner)) ? [owner] : [])));
  return new Set(dead.flat());
}

/** Gives back every claim whose owner's process ran on this machine and has ended. Returns the number of claims. */
export async function releaseDeadOwners(wakeups: Pick<WakeUps, "leaseOwners" | "releaseOwner">): Promise<number> {
  let released = 0;
  for (const owner of await deadOwners(await wakeups.leaseOwners())) released += await wakeups.releaseOwner(owner);
  return released;
}

async function isDead(owner: string): Promise<boolean> {
  const [host, pid, ...start] = owner.split("/");
  if (host !== hostname() || pid === undefined || start.length === 0) return false;
  return !(await isProcessAlive({ pid: Number(pid), startedAt: start.join("/") }));
}
