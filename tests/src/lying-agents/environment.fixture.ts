import { execFile } from "node:child_process";
import { mkdir, mkdtemp, readFile, readdir, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import type { PullRequestRef } from "@millrace/contracts";
import {
  createCommandRunner,
  createLocalExecutor,
  type AgentLaunch,
  type LocalExecutor,
  openSandbox,
  type LocalExecutorOptions,
  type SandboxName,
} from "@millrace/executors";
import { createGitWorktrees, createLocalGitForge, initLocalRepository } from "@millrace/integrations";
import {
  modelProxyOff,
  type AgentTask,
  type CompletionContract,
  type Forge,
  type JobHandle,
  type JobOutcome,
  type Worktrees,
} from "@millrace/kernel";
import { createVirtualClock, createMemoryStore } from "@millrace/testing";

const run = promisify(execFile);
const agentProgram = fileURLToPath(new URL("./agent.ts", import.meta.url));

/** What agents that need nothing from outside run in: a sandbox, where there is one. */
export const SANDBOX_HERE: SandboxName = (await openSandbox("bubblewrap").examine()).works ? "bubblewrap" : "none";

export const CHANGE: CompletionContract = { delivers: "change", commits: "harness", pullRequest: "required" };
export const CHANGE_BY_AGENT: CompletionContract = { ...CHANGE, commits: "agent" };
export const RESOLVE: CompletionContract = { delivers: "resolve", commits: "harness", pullRequest: "none" };
export const NOTHING: CompletionContract = { delivers: "nothing", commits: "harness", pullRequest: "none" };

/** Launch of the lying agent in one of its modes. */
export function liar(mode: string, argument = ""): AgentLaunch {
  const argv = [process.execPath, "--disable-warning=ExperimentalWarning", agentProgram, mode, argument] as const;
  return { via: "acp", name: "liar", argv, installHint: "it is a file of this package", loginHint: "log in to nothing" };
}

/** A real bare repository with its forge, worktrees and a folder for jobs. */
export interface AgentEnvironment extends AsyncDisposable {
  readonly root: string;
  readonly bare: string;
  readonly jobsDir: string;
  readonly worktrees: Worktrees;
  readonly forge: Forge;
  git(...args: string[]): Promise<string>;
  /** Commits files on a branch of the bare repository. */
  commit(branch: string, files: Readonly<Record<string, string>>): Promise<string>;
  host(launch: AgentLaunch, options?: Partial<LocalExecutorOptions>): LocalExecutor;
  /** Files of the job folder: text by name. */
  files(): Promise<Readonly<Record<string, string>>>;
}

export async function createAgentEnvironment(): Promise<AgentEnvironment> {
  const root = await mkdtemp(join(tmpdir(), "millrace-agents-"));
  const [bare, jobsDir] = [join(root, "project.git"), join(root, "jobs")];
  await initLocalRepository({ path: bare, from: null });
  const clock = createVirtualClock();
  const commands = createCommandRunner();
  const forge = createLocalGitForge({
    ledger: createMemoryStore({ clock }).pullRequests,
    commands,
    clock,
    root,
    checksRoot: join(root, "checks"),
    repositories: async (id) => (id === "project" ? { path: bare, url: bare, checks: [] } : null),
  });
  const worktrees = createGitWorktrees({ remoteUrl: () => bare, commands });
  const identity = ["-c", "user.name=Person", "-c", "user.email=person@example.org"];
  const git = async (...args: string[]) =>
    (
      await run("git", [...identity, ...args], { env: { PATH: process.env["PATH"] ?? "", HOME: root, GIT_CONFIG_NOSYSTEM: "1" } })
    ).stdout.trim();
  const commit: AgentEnvironment["commit"] = async (branch, files) => {
    const work = await mkdtemp(join(root, "commit-"));
    await git("clone", "--quiet", bare, work);
    await git(
      "-C",
      work,
      "checkout",
      "--quiet",
      "-B",
      branch,
      await git("-C", work, "rev-parse", "--verify", "--quiet", `origin/${branch}`).catch(() => "origin/main"),
    );
    for (const [path, text] of Object.entries(files)) {
      await mkdir(dirname(join(work, path)), { recursive: true });
      await writeFile(join(work, path), text);
    }
    await git("-C", work, "add", "--all");
    await git("-C", work, "commit", "--quiet", "-m", `Change ${Object.keys(files).join(", ")}`);
    await git("-C", work, "push", "--quiet", "origin", branch);
    return git("-C", work, "rev-parse", "HEAD");
  };
  await commit("main", { "README.md": "# A project\n", "service/app.txt": "one\n", "other-service/config.txt": "theirs\n" });
  return {
    root,
    bare,
    jobsDir,
    worktrees,
    forge,
    git,
    commit,
    host: (launch, options = {}) =>
      createLocalExecutor({
        jobsDir,
        worktrees,
        forge: () => forge,
        // Liars also work against what a sandbox does not show.
        sandbox: "none",
        modelProxy: modelProxyOff,
        launchFor: () => launch,
        limits: { totalMs: 60_000, inactivityMs: 30_000, graceMs: 100 },
        clock,
        ...options,
      }),
    async files() {
      const [job = ""] = await readdir(jobsDir);
      const names = (await readdir(join(jobsDir, job), { withFileTypes: true })).filter((entry) => entry.isFile());
      return Object.fromEntries(
        await Promise.all(names.map(async ({ name }) => [name, await readFile(join(jobsDir, job, name), "utf8")] as const)),
      );
    },
    async [Symbol.asyncDispose]() {
      await forge[Symbol.asyncDispose]();
      await rm(root, { recursive: true, force: true });
    },
  };
}

/** A task for the environment's repository. */
export function taskOf(more: Partial<AgentTask> = {}): AgentTask {
  return {
    key: "run_1/2/0/main.1",
    workspaceId: "wsp_1",
    runId: "run_1",
    step: 2,
    kind: "coder",
    pipelineName: "Build",
    block: { id: "blk_1", title: "Add the feature", description: "It must work.", level: "task" },
    repository: { forge: "local-git", id: "project", base: "main" },
    pullRequest: null,
    priorOutputs: [],
    briefs: [],
    attachments: [],
    model: null,
    reservationMicros: 1_000_000,
    testing: null,
    decisions: [],
    revision: null,
    systemPrompt: "You are the coder.",
    userPrompt: "Add the feature.",
    answerSchema: null,
    contract: CHANGE,
    ...more,
  };
}

/** Reference of a pull request that does not exist on the forge. */
export function pullRequestOf(branch: string): PullRequestRef {
  return { id: "project#1", number: 1, url: "https://example.com/project/pull/1", branch, base: "main" };
}

/** Starts a job on a new host, waits for its end, and returns the polled outcome. */
export async function runToOutcome(
  environment: AgentEnvironment,
  launch: AgentLaunch,
  task: AgentTask,
  options: Partial<LocalExecutorOptions> = {},
): Promise<JobOutcome> {
  const ended = Promise.withResolvers<void>();
  await using host = environment.host(launch, { ...options, onJobEnded: () => ended.resolve() });
  const handle = await host.startJob(task);
  await ended.promise;
  return outcomeOf(host, handle);
}

/** The outcome of a job that has ended. */
export async function outcomeOf(host: LocalExecutor, handle: JobHandle): Promise<JobOutcome> {
  const status = await host.pollJob(handle);
  if (status.is === "ended") return status.outcome;
  throw new Error(`the job '${handle.key}' is still running`);
}
