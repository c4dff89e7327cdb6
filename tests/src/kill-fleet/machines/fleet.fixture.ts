/**
 * A fleet with real jobs: one database, machines with job folders of their own, real supervisors, agents and git, and one set of bare
 * repositories. Workers are killed, and what befalls machines befalls these (`mishaps.logic.ts`). The user and the agents' ledger survive.
 *
 * 1. Every task is good work, so every task ends merged (I14); the verification knows of no other end.
 * 2. Tasks start as kills go on, so that the last kill still meets runs in flight, and few are live at a time.
 * 3. After the last kill and the last mishap everything may come to rest. Runs that do not within the time limit are stuck.
 * 4. Planned kills, faults and mishaps that did not happen are violations as well.
 */
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { checkPolicySchema, type Run } from "@millrace/contracts";
import { isMillraceError, MillraceError } from "@millrace/kernel";
import type { Host } from "@millrace/runtime-host";
import type { AcknowledgedCommand } from "../acknowledged-command.js";
import { startDatabaseFaults } from "../database-faults.fixture.js";
import { deadWorkers, missingFaults, planDatabaseFaults, type DatabaseFaultCounts } from "../database-faults.logic.js";
import type { FleetDatabase } from "../database.fixture.js";
import { fleetActor } from "../engine.fixture.js";
import { exactlyOnce, type UnknownOutcomes } from "../exactly-once.js";
import { startKilling, type MomentCounts } from "../killer.fixture.js";
import { createRandom } from "../random.logic.js";
import { watchDatabase, type Snapshot } from "../snapshots.fixture.js";
import { FleetUser } from "../user.fixture.js";
import { readRecords } from "../verify/records.fixture.js";
import { snapshotViolations } from "../verify/snapshots.logic.js";
import { verifyRecords } from "../verify/verify.fixture.js";
import type { Violation } from "../verify/violation.logic.js";
import { lossesOf, workViolations, type WorkEvidence } from "../verify/work.logic.js";
import { startWorker, type Worker } from "../workers.fixture.js";
import { readAgentLedger } from "./agent-ledger.fixture.js";
import { clockEnvironment, clockOf, whyNoClockSteps } from "./clock.fixture.js";
import { openFleetHost, type Place } from "./host.fixture.js";
import { hostMoments } from "./host-moments.fixture.js";
import { openMachine, whyNotIsolated, type Machine } from "./machine.fixture.js";
import { startMishaps } from "./mishaps.fixture.js";
import { countMishaps, missingMishaps, planMishaps, type Mishap, type MishapCounts } from "./mishaps.logic.js";
import { planGoodTasks, type GoodTask } from "./plan.logic.js";
import { mainlineOf, makeRepositories } from "./repositories.fixture.js";
import type { Seat } from "./seat.js";

export interface MachinesOptions {
  /** A new database with a line for each worker. */
  readonly database: FleetDatabase;
  /** Folder for everything but the database; empty. */
  readonly folder: string;
  /** Folder for the compile cache of workers; created when missing. */
  readonly cache: string;
  readonly machines: number;
  readonly runs: number;
  readonly kills: number;
  /** Default: some of each that is possible here, for the number of kills. */
  readonly mishaps?: MishapCounts;
  /** Number of restarts of the database server. Default: 0. */
  readonly restarts?: number;
  /** Number of dropped connections to the database server. Default: 0. */
  readonly drops?: number;
  readonly seed: number;
  /** Time after which everything must have come to rest, in ms. */
  readonly limitMs: number;
  /** Time without a new event after which what is live is stuck, in ms. Default: 180,000. */
  readonly quietMs?: number;
  /** Agents work 2.5 s longer for each unit above 1. Default: 1. */
  readonly slowness?: number;
  /** Modules that every worker loads before the engine. Default: none. */
  readonly preload?: readonly string[];
}

