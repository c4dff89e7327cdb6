/** The folder of the demo: the sample service under git, the board, the run. Each step keeps what exists, so a killed demo goes on where it was. */
import { execFile } from "node:child_process";
import { mkdir, rename, rm, stat, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { promisify } from "node:util";
import { checkPolicySchema, type Block, type Pipeline, type Run, type Workspace } from "@millrace/contracts";
import { initLocalRepository, linkRemote } from "@millrace/integrations";
import { MillraceError } from "@millrace/kernel";
import { FILE_MODE, FOLDER_MODE } from "../config/board-guard.js";
import type { Host } from "@millrace/runtime-host";
import { tasksOf } from "../board/find.js";
import { HISTORY, SERVICE_NAME, TASK } from "./sample-service.js";
import { DEMO_USER } from "./demo-user.js";
import { demoScript } from "./script.js";

/** Paths of the demo. */
export interface DemoFolder {
  /** The service's working copy. */
  readonly service: string;
  /** Its `.millrace`. */
  readonly state: string;
  readonly bare: string;
  readonly script: string;
}

/** The board of the demo: its workspace, its service and its one task. */
export interface DemoBoard {
  readonly workspace: Workspace;
  readonly service: Block;
  readonly task: Block;
}

export async function git(cwd: string, ...args: readonly string[]): Promise<string> {
  const identity = {
    GIT_AUTHOR_NAME: "Sample",
    GIT_AUTHOR_EMAIL: "sample@millrace.invalid",
    GIT_COMMITTER_NAME: "Sample",
    GIT_COMMITTER_EMAIL: "sample@millrace.invalid",
  };
  const { stdout } = await promisify(execFile)("git", [...args], {
    cwd,
    env: { PATH: process.env["PATH"] ?? "", HOME: cwd, GIT_CONFIG_NOSYSTEM: "1", GIT_CONFIG_GLOBAL: "/dev/null", ...identity },
  });
  return stdout.trim();
}

export function demoFolder(root: string): DemoFolder {
  const state = join(root, ".millrace");
  return { service: root, state, bare: join(state, "repo.git"), script: join(state, "sample-agent.json") };
}

/** The service with its history, the bare repository beside it, and the sample agent's script. */
export async function makeService(folder: DemoFolder, pipeline: Pipeline): Promise<void> {
  if (!(await exists(join(folder.service, ".git")))) await makeHistory(folder.service);
  await mkdir(folder.state, { recursive: true, mode: FOLDER_MODE });
  await writeFile(join(folder.state, ".gitignore"), "*\n", { mode: FILE_MODE });
  // Readable for the user of a sandbox; its folder is closed to others.
  await writeFile(folder.script, JSON.stringify(demoScript(pipeline), null, 2), { mode: 0o644 });
  if (!(await exists(folder.bare))) await initLocalRepository({ path: folder.bare, from: folder.service, base: "main" });
  await linkRemote(folder.service, folder.bare);
}

/** Makes the service in a draft folder and renames it, so that a half-made service is never taken for a whole one. */
async function makeHistory(place: string): Promise<void> {
  const draft = `${place}.new`;
  await rm(draft, { recursive: true, force: true });
  await mkdir(draft, { recursive: true });
  await git(draft, "init", "--quiet", "--initial-branch=main");
  for (const { message, files } of HISTORY) {
    for (const [path, text] of Object.entries(files)) {
      await mkdir(dirname(join(draft, path)), { recursive: true });
      await writeFile(join(draft, path), text);
    }
    await git(draft, "add", "--all");
    await git(draft, "commit", "--quiet", "--message", message);
  }
  // rename replaces an empty folder and nothing else.
  await rename(draft, place).catch(async (cause: unknown) => {
    await rm(draft, { recursive: true, force: true });
    throw new MillraceError("conflict", `'${place}' is not empty and holds no demo`, { fix: "name an empty or a new folder", cause });
  });
}

export async function makeBoard(runtime: Host, pipeline: Pipeline): Promise<DemoBoard> {
  const page = { limit: 1 };
  const [workspace = await runtime.workspaces.create({ name: "demo", actor: DEMO_USER })] = await runtime.store.workspaces.list(page);
  const [
    service = await runtime.board.addService({
      workspaceId: workspace.id,
      title: SERVICE_NAME,
      repository: { forge: "local-git", id: SERVICE_NAME, base: "main" },
      checks: checkPolicySchema.parse({ requiredChecks: ["test"] }),
      actor: DEMO_USER,
    }),
  ] = await runtime.store.blocks.children(workspace.id, null, page);
  // Its own task moves into a module once it is merged.
  const [
    task = await runtime.board.addTask({
      workspaceId: workspace.id,
      parentId: service.id,
      input: { ...TASK, pipelineId: pipeline.id, moduleName: "Pricing" },
      actor: DEMO_USER,
    }),
  ] = await tasksOf({ store: runtime.store, workspaceId: workspace.id, serviceId: service.id });
  return { workspace, service, task };
}

/** The run of the task: the existing one, else a new one. */
export async function takeUpRun(
  runtime: Host,
  { workspace, task }: DemoBoard,
  pipeline: Pipeline,
): Promise<{ readonly run: Run; readonly isNew: boolean }> {
  const [known] = await runtime.store.runs.list(workspace.id, { blockId: task.id }, { limit: 1 });
  if (known !== undefined) return { run: await runtime.execution.get({ workspaceId: workspace.id, runId: known.id }), isNew: false };
  const run = await runtime.execution.start({ workspaceId: workspace.id, blockId: task.id, pipelineId: pipeline.id, actor: DEMO_USER });
  return { run, isNew: true };
}

async function exists(path: string): Promise<boolean> {
  return (await stat(path).catch(() => null)) !== null;
}
