/** A host for tests to kill: `node model-host.fixture.ts <JSON of its options>` starts one job with a model door and never exits. */
import { createCommandRunner, createLocalExecutor, type AgentLaunch } from "@millrace/executors";
import { createGitWorktrees } from "@millrace/integrations";
import type { AgentTask } from "@millrace/kernel";
import { createMemoryForge } from "@millrace/testing";
import { doorsTo, realClock } from "./model-doors.fixture.js";

/** What the host is told. */
export interface ModelHostOptions {
  readonly root: string;
  readonly jobsDir: string;
  readonly bare: string;
  readonly url: string;
  readonly launch: AgentLaunch;
  readonly task: AgentTask;
}

const { root, jobsDir, bare, url, launch, task }: ModelHostOptions = JSON.parse(process.argv[2] ?? "");
const executor = createLocalExecutor({
  jobsDir,
  worktrees: createGitWorktrees({ remoteUrl: () => bare, commands: createCommandRunner() }),
  forge: () => createMemoryForge(),
  sandbox: "bubblewrap",
  modelProxy: doorsTo(url, root),
  launchFor: () => launch,
  clock: realClock,
});
await executor.startJob(task);
process.stdout.write("started\n");
setInterval(() => {}, 1_000);
