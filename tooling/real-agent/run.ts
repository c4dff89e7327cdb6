/**
 * A real third-party coding agent through the whole main job, in the sandbox: spoken to over the Agent Client Protocol, its model
 * scripted and reached through the model proxy alone. Needs the npm registry once (some 400 MB in a temporary folder, removed afterwards); no key.
 *
 *   node tooling/real-agent/run.ts [--agent opencode|claude|codex] [--count N] [--keep] [--installed DIR]
 *
 * Exit code 0: the change is on main and its tests pass there. The first version fails CI, the fixer repairs it, the reviewer
 * asks for one rework and passes the next round. Printed is what the processes of the agent could see.
 */
import { mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { execFileSync } from "node:child_process";
import { parseArgs } from "node:util";
import { checkPolicySchema, type Actor, type Run, type RunEvent } from "@millrace/contracts";
import { probeAgent, type AcpLaunch } from "@millrace/executors";
import { initLocalRepository } from "@millrace/integrations";
import { trustEveryPerson } from "@millrace/orchestration";
import { createModelProxy, hostDoors, type Host } from "@millrace/runtime-host";
import { openLocalRuntime } from "@millrace/runtime-local";
import { realAgents, type RealAgent } from "./agents.ts";
import { install, startModel, type ModelEndpoint } from "./installation.ts";
import { kindAtWork, timeline } from "./timeline.ts";
import { FILES, git, makeService, TASK } from "./sample-service.ts";

/** The run itself; half a minute on an idle machine. */
const LIMIT_MS = 600_000;
const SANDBOX = "bubblewrap";
const STOP_MS = 30_000;
const EXPECTED = ["coder", "ci-fixer", "reviewer", "coder", "reviewer", "merger"];
const actor: Actor = { type: "human", id: "ada" };

const { values } = parseArgs({
  options: {
    agent: { type: "string", default: "opencode" },
    count: { type: "string", default: "1" },
    keep: { type: "boolean", default: false },
    installed: { type: "string" },
  },
});
const agent = realAgents.get(values.agent);
if (agent === undefined) {
  console.error(`--agent must be one of ${[...realAgents.keys()].join(", ")}, not '${values.agent}'`);
  process.exit(2);
}
const count = Number(values.count);
if (!Number.isInteger(count) || count < 1) {
  console.error(`--count must be a whole number from 1 on, not '${values.count}'`);
  process.exit(2);
}
const folder = mkdtempSync(join(tmpdir(), "millrace-real-agent-"));
try {
  const place = values.installed === undefined ? join(folder, "agent") : resolve(values.installed);
  if (values.installed === undefined) timed(`installed  ${agent.package}`, () => install(place, agent));
  const launch = agent.launch(place);
  const probe = await probeAgent(launch, AbortSignal.timeout(60_000), { sandbox: SANDBOX });
  console.log(`agent      ${probe.name} ${probe.version ?? "?"}, protocol ${probe.protocol ?? "?"}; sandbox ${SANDBOX}`);
  let failed = 0;
  for (let round = 1; round <= count; round += 1) {
    await using model = await startModel(place, agent.tools);
    const wrong = await takeThrough(join(folder, `run-${round}`), launch, agent, model);
    console.log(`model      ${model.requests()} requests answered`);
    for (const line of (model.listing() ?? "nothing was listed").split("\n")) console.log(`seen       ${line}`);
    for (const line of wrong) console.error(`WRONG      ${line}`);
    if (wrong.length > 0) failed += 1;
  }
  console.log(`result     ${count - failed} of ${count} merged`);
  process.exitCode = failed === 0 ? 0 : 1;
} finally {
  if (values.keep) console.log(`kept       ${folder}`);
  else rmSync(folder, { recursive: true, force: true, maxRetries: 5 });
}

/** Runs one task through the pipeline. Returns the problems of the state afterwards. */
async function takeThrough(folder: string, launch: AcpLaunch, { provider }: RealAgent, model: ModelEndpoint): Promise<readonly string[]> {
  mkdirSync(folder);
  const bare = join(folder, "shop.git");
  makeService(join(folder, "shop"));
  await initLocalRepository({ path: bare, from: join(folder, "shop") });
  const checks = [{ name: "test", argv: ["node", "--test"] as [string, ...string[]], timeoutMs: 60_000 }];
  await using runtime = await openLocalRuntime({
    folder: join(folder, "state"),
    launchFor: () => launch,
    // The scripted model listens on this machine's loopback, which no sandbox has: the proxy is the only way to it.
    sandbox: SANDBOX,
    modelProxy: createModelProxy({
      ...hostDoors(join(folder, "state")),
      clock: { now: () => Date.now() },
      providers: [{ ...provider, baseUrl: `${model.url}/v1`, key: async () => "none-needed" }],
    }),
    repositories: async (id) => (id === "shop" ? { path: bare, url: "local-git:shop", checks } : null),
    jobLimits: { totalMs: 240_000, inactivityMs: 120_000, graceMs: 2000 },
    log: { info: () => undefined, warn: (event, details) => console.error(event, JSON.stringify(details)) },
    persons: trustEveryPerson,
  });
  const started = await start(runtime);
  await runtime.startDriver();
  const address = { workspaceId: started.workspaceId, runId: started.id };
  let run = await runtime.untilRest(address, AbortSignal.timeout(LIMIT_MS));
  if (run.phase.is === "live") {
    // Not merged in time, or waiting for a person: stop every process.
    await runtime.execution.stop({ ...address, as: "cancelled", reason: "the script's limit", actor });
    run = await runtime.untilRest(address, AbortSignal.timeout(STOP_MS));
  }
  const events = (await runtime.store.events.ofRun(run.workspaceId, run.id, 0, 1000)).map(({ entry }) => entry as RunEvent);
  for (const line of timeline(run.startedAt, events)) console.log(line);
  return judge(folder, run, events, bare);
}

async function start(runtime: Host): Promise<Run> {
  const { id: workspaceId } = await runtime.workspaces.create({ name: "real agent", actor });
  const repository = { forge: "local-git", id: "shop", base: "main" };
  const service = await runtime.board.addService({ workspaceId, title: "shop", repository, checks: checkPolicySchema.parse({}), actor });
  const task = await runtime.board.addTask({ workspaceId, parentId: service.id, input: TASK, actor });
  return runtime.execution.start({ workspaceId, blockId: task.id, pipelineId: "pl_reviewed", actor });
}

/** From git and the log, never from what the agent said. */
function judge(folder: string, run: Run, events: readonly RunEvent[], bare: string): readonly string[] {
  const wrong: string[] = [];
  const expect = (what: string, actual: unknown, wanted: unknown): void => {
    if (JSON.stringify(actual) !== JSON.stringify(wanted))
      wrong.push(`${what}: ${JSON.stringify(actual)} instead of ${JSON.stringify(wanted)}`);
  };
  expect("the run", run.phase.is, "done");
  expect(
    "agents at work",
    events.flatMap(({ event }) => kindAtWork(event) ?? []),
    EXPECTED,
  );
  if (run.merged === null) return wrong;
  expect("the tip of main", git(bare, "rev-parse", "main"), run.merged);
  expect("discount.js on main", `${git(bare, "show", "main:discount.js")}\n`, FILES.documented);
  const checkout = join(folder, "main");
  git(folder, "clone", "--quiet", "--branch", "main", bare, checkout);
  execFileSync(process.execPath, ["--test"], { cwd: checkout, timeout: 60_000, stdio: ["ignore", "ignore", "inherit"] });
  console.log(`merged     ${git(bare, "log", "-1", "--format=%H %s", "main")}; the tests pass in a fresh clone of main`);
  return wrong;
}

function timed(what: string, act: () => void): void {
  const started = performance.now();
  act();
  console.log(`${what} in ${((performance.now() - started) / 1000).toFixed(1)} s`);
}
