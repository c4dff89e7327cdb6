/** A worker of a fleet: the engine, and a driver for due runs. */
import { setTimeout as delay } from "node:timers/promises";
import { startDriver } from "@millrace/orchestration";
import { ownerOfThisProcess, releaseDeadOwners } from "@millrace/runtime-host";
import { untilAvailable } from "./exactly-once.js";
import { openEngine, type FleetOutside } from "./engine.fixture.js";

/** Drives due runs until it is disposed of, which waits for the current commit. Waits for an unavailable database. `address`: path of a SQLite file, or URL of a PostgreSQL database. */
export async function openWorker(address: string, outside: FleetOutside): Promise<AsyncDisposable> {
  const engine = await untilAvailable(() => openEngine(address, outside));
  await untilAvailable(() => releaseDeadOwners(engine.wakeups));
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
