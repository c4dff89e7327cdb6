/** A host process for tests to kill: `node host.fixture.ts <jobsDir> <bare> <mode> <argument>` starts one job and never exits. */
import { modelProxyOff } from "@millrace/kernel";
import { createMemoryForge } from "@millrace/testing";
import { createCommandRunner, createLocalExecutor } from "@millrace/executors";
import { createGitWorktrees } from "@millrace/integrations";
import { liar, taskOf } from "./environment.fixture.js";

const [jobsDir = "", bare = "", mode = "", argument = ""] = process.argv.slice(2);
const executor = createLocalExecutor({
  jobsDir,
  worktrees: createGitWorktrees({ remoteUrl: () => bare, commands: createCommandRunner() }),
  forge: () => createMemoryForge(),
  sandbox: "none",
  modelProxy: modelProxyOff,
  launchFor: () => liar(mode, argument),
  limits: { totalMs: 60_000, inactivityMs: 30_000, graceMs: 100 },
  clock: { now: () => Date.now() },
});
await executor.startJob(taskOf());
process.stdout.write("started\n");
setInterval(() => {}, 1_000);
