/**
 * One worker of a fleet: `node worker.fixture.ts <database> <environment url> <poll ms> <name>`. Drives due runs until its standard
 * input ends or it is killed. Prints `driving` when it has started.
 */
import { flushCompileCache } from "node:module";
import type { Log } from "@millrace/kernel";
import { openWorker } from "./open-worker.fixture.js";
import { connectToEnvironment } from "./environment-client.js";

const [address, url, jobPollMs, name] = process.argv.slice(2);
if (address === undefined || url === undefined || name === undefined)
  throw new Error("give a database, the environment's URL, the poll interval in ms and a name");

const log: Log = {
  info: () => undefined,
  warn: (event, fields) => void process.stderr.write(`${JSON.stringify({ worker: name, event, ...fields })}\n`),
};
await using _worker = await openWorker(address, { ...connectToEnvironment(url, name), log, jobPollMs: Number(jobPollMs) });
process.stdout.write("driving\n");
// Written now, because most workers are killed before they exit.
flushCompileCache();
for await (const _ of process.stdin) {
  // The input is ignored until it ends.
}
