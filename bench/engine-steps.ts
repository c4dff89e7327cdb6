import { hash } from "node:crypto";
import { setTimeout as delay } from "node:timers/promises";
import { checkPolicySchema, type Actor, type PipelineInput } from "@millrace/contracts";
import { MillraceError, type AgentExecutor, type Claim, type Clock, type Log, type Store, type WakeUps } from "@millrace/kernel";
import {
  composeOrchestration,
  randomIds,
  outsideServicesOff,
  startDriver,
  trustEveryPerson,
  type Orchestration,
} from "@millrace/orchestration";

export interface EngineBenchOptions {
  readonly store: Store;
  readonly wakeups: WakeUps;
  readonly clock: Clock;
  /** Default: 20 inline steps. */
  readonly steps?: PipelineInput["steps"];
  /** The agent's immediate answer. Default: one word. */
  readonly answer?: string;
}

/** Totals of driving every due run. */
export interface DriveTotals {
  readonly finished: number;
  /** Runs that wait for a person. */
  readonly parked: number;
  readonly seconds: number;
  readonly commits: number;
  /** Milliseconds of the advances of each run, in order. */
  readonly advances: readonly (readonly number[])[];
}

/** A whole engine over a store, with an agent that answers at once. */
export interface EngineBench {
  readonly workspaceId: string;
  /** Starts one run on a new block each. */
  start(runs: number): Promise<readonly { readonly runId: string; readonly blockId: string }[]>;
  /** Drives `atOnce` claims at a time (default 1) until none is due. */
  drive(atOnce?: number): Promise<DriveTotals>;
  /** Starts, untimed, as many runs as hold at least `steps` steps, drives them, and throws unless all were finished. */
  run(steps: number, atOnce?: number): Promise<DriveTotals & { readonly steps: number }>;
  /** The same with the real driver, its timers and all; `runs` runs at `atOnce` at a time. Seconds. */
  runDriver(runs: number, atOnce: number): Promise<number>;
}

/** The pipeline of most questions. */
export const STEPS_PER_RUN = 20;
/** A step that is one call of an agent, answered in the same process. */
export const INLINE_STEP = { kind: "researcher" } as const;

const OWNER = "bench";
const LEASE_MS = 60_000;
const MAX_ADVANCES = 1000;
const log: Log = { info: () => undefined, warn: (event) => console.error(event) };
const actor: Actor = { type: "human", id: "bench" };

/** A whole engine over a store, with an agent that answers at once. */
export function composeBenchEngine({ store, wakeups, clock, answer = "done" }: Omit<EngineBenchOptions, "steps">): Orchestration {
  return composeOrchestration({
    ...outsideServicesOff,
    persons: trustEveryPerson,
    wakeups,
    clock,
    store,
    agents: instantAgent(answer),
    forges: { get: noForge },
    sleep,
    ids: randomIds,
    // As the local runtime does.
    digestText: (text) => hash("sha256", text),
    log,
  });
}

export async function openEngineBench(options: EngineBenchOptions): Promise<EngineBench> {
  const counted = countCommits(options.store);
  const { wakeups, clock } = options;
  const steps = options.steps ?? Array.from({ length: STEPS_PER_RUN }, () => INLINE_STEP);
  const engine = composeBenchEngine({ ...options, store: counted.store });
  const place = await preparePlace(engine, steps);
  const start = async (runs: number): ReturnType<EngineBench["start"]> => {
    const started = [];
    for (let index = 0; index < runs; index += 1) started.push(await startOne(engine, place));
    return started;
  };
  const drive = async (atOnce = 1): Promise<DriveTotals> => {
    const commitsBefore = counted.commits();
    const startedAt = performance.now();
    const driven: Awaited<ReturnType<typeof driveOne>>[] = [];
    const hand = async (): Promise<void> => {
      for (let claim = await claimOne(wakeups, clock); claim !== undefined; claim = await claimOne(wakeups, clock))
        driven.push(await driveOne(engine, wakeups, claim));
    };
    await Promise.all(Array.from({ length: atOnce }, hand));
    return {
      finished: driven.filter(({ on }) => on === "finished").length,
      parked: driven.filter(({ on }) => on === "human").length,
      seconds: (performance.now() - startedAt) / 1000,
      commits: counted.commits() - commitsBefore,
      advances: driven.map(({ advances }) => advances),
    };
  };
  return {
    workspaceId: place.workspaceId,
    start,
    drive,
    async run(wanted, atOnce) {
      const runs = Math.ceil(wanted / steps.length);
      await start(runs);
      const driven = await drive(atOnce);
      if (driven.finished !== runs)
        throw new MillraceError("internal", `${driven.finished} of ${runs} runs were finished: nothing was measured`);
      return { ...driven, steps: runs * steps.length };
    },
    async runDriver(runs, atOnce) {
      await start(runs);
      const startedAt = performance.now();
      let left = runs;
      const done = Promise.withResolvers<void>();
      const onMoved = (): void => void ((left -= 1) === 0 && done.resolve());
      const { execution, sweeps } = engine;
      const driver = startDriver({ execution, sweeps, wakeups, clock, log, sleep, owner: OWNER, concurrency: atOnce, onMoved });
      await done.promise;
      const seconds = (performance.now() - startedAt) / 1000;
      await driver.stop();
      const [live] = await options.store.runs.list(place.workspaceId, { live: true }, { limit: 1 });
      if (live !== undefined) throw new MillraceError("internal", `run '${live.id}' is not finished: nothing was measured`);
      return seconds;
    },
  };
}

