/** A board on a real repository, for tests of the local runtime: a folder that several processes may open. */
import { execFile } from "node:child_process";
import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import { checkPolicySchema, type Actor, type Block } from "@millrace/contracts";
import { sampleAgentLaunch, type SampleScript } from "@millrace/executors";
import { initLocalRepository } from "@millrace/integrations";
import { openLocalRuntime, type LocalRuntime } from "@millrace/runtime-local";
import { silentLog, testPerson } from "./host/test-host.js";

export const PERSON: Actor = testPerson;
/** The check every commit must pass: the file says 42. */
const CHECK = { name: "test", argv: ["grep", "-qx", "42", "answer.txt"] as const, timeoutMs: 20_000 };

export async function git(cwd: string, ...args: readonly string[]): Promise<string> {
  const { stdout } = await promisify(execFile)("git", [...args], {
    cwd,
    env: { PATH: process.env["PATH"] ?? "", HOME: cwd, GIT_CONFIG_NOSYSTEM: "1" },
  });
  return stdout.trim();
}

export const bareOf = (folder: string): string => join(folder, "sample.git");

/** A repository with one commit, and the sample agent's script. */
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

export function openBoard(folder: string): Promise<LocalRuntime> {
  return openLocalRuntime({
    folder: join(folder, "state"),
    launchFor: () => sampleAgentLaunch({ script: join(folder, "script.json") }),
    repositories: async (id) => (id === "sample" ? { path: bareOf(folder), url: "local-git:sample", checks: [CHECK] } : null),
    log: silentLog,
    options: { patience: { jobPollMs: 300, gatePollMs: 300 } },
  });
}

export async function addTasks(runtime: LocalRuntime, titles: readonly string[]): Promise<readonly Block[]> {
  const workspace = await runtime.board.createWorkspace({ name: "w", actor: PERSON });
  const service = await runtime.board.addService({
    workspaceId: workspace.id,
    title: "sample",
    repository: { forge: "local-git", id: "sample", base: "main" },
    checks: checkPolicySchema.parse({}),
    actor: PERSON,
  });
  const tasks: Block[] = [];
  for (const title of titles)
    tasks.push(await runtime.board.addTask({ workspaceId: workspace.id, parentId: service.id, input: { title }, actor: PERSON }));
  return tasks;
}
