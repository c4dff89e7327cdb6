/**
 * One worker of a fleet with real jobs: `node host-worker.fixture.ts <place as JSON> <name>`. Drives due runs until its standard input
 * ends or it is killed. Prints `driving` when it has started.
 */
import { flushCompileCache } from "node:module";
import { untilAvailable } from "../exactly-once.js";
import { openFleetHost, placeSchema } from "./host.fixture.js";

const [place = "", name = ""] = process.argv.slice(2);
const warn = (event: string, fields: object = {}): void =>
  void process.stderr.write(`${JSON.stringify({ worker: name, event, ...fields })}\n`);
const parsed = placeSchema.parse(JSON.parse(place));
await using host = await untilAvailable(() => openFleetHost(parsed, { info: () => undefined, warn }));
await untilAvailable(() => host.startDriver({ concurrency: 6 }));
process.stdout.write("driving\n");
// Written now, because most workers are killed before they exit.
flushCompileCache();
for await (const _ of process.stdin) {
  // The input is ignored until it ends.
}
