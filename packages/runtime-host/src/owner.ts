import { hostname } from "node:os";
import { isProcessAlive, ownIdentity } from "@millrace/executors";

/**
 * Names of drivers in leases: `host/pid/start`. A process of this machine that is gone (kill -9) is recognised, and
 * its runs are taken up at once instead of when its leases run out. Another machine's owner is never called dead.
 */
export async function ownerOfThisProcess(): Promise<string> {
  const { pid, startedAt } = await ownIdentity();
  return `${hostname()}/${pid}/${startedAt}`;
}

/** Those of `owners` that ran on this machine and are gone. */
export async function deadOwners(owners: readonly string[]): Promise<ReadonlySet<string>> {
  const dead = await Promise.all(owners.map(async (owner) => ((await isDead(owner)) ? [owner] : [])));
  return new Set(dead.flat());
}

async function isDead(owner: string): Promise<boolean> {
  const [host, pid, ...start] = owner.split("/");
  if (host !== hostname() || pid === undefined || start.length === 0) return false;
  return !(await isProcessAlive({ pid: Number(pid), startedAt: start.join("/") }));
}
