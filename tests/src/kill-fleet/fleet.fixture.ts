/**
 * A fleet: one database, many runs, workers that are killed, a server and connections that break; the environment and the user are
 * never killed.
 *
 * 1. A board with a service for each repository and a task for each planned run. Runs start while workers are already being killed.
 * 2. The duration of jobs is measured in kills, not in seconds, so that most runs are in flight at every kill on any machine.
 * 3. After the last kill and the last fault everything may come to rest. Runs that do not within the time limit are lost.
 * 4. Planned kills and faults that did not happen are violations as well.
 */
import { setTimeout as delay } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { checkPolicySchema, type Block } from "@millrace/contracts";
import { isMillraceError, MillraceError } from "@millrace/kernel";
import { exactlyOnce, type UnknownOutcomes } from "./exactly-once.js";
import type { FleetDatabase } from "./database.fixture.js";
import { clock, fleetActor, openEngine, type FleetEngine } from "./engine.fixture.js";
import { callMoments } from "./call-moments.fixture.js";
import { startKilling, type MomentCounts } from "./killer.fixture.js";
import { startWorker } from "./workers.fixture.js";
import { FleetUser } from "./user.fixture.js";
import { FLEET_PIPELINES, agentKindsOf, planFleet, type FleetPlan, type PlannedTask } from "./plan.logic.js";
import { createRandom } from "./random.logic.js";
import { requireScripts } from "./script.logic.js";
import { startDatabaseFaults } from "./database-faults.fixture.js";
import { deadWorkers, planDatabaseFaults, missingFaults, type DatabaseFaultCounts } from "./database-faults.logic.js";
import { watchDatabase, type Snapshot } from "./snapshots.fixture.js";
import { connectToEnvironment } from "./environment-client.js";
import { serveEnvironment } from "./environment-server.js";
import { Environment } from "./environment.js";
import type { Violation } from "./verify/violation.logic.js";
import { snapshotViolations } from "./verify/snapshots.logic.js";
import { verifyFleet, type Evidence } from "./verify/verify.fixture.js";

export interface FleetOptions {
  /** A new database with a line for each worker. */
  readonly database: FleetDatabase;
  /** Folder for the compile cache of workers; created when missing. */
  readonly cache: string;
  readonly runs: number;
  readonly kills: number;
  /** Number of restarts of the database server. Default: 0. */
  readonly restarts?: number;
  /** Number of dropped connections to the database server. Default: 0. */
  readonly drops?: number;
  readonly seed: number;
  /** Time after which everything must have come to rest, in ms. */
  readonly limitMs: number;
  /** Share of responses to writes that are lost without a kill, once each, 0 to 1. Default: 0.03. */
  readonly lostReplies?: number;
  /** Modules that every worker loads before the engine. Default: none. */
  readonly preload?: readonly string[];
  /** Defect of the environment, see `EnvironmentOptions`. Default: false. */
  readonly forgetsKeys?: boolean;
}

export interface FleetOutcome {
  readonly evidence: Evidence;
  readonly violations: readonly Violation[];
  readonly kills: number;
  readonly workersStarted: number;
  readonly moments: MomentCounts;
  readonly happened: DatabaseFaultCounts;
  /** Number of the user's commands whose response was lost. */
  readonly unknownOutcomes: number;
  /** Number of live runs at each kill, in order. */
  readonly inFlight: readonly number[];
  /** Number of events in the log at the end. */
  readonly events: number;
  readonly ms: number;
  /** Warnings of the workers. */
  readonly complaints: readonly string[];
}

const WORKER = fileURLToPath(new URL("worker.fixture.ts", import.meta.url));
const POLL_MS = 50;
const LOST_REPLIES = 0.03;
/** Limits polling to about 300 polls per second, whatever the number of runs. */
const POLL_MS_PER_RUN = 3;
const MIN_POLL_MS = 50;
/** Lifetimes of workers: short while the runs progress, longer when kills hold them up. Half of the runs should rest at the last kill. */
const SHORT_LIFETIME_MS = 400;
const LONG_LIFETIME_MS = 1500;
const RESTING_AT_LAST_KILL = 0.5;

