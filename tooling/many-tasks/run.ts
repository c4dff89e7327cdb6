/**
 * Good tasks of one repository, all at once, with the real parts: the built CLI, its worker, agents as processes, git, checks and SQLite.
 * Prints what each merged task cost. Exit code 1: a task did not merge, a merger was paid for twice for one change, or main is not what
 * the tasks add up to.
 *
 *   pnpm build && node tooling/many-tasks/run.ts [--tasks 25] [--concurrency 8]
 */
import { execFileSync, spawn } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import type { RunEvent } from "@millrace/contracts";
import { openSqliteStore } from "@millrace/store-sql";

const { values } = parseArgs({ options: { tasks: { type: "string", default: "25" }, concurrency: { type: "string", default: "8" } } });
/** One page of runs. */
const MAX_TASKS = 200;
const tasks = Math.min(Number(values.tasks), MAX_TASKS);
const main = join(import.meta.dirname, "../../apps/cli/dist/main.js");
/** Longest run of the worker, in ms for each task. */
const LIMIT_MS_PER_TASK = 60_000;

/** Each task adds a file of its own; the merger scores it low. */
const AGENT = `case "$MILLRACE_AGENT_KIND" in
  coder) name=$(grep -o 'file-[0-9]*' "$1" | head -1); echo "$name" > "$name.txt"; echo "Wrote $name.txt." ;;
  merger) echo '{"complexity":0.1,"risk":0.1,"impact":0.1,"rationale":"one small file"}' ;;
  *) echo "Nothing to add." ;;
esac
`;

const root = mkdtempSync(join(tmpdir(), "millrace-many-"));
const repository = join(root, "repository");
const env = { ...process.env, HOME: root, XDG_STATE_HOME: join(root, "state"), XDG_CONFIG_HOME: join(root, "config") };
try {
  const failures = await measure();
  for (const failure of failures) console.error(failure);
  process.exitCode = failures.length > 0 ? 1 : 0;
} finally {
  rmSync(root, { recursive: true, force: true });
}

async function measure(): Promise<readonly string[]> {
  makeRepository();
  writeFileSync(join(root, "agent.sh"), AGENT);
  cli("init", "--check", "test -f README.md", "--agent", `sh ${join(root, "agent.sh")} {prompt_file}`);
  const titles = Array.from({ length: tasks }, (_, index) => `Write file-${index}`);
  const ids = titles.map((title) => cli("task", "add", title, "--pipeline", "pl_minimal", "--quiet").trim());
  cli("start", ...ids);
  const begun = performance.now();
  await workUntilMerged();
  const seconds = (performance.now() - begun) / 1000;
  return report(seconds);
}

function makeRepository(): void {
  execFileSync("git", ["init", "--quiet", "--initial-branch=main", repository]);
  writeFileSync(join(repository, "README.md"), "# Many tasks\n");
  git("add", ".");
  git("-c", "user.name=A person", "-c", "user.email=person@example.invalid", "commit", "--quiet", "-m", "A beginning");
}

function git(...args: readonly string[]): string {
  return execFileSync("git", args, { cwd: repository, encoding: "utf8" }).trim();
}

function cli(...args: readonly string[]): string {
  return execFileSync(process.execPath, [main, ...args], { cwd: repository, env, encoding: "utf8", stdio: ["ignore", "pipe", "inherit"] });
}

async function workUntilMerged(): Promise<void> {
  const worker = spawn(process.execPath, [main, "work", "--concurrency", values.concurrency], { cwd: repository, env, stdio: "ignore" });
  const ended = new Promise<void>((resolve) => worker.once("exit", () => resolve()));
  const until = performance.now() + tasks * LIMIT_MS_PER_TASK;
  try {
    while (performance.now() < until && (await liveRuns()) > 0) await new Promise((resolve) => setTimeout(resolve, 1000));
  } finally {
    worker.kill("SIGTERM");
    await ended;
  }
}

function openStore(): ReturnType<typeof openSqliteStore> {
  return openSqliteStore({ path: join(repository, ".millrace/millrace.db"), clock: { now: () => Date.now() } });
}

async function liveRuns(): Promise<number> {
  await using sql = await openStore();
  const [workspace] = await sql.store.workspaces.list({ limit: 1 });
  if (workspace === undefined) return 0;
  return (await sql.store.runs.list(workspace.id, {}, { limit: MAX_TASKS })).filter(({ status }) => status === "running").length;
}

async function report(seconds: number): Promise<readonly string[]> {
  await using sql = await openStore();
  const [workspace] = await sql.store.workspaces.list({ limit: 1 });
  if (workspace === undefined) return ["there is no workspace"];
  const runs = await sql.store.runs.list(workspace.id, {}, { limit: MAX_TASKS });
  const merged = runs.filter(({ status }) => status === "done").length;
  const counts = { jobs: 0, mergers: 0, gates: 0, effects: 0 };
  for (const { id } of runs) {
    const logged = await sql.store.events.ofRun(workspace.id, id, 0, 1000);
    for (const { entry } of logged) {
      const { event } = entry as RunEvent;
      if (event.type !== "effect-requested") continue;
      counts.effects += 1;
      if (event.effect.request.do === "probe") counts.gates += 1;
      if (event.effect.request.do !== "start-job") continue;
      counts.jobs += 1;
      if (event.effect.request.kind === "merger") counts.mergers += 1;
    }
  }
  git("fetch", "--quiet", "millrace");
  const onMain = git("ls-tree", "--name-only", "millrace/main")
    .split("\n")
    .filter((name) => name.startsWith("file-")).length;
  const per = (count: number): string => (count / tasks).toFixed(1);
  console.log("tasks  merged  files on main  merger jobs  jobs/task  looks/task  effects/task  s/task");
  console.log(
    `${String(tasks).padEnd(5)}  ${String(merged).padEnd(6)}  ${String(onMain).padEnd(13)}  ${String(counts.mergers).padEnd(11)}  ${per(counts.jobs).padEnd(9)}  ${per(counts.gates).padEnd(10)}  ${per(counts.effects).padEnd(12)}  ${per(seconds)}`,
  );
  const failures: string[] = [];
  if (merged !== tasks) failures.push(`${tasks - merged} of ${tasks} tasks did not merge`);
  if (counts.mergers > tasks) failures.push(`${counts.mergers} merger jobs for ${tasks} changes`);
  if (onMain !== tasks) failures.push(`main has ${onMain} of ${tasks} files`);
  return failures;
}
