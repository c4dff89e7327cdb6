/** A host where no file can be written: `node full-disk.fixture.ts <jobsDir>` prints what a start does, and what a stop says was used. */
import { createCommandRunner, createLocalExecutor } from "@millrace/executors";
import { createGitWorktrees } from "@millrace/integrations";
import { isMillraceError, modelProxyOff } from "@millrace/kernel";
import { createMemoryForge } from "@millrace/testing";
import { NOTHING, liar, taskOf } from "./environment.fixture.js";

const [jobsDir = ""] = process.argv.slice(2);
const host = createLocalExecutor({
  jobsDir,
  worktrees: createGitWorktrees({ remoteUrl: () => jobsDir, commands: createCommandRunner() }),
  forge: () => createMemoryForge(),
  sandbox: "none",
  modelProxy: modelProxyOff,
  launchFor: () => liar("honest"),
  clock: { now: () => Date.now() },
});
const codeOf = (error: unknown): string => (isMillraceError(error) ? error.code : String(error));
const task = taskOf({ repository: null, contract: NOTHING });
const start = await host.startJob(task).then(() => "done", codeOf);
const used = await host.stopJob({ key: task.key, ref: "x", model: null }).catch(codeOf);
process.stdout.write(JSON.stringify({ start, used }));
