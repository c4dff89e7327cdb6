/** Program that `tooling/kill-fleet/run.ts` starts from the sources. Prints a table for each fleet; exit code 1 on any violation. */
import { chmod, mkdir, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { DEFECTS, isDefect, preloadOf, type DefectName } from "./defects/defects.js";
import { sqliteFile, type FleetDatabase } from "./database.fixture.js";
import { runFleet } from "./fleet.fixture.js";
import { runMachines } from "./machines/fleet.fixture.js";
import { MISHAPS, mishapCounts, type MishapCounts } from "./machines/mishaps.logic.js";
import { machinesReportOf } from "./machines/report.logic.js";
import { postgresServer } from "./postgres-database.fixture.js";
import { reportOf } from "./report.logic.js";
import type { Violation } from "./verify/violation.logic.js";

const { values } = parseArgs({
  options: {
    database: { type: "string", default: "sqlite" },
    jobs: { type: "string", default: "both" },
    machines: { type: "string", default: "1" },
    mishaps: { type: "string" },
    defect: { type: "string" },
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
if (!["scripted", "real", "both"].includes(values.jobs)) refuse(`--jobs must be scripted, real or both, not '${values.jobs}'`);
const machines = count("machines", values.machines);
if (!isPostgres && machines > 1) refuse("--machines needs --database postgres: a file belongs to one machine");
const restarts = count("restarts", values.restarts ?? (isPostgres ? "10" : "0"), 0);
const drops = count("drops", values.drops ?? (isPostgres ? "50" : "0"), 0);
if (!isPostgres && restarts + drops > 0) refuse("--restarts and --drops need --database postgres: a file has no server");
const workers = count("workers", values.workers ?? (isPostgres ? "4" : "2"));
const asked = {
  restarts,
  drops,
  runs: count("runs", values.runs),
  kills: count("kills", values.kills, 0),
  seed: count("seed", values.seed),
  limitMs: count("minutes", values.minutes) * 60_000,
  preload: values.defect === undefined ? [] : [preloadOf(defectOf(values.defect))],
};

const folder = await mkdtemp(join(tmpdir(), "millrace-fleet-"));
// Started by root, a server runs as another user.
await chmod(folder, 0o755);
const cache = join(folder, "compiled");
if (values.jobs !== "real")
  await withDatabase("scripted", async (database) => {
    const outcome = await runFleet({ ...asked, database, cache });
    return { ...outcome, report: reportOf(outcome) };
  });
if (values.jobs !== "scripted")
  await withDatabase("real", async (database, own) => {
    const mishaps = values.mishaps === undefined ? {} : { mishaps: mishapsOf(values.mishaps) };
    const outcome = await runMachines({ ...asked, ...mishaps, database, cache, machines, folder: own });
    return { ...outcome, report: machinesReportOf(outcome) };
  });
if (process.exitCode === undefined) await rm(folder, { recursive: true, force: true });
else console.log(`the databases are kept in ${folder}`);
// Now, with the code above: the exit hook that the test server of PostgreSQL brings ends a process that is left to end by itself with 0.
process.exit();

interface Told {
  readonly report: string;
  readonly violations: readonly Violation[];
  readonly complaints: readonly string[];
}

async function withDatabase(name: string, fleet: (database: FleetDatabase, folder: string) => Promise<Told>): Promise<void> {
  const own = join(folder, name);
  await mkdir(own);
  await using resources = new AsyncDisposableStack();
  const database = isPostgres
    ? resources.use(await postgresServer(workers, { folder: await madeFolder(join(own, "server")), durable: true }))
    : sqliteFile(join(own, "fleet.db"), workers);
  const told = await fleet(database, own);
  if (values.verbose) console.log(told.complaints.join("\n"));
  console.log(`${name} jobs on ${values.database}\n${told.report}`);
  if (told.violations.length > 0) process.exitCode = 1;
}

function defectOf(name: string): DefectName {
  const known = Object.keys(DEFECTS);
  return isDefect(name) ? name : refuse(`--defect knows\n  ${known.join("\n  ")}\nand not '${name}'`);
}

async function madeFolder(path: string): Promise<string> {
  await mkdir(path);
  return path;
}

function count(name: string, text: string, least = 1): number {
  const value = Number(text);
  if (Number.isInteger(value) && value >= least) return value;
  return refuse(`--${name} must be a whole number from ${least}, not '${text}'`);
}

/** `left-lock=2,full-disk=1`: those and no others. */
function mishapsOf(text: string): MishapCounts {
  const given = new Map(text.split(",").map((one) => [one.split("=")[0] ?? "", one.split("=")[1] ?? "1"]));
  const unknown = [...given.keys()].find((name) => name !== "none" && !MISHAPS.some((known) => known === name));
  if (unknown !== undefined) refuse(`--mishaps knows ${MISHAPS.join(", ")} and none, not '${unknown}'`);
  return mishapCounts((name) => count("mishaps", given.get(name) ?? "0", 0));
}

function refuse(why: string): never {
  console.error(why);
  process.exit(2);
}
