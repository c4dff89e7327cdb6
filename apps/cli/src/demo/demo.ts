/** The demo: a task on a board becomes a merged commit, with real parts, offline; every step says why. */
import { mkdtemp, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import type { Pipeline, Run } from "@millrace/contracts";
import { createJobReader, sampleAgentLaunch, type SandboxName } from "@millrace/executors";
import { syncHint } from "@millrace/integrations";
import { MillraceError, throwUnwritable, type Log, modelProxyOff } from "@millrace/kernel";
import { builtInPipelines, trustEveryPerson } from "@millrace/orchestration";
import type { Host } from "@millrace/runtime-host";
import { FILE_MODE } from "../config/board-guard.js";
import type { Config } from "../config/config.schema.js";
import type { TrustedBoards } from "../config/trusted-boards.js";
import { followRun } from "../follow/follow-run.js";
import { timelineFollower } from "../follow/followers.js";
import type { Output } from "../output/output.js";
import { databaseOf, openOn, schemaOfFolder, type DatabaseChoice } from "../wiring/database.js";
import { testMain, verdictOf } from "./evidence.js";
import { SERVICE_NAME } from "./sample-service.js";
import { answerAsDemoUser } from "./demo-user.js";
import { demoFolder, git, makeBoard, makeService, takeUpRun, type DemoBoard, type DemoFolder } from "./set-up.js";

/** Options of the demo. */
export interface DemoOptions {
  /** Folder of the demo; a killed demo goes on in its folder. Default: a new temporary folder. */
  readonly folder?: string;
  /** Id of a built-in pipeline. Default: `pl_reviewed`. */
  readonly pipeline?: string;
  /** A PostgreSQL URL; the board has a schema of its own there. Null: SQLite, in the folder. */
  readonly database: string | null;
  readonly trusted: TrustedBoards;
  /** Where its agent and its checks run. */
  readonly sandbox: SandboxName;
  readonly output: Output;
  /** Ends the watching; the run goes on at the next start. */
  readonly signal: AbortSignal;
}

const silent: Log = { info: () => undefined, warn: () => undefined };

const DEMO_PIPELINE = "pl_reviewed";

/** Runs the demo to its end. Resolves with the exit code of the process: 0 when it merged, or finished a pipeline without a merger; else 5. */
export async function runDemo(options: DemoOptions): Promise<number> {
  const { output } = options;
  const pipeline = pipelineOf(options.pipeline ?? DEMO_PIPELINE);
  const folder = demoFolder(options.folder === undefined ? await newFolder() : resolve(options.folder));
  output.line("Millrace demo: a task becomes a merged commit. Real git, real agent processes, real tests; no network, no key.\n");
  await makeService(folder, pipeline);
  const database = options.database === null ? null : { schema: schemaOfFolder("millrace_demo", folder.service) };
  await using runtime = await openRuntime(folder, options.sandbox, databaseOf({ database }, { option: options.database, env: {} }));
  const board = await makeBoard(runtime, pipeline);
  const { run: first, isNew } = await takeUpRun(runtime, board, pipeline);
  options.trusted.add({ folder: folder.state, config: await writeConfig(folder, board, pipeline, database) });
  output.lines([
    `  folder    ${folder.service}`,
    `  service   ${board.service.title}, checked by \`node --test\``,
    `  task      ${board.task.title}`,
    `  pipeline  ${pipeline.name}: ${pipeline.steps.map((step) => step.kind).join(" → ")}`,
    "  agent     the sample agent: an offline stand-in that edits by a script and speaks the Agent Client Protocol",
    "  person    the demo, which answers for you: its answers alone need no proof",
    "",
    ...(isNew ? [] : [`Going on with run ${first.id} (${first.phase.is}).`]),
  ]);
  await runtime.startDriver();
  const run = await followToTheEnd(runtime, folder, first, options);
  return report(runtime, folder, board, run, output);
}

/** @throws MillraceError `folder_unwritable`. */
function newFolder(): Promise<string> {
  return mkdtemp(join(tmpdir(), "millrace-demo-")).catch((error: unknown) => throwUnwritable(tmpdir(), error));
}

/** Most questions that the demo answers. */
const MAX_ANSWERS = 20;

async function followToTheEnd(runtime: Host, folder: DemoFolder, first: Run, { output, signal }: DemoOptions): Promise<Run> {
  const address = { workspaceId: first.workspaceId, runId: first.id };
  const follower = timelineFollower(output);
  let seen = 0;
  for (let answers = 0; ; answers += 1) {
    const run = await followRun({
      runtime,
      jobs: createJobReader(join(folder.state, "jobs")),
      address,
      seen,
      signal,
      follower,
    });
    if (signal.aborted || answers === MAX_ANSWERS || !(await answerAsDemoUser(runtime, run, output))) return run;
    seen = run.revision;
  }
}

/**
 * A built-in pipeline by its id.
 *
 * @throws MillraceError `validation` with the ids there are.
 */
function pipelineOf(id: string): Pipeline {
  const known = builtInPipelines.filter((pipeline) => pipeline.id !== "pl_merge");
  const found = known.find((pipeline) => pipeline.id === id);
  if (found === undefined)
    throw new MillraceError("validation", `there is no demo of a pipeline '${id}'`, {
      fix: `name one of: ${known.map((pipeline) => pipeline.id).join(", ")}`,
    });
  return found;
}

function openRuntime(folder: DemoFolder, sandbox: SandboxName, database: DatabaseChoice): Promise<Host> {
  return openOn(database, {
    folder: folder.state,
    launchFor: () => sampleAgentLaunch({ script: folder.script }),
    sandbox,
    modelProxy: modelProxyOff,
    repositories: async (id) => (id === SERVICE_NAME ? { path: folder.bare, url: `local-git:${SERVICE_NAME}`, checks: [demoCheck] } : null),
    log: silent,
    persons: trustEveryPerson,
  });
}

const demoCheck: Config["checks"][number] = { name: "test", argv: [process.execPath, "--test"], timeoutMs: 60_000 };

/** Writes and returns the configuration, so that every other command works in the folder afterwards. */
async function writeConfig(
  folder: DemoFolder,
  board: DemoBoard,
  pipeline: Pipeline,
  database: NonNullable<Config["database"]> | null,
): Promise<Config> {
  const config: Config = {
    version: 1,
    workspaceId: board.workspace.id,
    serviceId: board.service.id,
    repository: { forge: "local-git", id: SERVICE_NAME, base: "main" },
    checks: [demoCheck],
    ci: "required",
    agent: `sample "${folder.script}"`,
    pipeline: pipeline.id,
    database,
  };
  await writeFile(join(folder.state, "config.json"), `${JSON.stringify(config, null, 2)}\n`, { mode: FILE_MODE });
  return config;
}

async function report(runtime: Host, folder: DemoFolder, board: DemoBoard, run: Run, output: Output): Promise<number> {
  const { view } = await runtime.runs.view({ workspaceId: run.workspaceId, runId: run.id });
  const verdict = verdictOf(view);
  if (run.phase.is === "done" && run.merged === null) {
    const pull = run.pullRequest === null ? "it changed nothing" : `pull request #${run.pullRequest.number} waits for your word`;
    output.line(`\nFinished  ${run.pipeline.name} has no merger: ${pull}`);
    output.line(`\nLook closer:  cd ${folder.service} && ${millrace()} show ${run.id}`);
    if (run.pullRequest !== null) output.line(`Merge it:     cd ${folder.service} && ${millrace()} merge ${board.task.id} --run`);
    output.document({ merged: null, run: run.id, finished: true });
    return 0;
  }
  if (run.merged === null || verdict === null) {
    const why = run.phase.is === "failed" ? run.phase.failure.message : `the run is ${run.phase.is}`;
    output.line(`\nNot merged: ${why}\nLook closer:  cd ${folder.service} && ${millrace()} show ${run.id}`);
    output.document({ merged: null, run: run.id, why });
    return 5;
  }
  const tip = await git(folder.bare, "log", "-1", "--format=%H %s", "main");
  const tests = await testMain(folder.bare);
  output.line(`
Merged    ${tip}
Tests     on main, in a fresh clone: ${tests.passed} passed, ${tests.failed} failed
Evidence  the merge stood on this verdict and on nothing else
            head      ${verdict.head}
            base      ${verdict.base}
${verdict.checks.map((check) => `            check     ${check.name}: ${check.conclusion ?? check.status}`).join("\n")}
            settings  ${verdict.settings.slice(0, 16)}…
Database  ${runtime.databaseName}

Look closer:     cd ${folder.service} && ${millrace()} show ${run.id}
Take the change: cd ${folder.service} && ${syncHint("main")}`);
  output.document({
    merged: run.merged,
    run: run.id,
    task: board.task.id,
    tests,
    verdict,
    folder: folder.service,
    database: runtime.databaseName,
  });
  return tests.failed === 0 && tests.passed > 0 ? 0 : 5;
}

/** The command line of this program, ready to be pasted: through npx where the machine's own Node may be older. */
function millrace(): string {
  const [, script] = process.argv;
  if (script === undefined || !script.endsWith(".js")) return "millrace";
  return process.execPath.includes("_npx") ? `npx -y -p node@24 -- node ${script}` : `node ${script}`;
}
