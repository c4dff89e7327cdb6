/**
 * Kills worker processes with SIGKILL at random moments while many runs are in flight on one database, and replaces them. Then verifies
 * that nothing was lost, nothing happened twice and nothing is stuck: from the database, and from the ledger of what agents and forge did.
 *
 *   node tooling/kill-fleet/run.ts [--jobs scripted|real|both] [--runs 300] [--kills 200] [--workers 2] [--seed 1] [--minutes 15] [--verbose]
 *   node tooling/kill-fleet/run.ts --database postgres [--machines 2] [--restarts 10] [--drops 50] [--workers 4] [the same]
 *   node tooling/kill-fleet/run.ts --jobs real [--mishaps left-lock=6,full-disk=1|none] [--defect <name>] [the same]
 *
 * Scripted jobs end within the environment of the fleet; real ones have folders, supervisors, agents and git on one machine or several, to
 * which `--mishaps` happen. The two fleets run one after the other, each on a database of its own. On SQLite that is one file. On PostgreSQL
 * it is a new server with fsync, which restarts meanwhile (every other time as a crash; a loss of power is not simulated), and whose
 * connections are terminated or cut around a COMMIT. Planned kills, faults and mishaps that did not happen are violations.
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
