/** How a worker of a fleet is put together: the engine, and the queue that tells it what is due. */
import { setTimeout as delay } from "node:timers/promises";
import type { WakeUps } from "@millrace/kernel";
import { startDriver } from "@millrace/orchestration";
import { deadOwners, ownerOfThisProcess } from "@millrace/runtime-host";
import { patiently } from "./certain.js";
import { openEngine, type FleetOutside } from "./engine.fixture.js";

/** `address`: path of a SQLite file, or URL of a PostgreSQL database. Drives whatever is due until it is disposed of: it comes to a commit then. A database that is away is waited for. */
export async function openWorker(address: string, outside: FleetOutside): Promise<AsyncDisposable> {
  const engine = await patiently(() => openEngine(address, outside));
  await patiently(() => releaseKilled(engine.wakeups));
  const driver = startDriver({
    execution: engine.execution,
    sweeps: engine.sweeps,
    wakeups: engine.wakeups,
    clock: engine.clock,
    log: outside.log,
    sleep: (ms, signal) => delay(ms, undefined, { signal }).catch(() => undefined),
    owner: await ownerOfThisProcess(),
    concurrency: 8,
    leaseMs: 3000,
    idleMs: 100,
  });
  const stopping = new AbortController();
  engine.onDue?.(() => driver.wake(), stopping.signal);
  return {
    async [Symbol.asyncDispose]() {
      stopping.abort();
      await driver.stop();
      await engine[Symbol.asyncDispose]();
    },
  };
}

/** As a host does on its start: claims of processes of this machine that were killed are given back at once. */
async function releaseKilled(wakeups: WakeUps): Promise<void> {
  const owners = new Set<string>();
  await wakeups.releaseDead((owner) => {
    owners.add(owner);
    return false;
  });
  const dead = await deadOwners([...owners]);
  if (dead.size > 0) await wakeups.releaseDead((owner) => dead.has(owner));
}