interface Place {
  readonly workspaceId: string;
  readonly parentId: string;
  readonly pipelineId: string;
}

/** As the local runtime does. */
async function sleep(ms: number, signal: AbortSignal): Promise<void> {
  await delay(ms, undefined, { signal, ref: true }).catch(() => undefined);
}

async function preparePlace(engine: Orchestration, steps: PipelineInput["steps"]): Promise<Place> {
  const workspace = await engine.workspaces.create({ name: "bench", actor });
  // A call that reports no cost is settled at its reservation: the caps are looked at, and never reached.
  const budget = { monthlyMicros: Number.MAX_SAFE_INTEGER };
  await engine.settings.put({ workspaceId: workspace.id, input: { budget }, actor });
  const checks = checkPolicySchema.parse({ ci: "none" });
  const service = await engine.board.addService({ workspaceId: workspace.id, title: "bench", repository: null, checks, actor });
  const pipeline = await engine.pipelines.put({ workspaceId: workspace.id, input: { id: "pl_bench", name: "Bench", steps }, actor });
  return { workspaceId: workspace.id, parentId: service.id, pipelineId: pipeline.id };
}

async function startOne(engine: Orchestration, place: Place): Promise<{ readonly runId: string; readonly blockId: string }> {
  const task = await engine.board.addTask({ ...place, input: { title: "a task" }, actor });
  const run = await engine.execution.start({ ...place, blockId: task.id, actor });
  return { runId: run.id, blockId: task.id };
}

async function claimOne(wakeups: WakeUps, clock: Clock): Promise<Claim | undefined> {
  return (await wakeups.claim({ owner: OWNER, now: clock.now(), leaseMs: LEASE_MS, limit: 1 }))[0];
}

/** One claim, driven as the driver does it, without timers. */
async function driveOne(
  engine: Orchestration,
  wakeups: WakeUps,
  claim: Claim,
): Promise<{ readonly on: "human" | "finished"; readonly advances: readonly number[] }> {
  const advances: number[] = [];
  for (let turns = 0; turns < MAX_ADVANCES; turns += 1) {
    const started = performance.now();
    const advanced = await engine.execution.advance(claim);
    advances.push(performance.now() - started);
    if (advanced.is === "continue") continue;
    await wakeups.release(claim);
    if (advanced.is === "resting") return { on: advanced.on, advances };
    break;
  }
  throw new MillraceError("internal", `run '${claim.runId}' sleeps, or goes on for ever: nothing was measured`);
}

function instantAgent(text: string): AgentExecutor {
  return {
    resolveModel: async () => "bench:no-op",
    rateOf: async () => "job",
    run: async () => ({ text, product: null, question: null, model: "bench:no-op", usage: null }),
    startJob: async () => noJobs(),
    pollJob: async () => noJobs(),
    stopJob: async () => null,
    forget: async () => undefined,
  };
}

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
      commit: (changes, options) => {
        commits += 1;
        return store.commit(changes, options);
      },
    },
    commits: () => commits,
  };
}
