/**
 * A fleet: one database, many runs, workers that are killed, a world and a person that are not.
 *
 * 1. A board with a service per repository and a task per planned run; runs start while workers already die.
 * 2. Agents take their time in kills, not in seconds: most runs are in flight at every kill, however fast the machine is.
 * 3. After the last kill everything may come to rest. What does not within the time limit is reported as lost.
 */
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { checkPolicySchema, type Block } from "@millrace/contracts";
import { isMillraceError, MillraceError } from "@millrace/kernel";
import { clock, fleetPerson, openEngine, type FleetEngine } from "./engine.fixture.js";
import { startKilling, type Moments } from "./killer.fixture.js";
import { Person } from "./person.fixture.js";
import { FLEET_PIPELINES, agentKindsOf, planFleet, type FleetPlan, type PlannedTask } from "./plan.logic.js";
import { createRandom } from "./random.logic.js";
import { requireScripts } from "./script.logic.js";
import { watchDatabase } from "./watch.fixture.js";
import { connectToWorld } from "./world-client.js";
import { serveWorld } from "./world-server.js";
import { World } from "./world.js";
import type { Fault } from "./verify/fault.js";
import { verifyFleet, type Evidence } from "./verify/verify.fixture.js";

export interface FleetOptions {
  /** Empty folder for the database. */
  readonly folder: string;
  readonly runs: number;
  readonly kills: number;
  readonly workers: number;
  readonly seed: number;
  /** Longest time until everything must have come to rest, in ms. */
  readonly limitMs: number;
  /** How many of the answers to writes get lost although the worker lives, once each. Default 0.03. */
  readonly lostReplies?: number;
  /** Sabotage of the world: see `WorldOptions`. */
  readonly forgetsKeys?: boolean;
}

export interface FleetOutcome {
  readonly evidence: Evidence;
  readonly faults: readonly Fault[];
  readonly kills: number;
  readonly workersStarted: number;
  readonly moments: Moments;
  /** Live runs at each kill, in order. */
  readonly inFlight: readonly number[];
  /** In the event log, in the end. */
  readonly events: number;
  readonly ms: number;
  /** Warnings that workers wrote: passing errors they met. */
  readonly complaints: readonly string[];
}

const LOOK_MS = 50;
const LOST_REPLIES = 0.03;
/** About 300 polls a second, however many runs there are: more would drown everything else that happens. */
const POLL_MS_PER_RUN = 3;
const MIN_POLL_MS = 50;
/** Lives are short while the runs get on, and longer when kills leave them behind: by the last one, half of them should rest. */
const SHORT_LIFE_MS = 400;
const LONG_LIFE_MS = 1500;
const RESTING_AT_LAST_KILL = 0.5;