export async function runFleet(options: FleetOptions): Promise<FleetOutcome> {
  const startedAt = clock.now();
  const { database } = options;
  const random = createRandom(options.seed + 1);
  const plan = planOf(options);
  const jobPollMs = Math.max(MIN_POLL_MS, options.runs * POLL_MS_PER_RUN);
  const complaints: string[] = [];

  const later: { engine: FleetEngine | null; workspaceId: string } = { engine: null, workspaceId: "" };
  const environment = new Environment({
    plan,
    stored: (runId) => storedRun(later.engine, later.workspaceId, runId),
    onReleased: (runId) => void later.engine?.execution.nudge({ workspaceId: later.workspaceId, runId }).catch(note(complaints)),
    ...(options.forgetsKeys === undefined ? {} : { forgetsKeys: options.forgetsKeys }),
  });
  await using server = await serveEnvironment(environment, { random, lostReplies: options.lostReplies ?? LOST_REPLIES });
  const log = { info: () => undefined, warn: (event: string) => void complaints.push(event) };
  await using engine = await openEngine(database.userLine.address, { ...connectToEnvironment(server.url, "parent"), log, jobPollMs });
  await using watch = watchDatabase(database.address);
  const layout = await layOut(engine, plan, environment);
  const { workspaceId, blocks } = layout;
  Object.assign(later, { engine, workspaceId });

  const atKills: Promise<Snapshot>[] = [];
  const onComplaint = (complaint: string): void => void complaints.push(complaint);
  await using killer = startKilling({
    kills: plan.kills,
    places: database.lines,
    moments: callMoments({
      random,
      environment: server,
      lifetimeMs() {
        const wanted = plan.tasks.length * (1 - (RESTING_AT_LAST_KILL * atKills.length) / Math.max(1, plan.kills));
        return (watch.seen.at(-1)?.live ?? 0) > wanted ? LONG_LIFETIME_MS : SHORT_LIFETIME_MS;
      },
    }),
    start: (name, { address }) =>
      startWorker(
        name,
        { preload: options.preload ?? [], argv: [WORKER, address, server.url, String(jobPollMs), name], cache: options.cache },
        onComplaint,
      ),
    onComplaint,
    onKill(count) {
      const snapshot = watch.snapshot();
      // Awaited at the end, where a failure is reported.
      snapshot.catch(() => undefined);
      atKills.push(snapshot);
      environment.killed(count);
    },
  });
  const wanted = { kills: plan.kills, restarts: options.restarts ?? 0, drops: options.drops ?? 0 };
  const planned = planDatabaseFaults(createRandom(options.seed + 2), wanted);
  await using databaseFaults = startDatabaseFaults({ plan: planned, database, random, killed: () => killer.killed() });
  const unknownOutcomes: UnknownOutcomes = { unknown: 0 };
  const user = new FleetUser({
    engine,
    workspaceId,
    unknownOutcomes,
    planOf: (blockId) => blocks.get(blockId) ?? missing(blockId),
    endless: () => environment.endless(),
    retries: ({ blockId, supersedes }) => blocks.get(blockId)?.story === "retried" && supersedes === null,
  });
  const expected = plan.tasks.reduce((sum, task) => sum + task.runs, 0);
  const untilRest = async (): Promise<void> => {
    for (let rests = false; !rests && clock.now() < startedAt + options.limitMs;) {
      await user.attendAll().catch(noteAway(complaints));
      const { runs, live } = await watch.snapshot();
      rests = runs >= expected && live === 0 && killer.isDone() && databaseFaults.isDone();
      await delay(POLL_MS);
    }
  };
  await Promise.all([startRuns(engine, layout, unknownOutcomes), untilRest()]);
  await databaseFaults.stop();
  await killer.stop();
  const inFlight = (await Promise.all(atKills)).map(({ live }) => live);
  const evidence: Evidence = { database: database.address, plan, ledger: await environment.ledger(), acknowledged: user.acknowledged };
  const happened = { kills: killer.killed(), happened: databaseFaults.happened };
  return {
    evidence,
    violations: [
      ...missingFaults(wanted, happened),
      ...deadWorkers(killer.died),
      ...snapshotViolations(watch.seen),
      ...(await verifyFleet(evidence)),
    ],
    ...happened,
    unknownOutcomes: unknownOutcomes.unknown,
    workersStarted: killer.started(),
    moments: killer.moments,
    inFlight,
    events: (await watch.snapshot()).events,
    ms: clock.now() - startedAt,
    complaints,
  };
}

function planOf(options: FleetOptions): FleetPlan {
  for (const pipeline of FLEET_PIPELINES) requireScripts(agentKindsOf(pipeline));
  return planFleet(FLEET_PIPELINES, options);
}

interface Layout {
  readonly workspaceId: string;
  /** Planned task of each block. */
  readonly blocks: ReadonlyMap<string, PlannedTask>;
}

/** Creates the services and tasks, before any fault. */
async function layOut({ workspaces, settings, board }: FleetEngine, plan: FleetPlan, environment: Environment): Promise<Layout> {
  const actor = fleetActor;
  const { id: workspaceId } = await workspaces.create({ name: "fleet", actor });
  // A cap that is never reached: the fleet checks that every reservation is released.
  await settings.put({ workspaceId, input: { budget: { monthlyMicros: 1e12 } }, actor });
  const services = new Map<string, Block>();
  for (const [title, repository] of environment.repositories)
    services.set(title, await board.addService({ workspaceId, title, repository, checks: checkPolicySchema.parse({}), actor }));
  const blocks = new Map<string, PlannedTask>();
  for (const task of plan.tasks) {
    const parentId = services.get(task.repository)?.id ?? missing(task.repository);
    const { id } = await board.addTask({ workspaceId, parentId, input: { title: task.name }, actor });
    blocks.set(id, task);
  }
  return { workspaceId, blocks };
}

async function startRuns(engine: FleetEngine, { workspaceId, blocks }: Layout, unknownOutcomes: UnknownOutcomes): Promise<void> {
  for (const [blockId, task] of blocks) {
    await exactlyOnce(
      unknownOutcomes,
      async () => void (await engine.execution.start({ workspaceId, blockId, pipelineId: task.pipelineId, actor: fleetActor })),
      async () => ((await engine.store.runs.list(workspaceId, { blockId }, { limit: 1 })).length > 0 ? undefined : null),
    );
    // Yields to the environment, which this process serves as well.
    await delay(1);
  }
}

async function storedRun(engine: FleetEngine | null, workspaceId: string, runId: string) {
  try {
    return (await engine?.execution.get({ workspaceId, runId })) ?? null;
  } catch (error) {
    if (isMillraceError(error, "not_found")) return null;
    throw error;
  }
}

function missing(name: string): never {
  throw new MillraceError("not_found", `the fleet has no '${name}'`);
}

/** Ignores an unavailable or busy database: the round is repeated, and its completed part stays done. */
const noteAway =
  (complaints: string[]) =>
  (error: unknown): void => {
    if (!isMillraceError(error, "database_busy") && !isMillraceError(error, "unavailable")) throw error;
    complaints.push(error.message);
  };

const note =
  (complaints: string[]) =>
  (error: unknown): void =>
    void complaints.push(error instanceof Error ? error.message : "unknown");
