/** `tooling/kill-fleet/run.ts` starts this from the sources: options in, a table out, exit code 1 when anything is wrong. */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { runFleet } from "./fleet.fixture.js";
import { reportOf } from "./report.logic.js";

const { values } = parseArgs({
  options: {
    runs: { type: "string", default: "300" },
    kills: { type: "string", default: "200" },
    workers: { type: "string", default: "2" },
    seed: { type: "string", default: "1" },
    minutes: { type: "string", default: "15" },
    verbose: { type: "boolean", default: false },
  },
});
const folder = await mkdtemp(join(tmpdir(), "millrace-fleet-"));
const outcome = await runFleet({
  folder,
  runs: count("runs", values.runs),
  kills: count("kills", values.kills),
  workers: count("workers", values.workers),
  seed: count("seed", values.seed),
  limitMs: count("minutes", values.minutes) * 60_000,
});
if (values.verbose) console.log(outcome.complaints.join("\n"));
console.log(reportOf(outcome));
const ok = outcome.faults.length === 0 && outcome.kills === outcome.evidence.plan.kills;
if (ok) await rm(folder, { recursive: true, force: true });
else console.log(`the database is kept in ${folder}`);
process.exitCode = ok ? 0 : 1;

function count(name: string, text: string): number {
  const value = Number(text);
  if (Number.isInteger(value) && value > 0) return value;
  console.error(`--${name} must be a whole number above 0, not '${text}'`);
  process.exit(2);
}
