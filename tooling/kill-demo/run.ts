/**
 * Kills the demo with SIGKILL at random moments and starts it again on the same database, until it ends. Then counts:
 * one run, merged once; no commit, pull request, job or effect twice.
 *
 *   node tooling/kill-demo/run.ts [--count 20] [--kills 1] [--victims host|all] [--seed 1]
 *
 * `host` kills the process that drives the run; `all` kills its agents and their supervisors too.
 */
import { spawn } from "node:child_process";
import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { execFileSync } from "node:child_process";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import type { RunEvent } from "@millrace/contracts";
import { openSqliteStore } from "@millrace/store-sql";

const { values } = parseArgs({
  options: {
    count: { type: "string", default: "20" },
    kills: { type: "string", default: "1" },
    victims: { type: "string", default: "host" },
    seed: { type: "string", default: "1" },
  },
});
const count = Number(values.count);
const kills = Number(values.kills);
const main = join(import.meta.dirname, "../../apps/cli/dist/main.js");
/** Commits on main when all went well: two of the service, the coder's, the fixer's, the rework, the merge. */
const COMMITS = 6;
const JOBS = ["coder", "ci-fixer", "coder", "merger"];

/** Small and seeded: the same seed kills at the same moments. */
function random(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state * 1_664_525 + 1_013_904_223) % 4_294_967_296;
    return state / 4_294_967_296;
  };
}

/** One start of the demo; killed after `killAfterMs` unless it ends before. */
function start(
  folder: string,
  killAfterMs: number | null,
): Promise<{ readonly code: number | null; readonly killed: boolean; readonly output: string }> {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [main, "demo", "--folder", folder], { stdio: ["ignore", "pipe", "pipe"] });
    let output = "";
    child.stdout.on("data", (chunk: Buffer) => (output += chunk.toString()));
    child.stderr.on("data", (chunk: Buffer) => (output += chunk.toString()));
    const timer = killAfterMs === null ? null : setTimeout(() => kill(child.pid), killAfterMs);
    const limit = setTimeout(() => child.kill("SIGKILL"), 120_000);
    child.once("error", reject);
    child.once("close", (code, signal) => {
      if (timer !== null) clearTimeout(timer);
      clearTimeout(limit);
      resolve({ code, killed: signal === "SIGKILL", output });
    });
  });
}

function kill(pid: number | undefined): void {
  if (pid === undefined) return;
  process.kill(pid, "SIGKILL");
  if (values.victims === "all") for (const one of ofThisTest()) tryKill(one);
}

function tryKill(pid: number): void {
  try {
    process.kill(pid, "SIGKILL");
  } catch {
    // The process ended by itself meanwhile.
  }
}

/** Supervisors and agents of jobs in folders of this script. Linux: by the folder in their environment or arguments. */
function ofThisTest(): number[] {
  return readdirSync("/proc")
    .filter((entry) => /^\d+$/.test(entry) && Number(entry) !== process.pid)
    .filter((entry) => {
      try {
        return (
          readFileSync(`/proc/${entry}/cmdline`, "latin1").includes("millrace-kill-") ||
          readFileSync(`/proc/${entry}/environ`, "latin1").includes("millrace-kill-")
        );
      } catch {
        return false;
      }
    })
    .map(Number);
}

const git = (cwd: string, ...args: string[]): string => execFileSync("git", args, { cwd, encoding: "utf8" }).trim();

/** Problems in the state that the demo left; empty without any. */
async function faults(folder: string): Promise<string[]> {
  const found: string[] = [];
  const expect = (what: string, actual: unknown, wanted: unknown): void => {
    if (JSON.stringify(actual) !== JSON.stringify(wanted))
      found.push(`${what}: ${JSON.stringify(actual)} instead of ${JSON.stringify(wanted)}`);
  };
  const bare = join(folder, ".millrace/repo.git");
  await using sql = await openSqliteStore({ path: join(folder, ".millrace/millrace.db"), clock: { now: () => Date.now() } });
  const [workspace] = await sql.store.workspaces.list({ limit: 10 });
  if (workspace === undefined) return ["there is no workspace"];
  const runs = await sql.store.runs.list(workspace.id, {}, { limit: 10 });
  expect(
    "runs and their state",
    runs.map((run) => run.status),
    ["done"],
  );
  const [run] = runs;
  if (run === undefined) return found;
  const events = (await sql.store.events.ofRun(workspace.id, run.id, 0, 1000)).map((logged) => (logged.entry as RunEvent).event);
  const keys = events.flatMap((event) => (event.type === "effect-requested" ? [event.effect.key] : []));
  expect("effects asked for twice", keys.length - new Set(keys).size, 0);
  const jobs = events.flatMap((event) => (event.type === "job-started" ? [event.job] : []));
  expect("jobs twice", jobs.length - new Set(jobs.map((job) => job.key)).size, 0);
  if (values.victims === "host")
    expect(
      "jobs",
      jobs.map((job) => job.kind),
      JOBS,
    );
  expect("merges in the log", events.filter((event) => event.type === "merged").length, 1);
  expect("merge commits on main", git(bare, "rev-list", "--count", "--merges", "main"), "1");
  expect("commits on main", git(bare, "rev-list", "--count", "main"), String(COMMITS));
  const first = await sql.pullRequests.find("till", 1);
  expect("pull request 1", first?.state, "merged");
  expect("pull request 2", await sql.pullRequests.find("till", 2), null);
  return found;
}

const next = random(Number(values.seed));
let done = 0;
let killed = 0;
const failures: string[] = [];
for (let round = 1; round <= count; round += 1) {
  const folder = mkdtempSync(join(tmpdir(), "millrace-kill-"));
  const moments: string[] = [];
  let ended = { code: null as number | null, killed: true, output: "" };
  for (let shot = 0; shot < kills && ended.killed; shot += 1) {
    const after = Math.round(100 + next() * 7000);
    ended = await start(folder, after);
    moments.push(ended.killed ? `${after} ms` : "(ended before)");
    killed += ended.killed ? 1 : 0;
  }
  if (ended.killed) ended = await start(folder, null);
  const wrong = ended.code === 0 ? await faults(folder) : [`exit ${ended.code}: ${ended.output.slice(-600)}`];
  console.log(
    `${String(round).padStart(3)}  killed at ${moments.join(", ").padEnd(16)}  ${wrong.length === 0 ? "merged once" : wrong.join("; ")}`,
  );
  if (wrong.length === 0) {
    done += 1;
    rmSync(folder, { recursive: true, force: true });
  } else failures.push(`${folder}: ${wrong.join("; ")}`);
}
console.log(`${count} demos, ${killed} kills (${values.victims}), ${done} merged exactly once, ${failures.length} wrong`);
process.exitCode = failures.length === 0 && done === count ? 0 : 1;
