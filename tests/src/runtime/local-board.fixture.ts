/** A board with a real repository for tests of the runtimes, in a folder (and a database) that several processes may open. */
import { execFile, spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { modelProxyOff } from "@millrace/kernel";
import { checkPolicySchema, type Actor, type Block } from "@millrace/contracts";
import { openSandbox, sampleAgentLaunch, type SampleScript } from "@millrace/executors";
import { initLocalRepository } from "@millrace/integrations";
import { trustEveryPerson } from "@millrace/orchestration";
import type { Host, HostSettings } from "@millrace/runtime-host";
import { openLocalRuntime } from "@millrace/runtime-local";
import { openNodeRuntime } from "@millrace/runtime-node";
import { silentLog, testUser } from "@millrace/testing";

export const USER: Actor = testUser;
/** Check of every commit: the file says 42. */
const CHECK = { name: "test", argv: ["grep", "-qx", "42", "answer.txt"] as const, timeoutMs: 20_000 };

export async function git(cwd: string, ...args: readonly string[]): Promise<string> {
  const { stdout } = await promisify(execFile)("git", [...args], {
    cwd,
    env: { PATH: process.env["PATH"] ?? "", HOME: cwd, GIT_CONFIG_NOSYSTEM: "1" },
  });
  return stdout.trim();
}

export const bareOf = (folder: string): string => join(folder, "sample.git");

/** Creates a repository with one commit, and writes the sample agent's script. */
export async function makeSample(folder: string, script: SampleScript, files: Readonly<Record<string, string>>): Promise<void> {
  const source = join(folder, "source");
  await mkdir(source);
  await git(source, "init", "-q", "-b", "main");
  for (const [path, text] of Object.entries(files)) await writeFile(join(source, path), text);
  await git(source, "add", "-A");
  await git(source, "-c", "user.name=a", "-c", "user.email=a@b.c", "commit", "-qm", "first");
  await initLocalRepository({ path: bareOf(folder), from: source });
  await writeFile(join(folder, "script.json"), JSON.stringify(script));
}

/** Where a sandbox works, what the agents of tests run in. */
const sandboxHere = (await openSandbox("bubblewrap").examine()).works ? "bubblewrap" : "none";

export function boardSettings(folder: string): HostSettings {
  return {
    folder: join(folder, "state"),
    sandbox: sandboxHere,
    modelProxy: modelProxyOff,
    launchFor: () => sampleAgentLaunch({ script: join(folder, "script.json") }),
    repositories: async (id) => (id === "sample" ? { path: bareOf(folder), url: "local-git:sample", checks: [CHECK] } : null),
    log: silentLog,
    persons: trustEveryPerson,
    options: { patience: { jobPollMs: 300, gatePollMs: 300 } },
  };
}

/** Opens the board. `url`: its PostgreSQL database. Default: a SQLite file in the folder. */
export function openBoard(folder: string, url?: string): Promise<Host> {
  const settings = boardSettings(folder);
  return url === undefined ? openLocalRuntime(settings) : openNodeRuntime({ ...settings, url, reconnectMs: 20_000 });
}

export async function addTasks(runtime: Host, titles: readonly string[]): Promise<readonly Block[]> {
  const workspace = await runtime.workspaces.create({ name: "w", actor: USER });
  const service = await runtime.board.addService({
    workspaceId: workspace.id,
    title: "sample",
    repository: { forge: "local-git", id: "sample", base: "main" },
    checks: checkPolicySchema.parse({}),
    actor: USER,
  });
  const tasks: Block[] = [];
  for (const title of titles)
    tasks.push(await runtime.board.addTask({ workspaceId: workspace.id, parentId: service.id, input: { title }, actor: USER }));
  return tasks;
}

/** Starts a second process that drives the board until its standard input ends. `preload`: a module that it loads first. */
export async function startSecondHost(folder: string, url?: string, preload?: string): Promise<ChildProcess> {
  const hook = fileURLToPath(new URL("../../../packages/executors/src/source-hook.ts", import.meta.url));
  const program = fileURLToPath(new URL("second-host.fixture.ts", import.meta.url));
  const preloaded = preload === undefined ? [] : ["--import", preload];
  const given = url === undefined ? [] : [url];
  const child = spawn(process.execPath, ["--conditions=millrace-source", "--import", hook, ...preloaded, program, folder, ...given], {
    stdio: ["pipe", "pipe", "inherit"],
  });
  await once(child.stdout, "data");
  return child;
}
