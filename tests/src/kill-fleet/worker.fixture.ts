/**
 * One worker of a fleet: `node worker.fixture.ts <database> <world url> <poll ms> <name>`. Drives whatever is due until its standard
 * input ends, or until it is killed. Says `driving` when it does.
 */
import { flushCompileCache } from "node:module";
import type { Log } from "@millrace/kernel";
import { openWorker } from "./open-worker.fixture.js";
import { connectToEnvironment } from "./environment-client.js";

const [address, url, jobPollMs, name] = process.argv.slice(2);
if (address === undefined || url === undefined || name === undefined)
  throw new Error("give a database, the world's address, the pause between polls and a name");

const log: Log = {
  info: () => undefined,
  warn: (event, fields) => void process.stderr.write(`${JSON.stringify({ worker: name, event, ...fields })}\n`),
};
await using _worker = await openWorker(address, { ...connectToEnvironment(url, name), log, jobPollMs: Number(jobPollMs) });
process.stdout.write("driving\n");
// Most workers do not live to write it when they leave.
flushCompileCache();
for await (const _ of process.stdin) {
  // Only its end matters.
}
