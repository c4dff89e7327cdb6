import { execFile } from "node:child_process";
import { mkdtemp, mkdir, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { sampleAgentLaunch, type SampleScript } from "@millrace/executors";
import { initLocalRepository } from "@millrace/integrations";
import { openLocalRuntime, type LocalRuntime } from "@millrace/runtime-local";
import { checkPolicySchema, type Actor } from "@millrace/contracts";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { glance, silentLog } from "./index.js";

const git = async (cwd: string, ...args: string[]): Promise<string> =>
  (
    await promisify(execFile)("git", args, { cwd, env: { PATH: process.env["PATH"] ?? "", HOME: cwd, GIT_CONFIG_NOSYSTEM: "1" } })
  ).stdout.trim();
const person: Actor = { type: "human", id: "ada" };

const script: SampleScript = {
  turns: [
    { kind: "coder", attempt: 1, plan: ["write it"], actions: [{ write: { path: "answer.txt", text: "41\n" } }], say: "done" },
    { kind: "ci-fixer", plan: [], actions: [{ write: { path: "answer.txt", text: "42\n" } }], say: "repaired" },
    { kind: "reviewer", attempt: 1, plan: [], actions: [], say: '{"rating":0.6,"summary":"say why","comments":[{"body":"explain it"}]}' },
    { kind: "coder", attempt: 2, plan: [], actions: [{ write: { path: "why.txt", text: "because\n" } }], say: "explained" },
    { kind: "reviewer", attempt: 2, plan: [], actions: [], say: '{"rating":0.9,"summary":"good"}' },
    { kind: "merger", plan: [], actions: [], say: '{"complexity":0.1,"risk":0.1,"impact":0.1,"rationale":"one file"}' },
  ],
};

let folder: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "millrace-e2e-"));
});
afterEach(async () => {
  await rm(folder, { recursive: true, force: true });
});

async function openRuntime(): Promise<LocalRuntime> {
  const scriptPath = join(folder, "script.json");
  await writeFile(scriptPath, JSON.stringify(script));
  return openLocalRuntime({
    folder: join(folder, "state"),
    launchFor: () => sampleAgentLaunch({ script: scriptPath }),
    repositories: async (id) =>
      id === "sample"
        ? {
            path: join(folder, "sample.git"),
            url: "local-git:sample",
            checks: [{ name: "test", argv: ["grep", "-qx", "42", "answer.txt"], timeoutMs: 20_000 }],
          }
        : null,
    log: silentLog,
    options: { patience: { jobPollMs: 500, gatePollMs: 300 } },
  });
}

async function makeRepository(): Promise<void> {
  const source = join(folder, "source");
  await mkdir(source);
  await git(source, "init", "-q", "-b", "main");
  await writeFile(join(source, "readme.md"), "sample\n");
  await git(source, "add", "-A");
  await git(source, "-c", "user.name=a", "-c", "user.email=a@b.c", "commit", "-qm", "first");
  await initLocalRepository({ path: join(folder, "sample.git"), from: source });
}

describe("the local runtime", () => {
  it("takes a task from the board to a merged commit in a real repository, with real agent processes and real checks", async () => {
    await makeRepository();
    await using runtime = await openRuntime();
    const workspace = await runtime.board.createWorkspace({ name: "w", actor: person });
    const service = await runtime.board.addService({
      workspaceId: workspace.id,
      title: "sample",
      repository: { forge: "local-git", id: "sample", base: "main" },
      checks: checkPolicySchema.parse({}),
      actor: person,
    });
    const task = await runtime.board.addTask({
      workspaceId: workspace.id,
      parentId: service.id,
      input: { title: "answer" },
      actor: person,
    });
    const started = await runtime.execution.start({
      workspaceId: workspace.id,
      blockId: task.id,
      pipelineId: "pl_reviewed",
      actor: person,
    });
    await runtime.startDriver();
    const run = await runtime.untilRest({ workspaceId: workspace.id, runId: started.id }, AbortSignal.timeout(60_000));

    expect(run.phase).toMatchObject({ is: "done" });
    expect(glance(run)).toBe("coder:done ci:done reviewer:done conflicts:done ci:done merger:done");
    const bare = join(folder, "sample.git");
    expect(await git(bare, "rev-parse", "main")).toBe(run.merged);
    expect(await git(bare, "show", "main:answer.txt")).toBe("42");
    expect(await git(bare, "show", "main:why.txt")).toBe("because");
    expect(await runtime.store.blocks.get(workspace.id, task.id)).toMatchObject({ status: "done", merged: { commit: run.merged } });
  }, 90_000);
});
