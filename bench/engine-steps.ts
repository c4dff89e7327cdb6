import { checkPolicySchema, type Actor } from "@millrace/contracts";
import { MillraceError, type AgentExecutor, type Clock, type Store, type WakeUps } from "@millrace/kernel";
import { composeOrchestration, randomIds, type Orchestration, servicesOff } from "@millrace/orchestration";

/** A whole engine over a store, with an agent that answers at once. */
export interface EngineBench {
  /** Runs as many whole pipelines as hold at least `steps` steps. Starting them is not timed. */
  run(steps: number): Promise<{ readonly steps: number; readonly seconds: number; readonly commits: number }>;
}

export const STEPS_PER_RUN = 20;
const OWNER = "bench";
const LEASE_MS = 60_000;
const actor: Actor = { type: "system", id: "bench" };

export async function openEngineBench(ports: {
  readonly store: Store;
  readonly wakeups: WakeUps;
  readonly clock: Clock;
}): Promise<EngineBench> {
  const counted = countCommits(ports.store);
  const { wakeups, clock } = ports;
  const engine = composeOrchestration({
    ...servicesOff,
    ...ports,
    store: counted.store,
    agents: noOpAgent,
    forges: { get: noForge },
    ids: randomIds,
    log: { info: () => undefined, warn: (event) => console.error(event) },
  });
  const workspace = await engine.board.createWorkspace({ name: "bench", actor });
  const checks = checkPolicySchema.parse({ ci: "none" });
  const service = await engine.board.addService({ workspaceId: workspace.id, title: "bench", repository: null, checks, actor });
  const steps = Array.from({ length: STEPS_PER_RUN }, () => ({ kind: "researcher" }));
  const pipeline = await engine.board.putPipeline({ workspaceId: workspace.id, input: { id: "pl_bench", name: "Bench", steps } });
  const place = { workspaceId: workspace.id, parentId: service.id, pipelineId: pipeline.id };
  return {
    async run(wanted) {
      const runs = Math.ceil(wanted / STEPS_PER_RUN);
      for (let index = 0; index < runs; index += 1) await startOne(engine, place);
      const before = counted.commits();
      const started = performance.now();
      let finished = 0;
      for (let index = 0; index < runs; index += 1) finished += await driveOne(engine, wakeups, clock);
      const seconds = (performance.now() - started) / 1000;
      if (finished !== runs) throw new MillraceError("internal", `${finished} of ${runs} runs were finished: nothing was measured`);
      return { steps: runs * STEPS_PER_RUN, seconds, commits: counted.commits() - before };
    },
  };
}

async function startOne(
  engine: Orchestration,
  place: { readonly workspaceId: string; readonly parentId: string; readonly pipelineId: string },
): Promise<void> {
  const task = await engine.board.addTask({ ...place, input: { title: "a task" }, actor });
  await engine.execution.start({ ...place, blockId: task.id, actor });
}

/** What a driver does with one claim, without its timers. Returns 1 when the run came to its end. */
async function driveOne(engine: Orchestration, wakeups: WakeUps, clock: Clock): Promise<number> {
  const [claim] = await wakeups.claim({ owner: OWNER, now: clock.now(), leaseMs: LEASE_MS, limit: 1 });
  if (claim === undefined) return 0;
  let advanced = await engine.execution.advance(claim);
  for (let turns = 0; advanced.is === "continue" && turns < 10 * STEPS_PER_RUN; turns += 1)
    advanced = await engine.execution.advance(claim);
  await wakeups.release(claim);
  return advanced.is === "resting" && advanced.on === "finished" ? 1 : 0;
}

const noOpAgent: AgentExecutor = {
  resolveModel: async () => "bench:no-op",
  isQuotaBased: async () => false,
  run: async () => ({ text: "done", product: null, question: null, model: "bench:no-op", usage: null }),
  startJob: async () => noJobs(),
  pollJob: async () => noJobs(),
  stopJob: async () => undefined,
  forget: async () => undefined,
};

function noJobs(): never {
  throw new MillraceError("unavailable", "the benchmark has inline steps only");
}

function noForge(name: string): never {
  throw new MillraceError("unavailable", `the benchmark has no forge '${name}'`);
}

function countCommits(store: Store): { readonly store: Store; commits(): number } {
  let commits = 0;
  return {
    store: {
      ...store,
      commit: (changes) => {
        commits += 1;
        return store.commit(changes);
      },
    },
    commits: () => commits,
  };
}
