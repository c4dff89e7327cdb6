/** Millrace's engine inside another program: a task becomes a merged change, with scripted agents and everything in memory. */
import { checkPolicySchema, type Actor } from "@millrace/contracts";
import { composeOrchestration, randomIds, startDriver, outsideServicesOff, trustEveryPerson } from "@millrace/orchestration";
import { completedCheck, createMemoryForge, createMemoryStore, createScriptedAgents, summaryOf, silentLog } from "@millrace/testing";

const clock = { now: () => Date.now() };
const forge = createMemoryForge();
const { store, wakeups } = createMemoryStore({ clock });
const repository = forge.createRepository("shop", { "readme.md": "a shop" });
forge.judgeWith((_head, files) => [completedCheck("test", files["total.js"] === "broken" ? "failure" : "success")]);

const agents = createScriptedAgents(
  {
    coder: { change: { "total.js": "broken" }, say: "added total()" },
    "ci-fixer": { change: { "total.js": "fine" }, say: "repaired total()" },
    reviewer: { answer: { rating: 0.9, summary: "short and tested" } },
    merger: { answer: { complexity: 0.1, risk: 0.1, impact: 0.1, rationale: "one new function" } },
  },
  forge,
);

const sleep = (ms: number, signal: AbortSignal): Promise<void> =>
  new Promise((resolve) => {
    const timer = setTimeout(resolve, ms);
    signal.addEventListener("abort", () => (clearTimeout(timer), resolve()), { once: true });
  });

const { workspaces, board, sweeps, execution } = composeOrchestration(
  {
    ...outsideServicesOff,
    store,
    wakeups,
    agents,
    forges: { get: () => forge },
    clock,
    sleep,
    ids: randomIds,
    log: silentLog,
    // This program is its own and only caller.
    persons: trustEveryPerson,
  },
  { patience: { jobPollMs: 10, gatePollMs: 10 } },
);
const actor: Actor = { type: "human", id: "ada" };
const { id: workspaceId } = await workspaces.create({ name: "embedded", actor });
const service = await board.addService({ workspaceId, title: "shop", repository, checks: checkPolicySchema.parse({}), actor });
const task = await board.addTask({ workspaceId, parentId: service.id, input: { title: "Add total()" }, actor });
const { id: runId } = await execution.start({ workspaceId, blockId: task.id, pipelineId: "pl_reviewed", actor });

const driver = startDriver({ execution, sweeps, wakeups, clock, log: silentLog, sleep, owner: "embedder", idleMs: 10 });
const limit = AbortSignal.timeout(10_000);
let run = await execution.get({ workspaceId, runId });
for (; run.phase.is === "live" && !limit.aborted; run = await execution.get({ workspaceId, runId })) await sleep(10, limit);
await driver.stop();

for (const { kind, key } of agents.begun) console.log(`${kind.padEnd(10)} ${key}`);
console.log(summaryOf(run));
if (run.merged === null) throw new Error(`not merged: the run is ${run.phase.is}`);
console.log(`merged as ${run.merged}: ${JSON.stringify(forge.landed[0]?.tree)}`);