export async function runFleet(options: FleetOptions): Promise<FleetOutcome> {
  const startedAt = clock.now();
  const random = createRandom(options.seed + 1);
  const plan = planOf(options);
  const jobPollMs = Math.max(MIN_POLL_MS, options.runs * POLL_MS_PER_RUN);
  const databasePath = join(options.folder, "fleet.db");
  const complaints: string[] = [];
  const inFlight: number[] = [];
  const faults: Fault[] = [];

  const later: { engine: FleetEngine | null; workspaceId: string } = { engine: null, workspaceId: "" };
  const world = new World({
    plan,
    stored: (runId) => storedRun(later.engine, later.workspaceId, runId),
    onReleased: (runId) => void later.engine?.execution.nudge({ workspaceId: later.workspaceId, runId }).catch(note(complaints)),
    ...(options.forgetsKeys === undefined ? {} : { forgetsKeys: options.forgetsKeys }),
  });
  await using server = await serveWorld(world, { random, lostReplies: options.lostReplies ?? LOST_REPLIES });
  const log = { info: () => undefined, warn: (event: string) => void complaints.push(event) };
  await using engine = await openEngine(databasePath, { ...connectToWorld(server.url, "parent"), log, jobPollMs });
  using watch = watchDatabase(databasePath);
  later.engine = engine;
  later.workspaceId = (await engine.board.createWorkspace({ name: "fleet", actor: fleetPerson })).id;
  // Every run may be in a job at once: what is looked for here is a reservation that is not given back, not a cap that is reached.
  await engine.board.putSettings({ workspaceId: later.workspaceId, input: { budget: { monthlyMicros: 1e12 } }, actor: fleetPerson });
  const blocks = await addTasks(engine, later.workspaceId, plan, world);

  await using killer = startKilling({
    kills: plan.kills,
    places: options.workers,
    random,
    address: { database: databasePath, world: server.url, jobPollMs, cache: join(options.folder, "compiled") },
    world: server,
    onComplaint: (complaint) => complaints.push(complaint),
    lifeMs() {
      const { live } = watch.look();
      const wanted = plan.tasks.length * (1 - (RESTING_AT_LAST_KILL * inFlight.length) / Math.max(1, plan.kills));
      return live > wanted ? LONG_LIFE_MS : SHORT_LIFE_MS;
    },
    onKill(count) {
      const look = watch.look();
      inFlight.push(look.live);
      if (look.asleep + look.unasked + look.stray > 0)
        faults.push({ is: "lost", rule: "live-look", what: `after kill ${count}: ${JSON.stringify(look)}` });
      world.killed(count);
    },
  });
  const person = new Person({
    engine,
    workspaceId: later.workspaceId,
    planOf: (blockId) => blocks.get(blockId) ?? missing(blockId),
    endless: () => world.endless(),
  });
  const expected = plan.tasks.reduce((sum, task) => sum + task.runs, 0);
  const deadline = startedAt + options.limitMs;
  const untilRest = async (): Promise<void> => {
    for (let rests = false; !rests && clock.now() < deadline;) {
      await person.look().catch(noteBusy(complaints));
      const { runs, live } = watch.look();
      rests = runs >= expected && live === 0 && killer.isDone();
      await delay(LOOK_MS);
    }
  };
  await Promise.all([startRuns(engine, later.workspaceId, plan, blocks), untilRest()]);
  await killer.stop();
  const evidence: Evidence = { databasePath, plan, ledger: await world.ledger(), acknowledged: person.acknowledged };
  return {
    evidence,
    faults: [...faults, ...(await verifyFleet(evidence))],
    kills: killer.killed(),
    workersStarted: killer.started(),
    moments: killer.moments,
    inFlight,
    events: watch.look().events,
    ms: clock.now() - startedAt,
    complaints,
  };
}

function planOf(options: FleetOptions): FleetPlan {
  for (const pipeline of FLEET_PIPELINES) requireScripts(agentKindsOf(pipeline));
  return planFleet(FLEET_PIPELINES, options);
}

/** A service per repository, a task per planned run. Returns the plan of each block. */
async function addTasks(
  engine: FleetEngine,
  workspaceId: string,
  plan: FleetPlan,
  world: World,
): Promise<ReadonlyMap<string, PlannedTask>> {
  const services = new Map<string, Block>();
  for (const [title, repository] of world.repositories)
    services.set(
      title,
      await engine.board.addService({ workspaceId, title, repository, checks: checkPolicySchema.parse({}), actor: fleetPerson }),
    );
  const blocks = new Map<string, PlannedTask>();
  for (const task of plan.tasks) {
    const parentId = services.get(task.repository)?.id ?? missing(task.repository);
    const { id } = await engine.board.addTask({ workspaceId, parentId, input: { title: task.name }, actor: fleetPerson });
    blocks.set(id, task);
  }
  return blocks;
}

async function startRuns(
  engine: FleetEngine,
  workspaceId: string,
  plan: FleetPlan,
  blocks: ReadonlyMap<string, PlannedTask>,
): Promise<void> {
  for (const [blockId, task] of blocks) {
    await engine.execution.start({ workspaceId, blockId, pipelineId: task.pipelineId, actor: fleetPerson });
    // Lets the world answer in between: its calls are served by this process too.
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

/** A command that was refused because the database was busy was not acknowledged; the next look gives it again. */
const noteBusy =
  (complaints: string[]) =>
  (error: unknown): void => {
    if (!isMillraceError(error, "database_busy")) throw error;
    complaints.push(error.message);
  };

const note =
  (complaints: string[]) =>
  (error: unknown): void =>
    void complaints.push(error instanceof Error ? error.message : "unknown");