export interface MachinesOutcome {
  readonly machines: number;
  readonly tasks: readonly GoodTask[];
  readonly violations: readonly Violation[];
  readonly work: WorkEvidence;
  readonly acknowledged: readonly AcknowledgedCommand[];
  readonly kills: number;
  readonly workersStarted: number;
  readonly moments: MomentCounts;
  readonly happened: DatabaseFaultCounts;
  readonly mishaps: MishapCounts;
  /** Why some mishaps are not possible here. */
  readonly skipped: ReadonlyMap<Mishap, string>;
  /** Number of live runs at each kill, in order. */
  readonly inFlight: readonly number[];
  /** Number of jobs that were made again because they were lost. */
  readonly lostJobs: number;
  readonly merges: number;
  readonly events: number;
  readonly ms: number;
  readonly complaints: readonly string[];
}

const WORKER = fileURLToPath(new URL("host-worker.fixture.ts", import.meta.url));
/** Length of a lease, in ms: short, so that what lasts longer than one can happen often. */
const LEASE_MS = 4000;
const POLL_MS = 100;
/** Runs that are live at a time: each may have a supervisor and an agent. */
const MAX_LIVE = 6;
const QUIET_MS = 180_000;
/** Time in which the processes of ended jobs end, in ms. */
const ENDING_MS = 20_000;

/** Mishaps that cannot happen here, each with the reason. */
export function impossibleMishaps(machines: number): ReadonlyMap<Mishap, string> {
  const impossible = new Map<Mishap, string>();
  if (whyNoClockSteps !== null) impossible.set("clock-step", whyNoClockSteps);
  if (whyNotIsolated !== null) for (const name of ["full-disk", "dead-machine"] as const) impossible.set(name, whyNotIsolated);
  if (machines < 2) impossible.set("dead-machine", "needs two machines: --database postgres --machines 2");
  return impossible;
}

