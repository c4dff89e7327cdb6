/** Program that `tooling/kill-fleet/run.ts` starts from the sources. Prints a table; exit code 1 on any violation. */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { sqliteFile } from "./database.fixture.js";
import { runFleet } from "./fleet.fixture.js";
import { postgresServer } from "./postgres-database.fixture.js";
import { reportOf } from "./report.logic.js";

const { values } = parseArgs({
  options: {
    database: { type: "string", default: "sqlite" },
    runs: { type: "string", default: "300" },
    kills: { type: "string", default: "200" },
    restarts: { type: "string" },
    drops: { type: "string" },
    workers: { type: "string" },
    seed: { type: "string", default: "1" },
    minutes: { type: "string", default: "15" },
    verbose: { type: "boolean", default: false },
  },
});
const isPostgres = values.database === "postgres";
if (!isPostgres && values.database !== "sqlite") refuse(`--database must be sqlite or postgres, not '${values.database}'`);
const restarts = count("restarts", values.restarts ?? (isPostgres ? "10" : "0"), 0);
const drops = count("drops", values.drops ?? (isPostgres ? "50" : "0"), 0);
if (!isPostgres && restarts + drops > 0) refuse("--restarts and --drops need --database postgres: a file has no server");
const workers = count("workers", values.workers ?? (isPostgres ? "4" : "2"));

const folder = await mkdtemp(join(tmpdir(), "millrace-fleet-"));
await using resources = new AsyncDisposableStack();
const database = isPostgres
  ? resources.use(await postgresServer(workers, { folder, durable: true }))
  : sqliteFile(join(folder, "fleet.db"), workers);
const outcome = await runFleet({
  database,
  cache: join(folder, "compiled"),
  runs: count("runs", values.runs),
  kills: count("kills", values.kills),
  restarts,
  drops,
  seed: count("seed", values.seed),
  limitMs: count("minutes", values.minutes) * 60_000,
});
if (values.verbose) console.log(outcome.complaints.join("\n"));
console.log(reportOf(outcome));
await resources.disposeAsync();
const ok = outcome.violations.length === 0;
if (ok) await rm(folder, { recursive: true, force: true });
else console.log(`the database is kept in ${folder}`);
process.exitCode = ok ? 0 : 1;

function count(name: string, text: string, least = 1): number {
  const value = Number(text);
  if (Number.isInteger(value) && value >= least) return value;
  return refuse(`--${name} must be a whole number from ${least}, not '${text}'`);
}

function refuse(why: string): never {
  console.error(why);
  process.exit(2);
}
