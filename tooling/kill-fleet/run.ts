/**
 * Kills worker processes with SIGKILL at random moments while hundreds of runs are in flight on one database, and replaces them. Then
 * verifies, from the database and the ledger of the environment, that nothing was lost and nothing happened twice.
 *
 *   node tooling/kill-fleet/run.ts [--runs 300] [--kills 200] [--workers 2] [--seed 1] [--minutes 15] [--verbose]
 *   node tooling/kill-fleet/run.ts --database postgres [--restarts 10] [--drops 50] [--workers 4] [the same]
 *
 * On SQLite the database is one file. On PostgreSQL it is a new server with fsync, which restarts meanwhile (every other time as a
 * crash; a loss of power is not simulated), and whose connections are terminated or cut around a COMMIT; workers and the user use the
 * queue of the Node runtime there. Planned kills and faults that did not happen are violations.
 *
 * Runs from the sources, without a build. Exit code 1 on any violation; the database is then kept.
 */
import { spawnSync } from "node:child_process";
import { fileURLToPath } from "node:url";

const hook = fileURLToPath(new URL("../../packages/executors/src/source-hook.ts", import.meta.url));
const main = fileURLToPath(new URL("../../tests/src/kill-fleet/main.fixture.ts", import.meta.url));
const argv = ["--conditions=millrace-source", "--no-warnings", "--import", hook, main, ...process.argv.slice(2)];
const { status } = spawnSync(process.execPath, argv, { stdio: "inherit" });
process.exitCode = status ?? 1;