export async function runMachines(options: MachinesOptions): Promise<MachinesOutcome> {
  const startedAt = performance.now();
  const { database, folder } = options;
  const tasks = planGoodTasks(options);
  const skipped = impossibleMishaps(options.machines);
  const wantedMishaps = options.mishaps ?? countMishaps(options.kills, new Set(skipped.keys()));
  const complaints: string[] = [];
  const complain = (complaint: string): void => void complaints.push(complaint);

  await using opened = new AsyncDisposableStack();
  const machines: Machine[] = [];
  for (let number = 1; number <= options.machines; number += 1) machines.push(opened.use(await openMachine(`m${number}`, folder)));
  const [first] = machines;
  if (first === undefined) throw new MillraceError("config_invalid", "a fleet needs a machine");
  // A machine whose workers are killed must have the time to start another before it is taken for gone.
  const leaseMs = machines.length > 1 ? 2 * LEASE_MS : LEASE_MS;
  const places = {
    repositories: join(folder, "repositories"),
    ledger: join(folder, "agents.jsonl"),
    slowness: options.slowness ?? 1,
    leaseMs,
  };
  const placeOf = (machine: Pick<Machine, "folder">, address: string): Place => ({ ...places, database: address, folder: machine.folder });
  await makeRepositories(places, [...new Set(tasks.map(({ repository }) => repository))]);
  const log = { info: () => undefined, warn: complain };
  const user = opened.use(
    await openFleetHost(placeOf({ folder: join(folder, "user") }, database.userLine.address), log, clockOf(first.clockFile)),
  );
  const watch = opened.use(watchDatabase(database.address));
  const board = await layOut(user, tasks);

  const startHost = (name: string, { machine, line }: Seat): Worker =>
    startWorker(
      name,
      {
        preload: options.preload ?? [],
        argv: [WORKER, JSON.stringify(placeOf(machine, line.address)), name],
        cache: options.cache,
        enter: machine.enter,
        env: { PATH: process.env["PATH"] ?? "", HOME: folder, ...clockEnvironment(machine.clockFile) },
      },
      complain,
    );
  const atKills: Promise<Snapshot>[] = [];
  const later: { mishaps: ReturnType<typeof startMishaps> | null } = { mishaps: null };
  const killer = opened.use(
    startKilling({
      kills: options.kills,
      places: database.lines.map((line, index): Seat => ({ line, machine: machines[index % machines.length] ?? first })),
      moments: hostMoments({
        random: createRandom(options.seed + 1),
        events: () => watch.seen.at(-1)?.events ?? 0,
        isAwake: async (pid) => later.mishaps?.isAwake(pid),
      }),
      start: startHost,
      isOpen: async ({ machine }) => later.mishaps?.isUp(machine),
      onKill() {
        const snapshot = watch.snapshot();
        // Awaited at the end, where a failure is reported.
        snapshot.catch(() => undefined);
        atKills.push(snapshot);
      },
      onComplaint: complain,
    }),
  );
  const merged = new Set<string>();
  const mishaps = opened.use(
    startMishaps({
      plan: planMishaps(createRandom(options.seed + 3), options.kills, wantedMishaps),
      machines,
      killer,
      leaseMs,
      bares: () => [
        ...new Set(tasks.filter(({ name }) => !merged.has(name)).map(({ repository }) => join(places.repositories, `${repository}.git`))),
      ],
    }),
  );
  later.mishaps = mishaps;
  const wanted = { kills: options.kills, restarts: options.restarts ?? 0, drops: options.drops ?? 0 };
  const faults = opened.use(
    startDatabaseFaults({
      plan: planDatabaseFaults(createRandom(options.seed + 2), wanted),
      database,
      random: createRandom(options.seed + 4),
      killed: () => killer.killed(),
    }),
  );

  const unknownOutcomes: UnknownOutcomes = { unknown: 0 };
  const person = new FleetUser({
    engine: user,
    workspaceId: board.workspaceId,
    unknownOutcomes,
    planOf: (blockId) => board.blocks.get(blockId) ?? missing(blockId),
    endless: () => [],
    // A run whose jobs were damaged may fail; a person looks at it and tries again.
    retries: (run) => mishaps.isDamaged(run.id) || isDiskFull(run),
  });
  const waiting = [...board.blocks];
  const deadline = startedAt + options.limitMs;
  const quiet = quietFor(options.quietMs ?? QUIET_MS);
  for (let rests = false; !rests && performance.now() < deadline; await delay(POLL_MS)) {
    try {
      await person.attendAll();
      const { live, events } = await watch.snapshot();
      if (quiet(events)) break;
      for (const [blockId, { name }] of board.blocks) {
        if (merged.has(name)) continue;
        const block = await user.store.blocks.get(board.workspaceId, blockId);
        if (block?.merged !== null && block !== null) merged.add(name);
      }
      for (let room = MAX_LIVE - live; room > 0; room -= 1) {
        const [next] = waiting;
        if (next === undefined || next[1].startsAtKill > killer.killed()) break;
        await startRun(user, board.workspaceId, next, unknownOutcomes);
        waiting.shift();
      }
      rests = waiting.length === 0 && live === 0 && killer.isDone() && faults.isDone() && mishaps.isDone();
    } catch (error) {
      if (!isMillraceError(error, "database_busy") && !isMillraceError(error, "unavailable")) throw error;
      complain(error.message);
    }
  }
  await faults.stop();
  await mishaps.stop();
  await killer.stop();
  const inFlight = (await Promise.all(atKills)).map(({ live }) => live);
  const work: WorkEvidence = {
    agents: await readAgentLedger(places.ledger),
    mainlines: await Promise.all([...new Set(tasks.map(({ repository }) => repository))].map((id) => mainlineOf(places, id))),
    mishaps: mishaps.happened,
    areMany: machines.length > 1,
    wereKilled: options.kills > 0,
    leftProcesses: await leftOn(machines),
  };
  const records = await readRecords(database.address);
  const retried = new Set(person.acknowledged.flatMap(({ did, runId }) => (did === "retry" ? [runId] : [])));
  const planned = tasks.map((task) => ({ ...task, runs: 1 + retriesOf(task, records, retried) }));
  const counts = mishaps.counts();
  return {
    machines: machines.length,
    tasks,
    violations: [
      ...missingFaults(wanted, { kills: killer.killed(), happened: faults.happened }),
      ...missingMishaps(wantedMishaps, counts),
      ...deadWorkers(killer.died),
      ...snapshotViolations(watch.seen),
      ...(await verifyRecords(records, planned, person.acknowledged)),
      ...workViolations(records, work),
    ],
    work,
    acknowledged: person.acknowledged,
    kills: killer.killed(),
    workersStarted: killer.started(),
    moments: killer.moments,
    happened: faults.happened,
    mishaps: counts,
    skipped,
    inFlight,
    lostJobs: records.runs.reduce((total, run) => total + lossesOf(records, run.id).length, 0),
    merges: work.mainlines.reduce((sum, { commits }) => sum + commits.length, 0),
    events: (await watch.snapshot()).events,
    ms: Math.round(performance.now() - startedAt),
    complaints,
  };
}

