/**
 * One worker of a fleet: `node worker.fixture.ts <database> <world url> <poll ms> <name>`. Drives whatever is due until its standard
 * input ends, or until it is killed. Says `driving` when it does.
 */
import { flushCompileCache } from "node:module";
import { setTimeout as delay } from "node:timers/promises";
import type { Log } from "@millrace/kernel";
import { startDriver } from "@millrace/orchestration";
import { deadOwners, ownerOfThisProcess } from "@millrace/runtime-host";
import { clock, openEngine } from "./engine.fixture.js";
import { connectToWorld } from "./world-client.js";

const [database, url, jobPollMs, name] = process.argv.slice(2);
if (database === undefined || url === undefined || name === undefined)
  throw new Error("give a database, the world's address, the pause between polls and a name");

const log: Log = {
  info: () => undefined,
  warn: (event, fields) => void process.stderr.write(`${JSON.stringify({ worker: name, event, ...fields })}\n`),
};
await using engine = await openEngine(database, { ...connectToWorld(url, name), log, jobPollMs: Number(jobPollMs) });

// As the local runtime does on its start: claims of processes that were killed are given back at once.
const owners = new Set<string>();
await engine.wakeups.releaseDead((owner) => {
  owners.add(owner);
  return false;
});
const dead = await deadOwners([...owners]);
if (dead.size > 0) await engine.wakeups.releaseDead((owner) => dead.has(owner));

const driver = startDriver({
  execution: engine.execution,
  cards: engine.cards,
  wakeups: engine.wakeups,
  clock,
  log,
  sleep: (ms, signal) => delay(ms, undefined, { signal }).catch(() => undefined),
  owner: await ownerOfThisProcess(),
  concurrency: 8,
  leaseMs: 5000,
  idleMs: 100,
});
process.stdout.write("driving\n");
// Most workers do not live to write it when they leave.
flushCompileCache();
for await (const _ of process.stdin) {
  // Only its end matters.
}
await driver.stop();
