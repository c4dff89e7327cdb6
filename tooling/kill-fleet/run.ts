/**
 * Kills worker processes with SIGKILL at random moments while hundreds of runs are in flight on one database, and puts new ones in
 * their places. Then judges from the database and the ledger of the outside world: nothing lost, nothing twice.
 *
 *   node tooling/kill-fleet/run.ts [--runs 300] [--kills 200] [--workers 2] [--seed 1] [--minutes 15] [--verbose]
 *   node tooling/kill-fleet/run.ts --database postgres [--restarts 10] [--drops 50] [--workers 4] [the same]
 *
 * On SQLite the database is one file. On PostgreSQL it is a server of its own, with fsync on, which restarts meanwhile (every other time
 * without writing anything down first, as a crash does; a machine that loses its power is not played) and whose connections are ended
 * or cut around a COMMIT. Workers and people use the queue of the Node runtime there. What was asked for and never happened is a fault.
 *
 * Runs from the sources; nothing needs to be built. Exit code 1 when anything is wrong; the database is then kept.
 */
import { spawnSync } from "node:child_process";
import { fileURLToPath } from "node:url";

const hook = fileURLToPath(new URL("../../packages/executors/src/source-hook.ts", import.meta.url));
const main = fileURLToPath(new URL("../../tests/src/kill-fleet/main.fixture.ts", import.meta.url));
const argv = ["--conditions=millrace-source", "--no-warnings", "--import", hook, main, ...process.argv.slice(2)];
const { status } = spawnSync(process.execPath, argv, { stdio: "inherit" });
process.exitCode = status ?? 1;