interface Board {
  readonly workspaceId: string;
  readonly blocks: ReadonlyMap<string, GoodTask>;
}

async function layOut({ workspaces, settings, board }: Host, tasks: readonly GoodTask[]): Promise<Board> {
  const actor = fleetActor;
  const { id: workspaceId } = await workspaces.create({ name: "fleet", actor });
  // A cap that is never reached: the fleet checks that every reservation is released.
  await settings.put({ workspaceId, input: { budget: { monthlyMicros: 1e12 } }, actor });
  const services = new Map<string, string>();
  const blocks = new Map<string, GoodTask>();
  for (const task of tasks) {
    const title = task.repository;
    const repository = { forge: "local-git", id: title, base: "main" };
    const parentId =
      services.get(title) ?? (await board.addService({ workspaceId, title, repository, checks: checkPolicySchema.parse({}), actor })).id;
    services.set(title, parentId);
    blocks.set((await board.addTask({ workspaceId, parentId, input: { title: task.name }, actor })).id, task);
  }
  return { workspaceId, blocks };
}

async function startRun(
  { execution, store }: Host,
  workspaceId: string,
  [blockId, { pipelineId }]: readonly [string, GoodTask],
  unknownOutcomes: UnknownOutcomes,
): Promise<void> {
  await exactlyOnce(
    unknownOutcomes,
    async () => void (await execution.start({ workspaceId, blockId, pipelineId, actor: fleetActor })),
    async () => ((await store.runs.list(workspaceId, { blockId }, { limit: 1 })).length > 0 ? undefined : null),
  );
}

/** Whether a count has been the same for so long, asked with each new reading of it. */
function quietFor(ms: number): (count: number) => boolean {
  let [last, since] = [-1, performance.now()];
  return (count) => {
    if (count !== last) [last, since] = [count, performance.now()];
    return performance.now() - since > ms;
  };
}

function isDiskFull({ phase }: Run): boolean {
  return phase.is === "failed" && phase.failure.code === "folder_unwritable";
}

function retriesOf({ name }: GoodTask, { blocks, runs }: Awaited<ReturnType<typeof readRecords>>, retried: ReadonlySet<string>): number {
  const block = blocks.find(({ title }) => title === name);
  return runs.filter((run) => run.block_id === block?.id && retried.has(run.id)).length;
}

/** What still runs on the machines, each as its command line, when their hosts have left. */
async function leftOn(machines: readonly Machine[]): Promise<readonly string[]> {
  const deadline = performance.now() + ENDING_MS;
  for (;;) {
    const left = (await Promise.all(machines.map((machine) => machine.processes()))).flat();
    if (left.length === 0 || performance.now() > deadline) return Promise.all(left.map(commandOf));
    await delay(POLL_MS);
  }
}

async function commandOf(pid: number): Promise<string> {
  const line = await readFile(`/proc/${pid}/cmdline`, "latin1").catch(() => "");
  return `${pid}: ${line.replaceAll("\0", " ").slice(-200)}`;
}

function missing(name: string): never {
  throw new MillraceError("not_found", `the fleet has no '${name}'`);
}
