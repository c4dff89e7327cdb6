/** The sequence of events in a simulation: first under faults, then without them until nothing is left to do. */
import { isMillraceError, monthOf, taskBranch } from "@millrace/kernel";
import { openWait, type OrchestrationPorts } from "@millrace/orchestration";
import type { VirtualClock } from "@millrace/testing";
import type { Clocks } from "./disturbances/clocks.js";
import type { Disturbances } from "./disturbances/disturbances.js";
import { STEP_MS } from "./disturbances/time-events.js";
import type { Faults } from "./faults.js";
import { LEASE_MS, type Fleet } from "./fleet.js";
import type { HostileDeeds } from "./hostile/hostile-deeds.js";
import { isMerging, isOver, needsUser } from "./invariants.logic.js";
import type { Coverage } from "./coverage.logic.js";
import type { Users } from "./users.js";
import type { Random } from "./random.logic.js";
import type { Scheduler } from "./scheduler.js";
import type { Watcher } from "./watcher.js";
import type { Environment } from "./environment.js";

/** Weight of each event. Events that cannot happen now are not drawn. */
const EVENT_ODDS = {
  resume: 55,
  drive: 14,
  duplicate: 1,
  user: 5,
  environment: 5,
  time: 7,
  late: 4,
  kill: 0.5,
  skew: 0.5,
  release: 0.5,
} as const;
/** A merge is one call: what may come between would hardly ever be drawn, so people and the environment are this much busier meanwhile. */
const BUSIER_AT_A_MERGE = 10;
const JUMP_MS = 20 * 60_000;
const SKEW_MS = 60_000;
/** Far more advances than the runs need to come to rest. */
const MAX_REST_ADVANCES = { few: 5000, crowd: 20_000 } as const;
/** Longest pause of a run that has an end: a provider's window, and what the clock of the process that began it was wrong by. */
const LONGEST_PAUSE_MS = 60 * 60_000 + STEP_MS;
const MAX_AGREEMENTS = 200;

export interface ScenarioOptions {
  readonly random: Random;
  readonly scheduler: Scheduler;
  readonly environment: Environment;
  readonly clock: VirtualClock;
  readonly clocks: Clocks;
  /** Null: nothing but the faults and events of the plain world. */
  readonly disturbances: Disturbances | null;
  /** Null: agents do nothing but their work. */
  readonly hostile: HostileDeeds | null;
  /** Whether every task is started at once at the beginning, and people agree to everything at the end. */
  readonly isCrowded: boolean;
  readonly ports: Pick<OrchestrationPorts, "wakeups">;
  readonly watcher: Watcher;
  readonly faults: Faults;
  readonly fleet: Fleet;
  readonly users: Users;
  readonly coverage: Coverage;
  readonly workspaceId: string;
  readonly trace: (line: string) => void;
  /** Whether a violation was found, or the simulation cannot continue. */
  readonly isOver: () => boolean;
}

/** Runs `turns` random events under faults, then comes to rest. */
export async function runScenario(options: ScenarioOptions, turns: number): Promise<void> {
  await options.disturbances?.begin();
  if (options.isCrowded) await startAll(options);
  for (let turn = 0; turn < turns && !options.isOver(); turn += 1) {
    if (options.hostile?.isDue() === true) await options.hostile.happen();
    else if (options.disturbances?.isDue() === true) await options.disturbances.happen();
    else await step(options);
  }
  if (!options.isOver()) await comeToRest(options);
}

async function startAll({ fleet, scheduler, users, environment }: ScenarioOptions): Promise<void> {
  const [process] = fleet.processes;
  if (process === undefined) return;
  for (const blockId of environment.blocks) await scheduler.spawn(process.name, "starts", () => users.begin(process.engine, blockId));
}

async function step(options: ScenarioOptions): Promise<void> {
  const { random, scheduler, faults, fleet, users, watcher, trace } = options;
  const isParked = scheduler.parked > 0;
  const busier = watcher.runs.some(isMerging) ? BUSIER_AT_A_MERGE : 1;
  const action = random.weighted({
    ...EVENT_ODDS,
    user: EVENT_ODDS.user * busier,
    environment: EVENT_ODDS.environment * busier,
    resume: isParked ? EVENT_ODDS.resume : 0,
    late: faults.late.length > 0 ? EVENT_ODDS.late : 0,
  });
  const process = random.pick(fleet.processes);
  switch (action) {
    case "resume":
      if (scheduler.parked > 1) faults.counts["slow call overtaken"] += 1;
      return trace((await scheduler.step()) ?? "nothing to resume");
    case "drive":
      return fleet.drive(process);
    case "duplicate": {
      if (watcher.runs.length === 0) return;
      faults.count("duplicate wake-up");
      options.environment.witness.disturbed += 1;
      return fleet.advance(process, { workspaceId: options.workspaceId, runId: random.pick(watcher.runs).id });
    }
    case "user": {
      const what = users.choose();
      trace(`a person at ${process.name}: ${what}`);
      return scheduler.spawn(process.name, what, () => users.act(what, process.engine));
    }
    case "environment":
      return happen(options);
    case "time":
      return passTime(options);
    case "late":
      return arrive(options);
    case "kill":
      faults.count("crash elsewhere");
      return fleet.kill(process);
    case "skew":
      process.skewMs = random.below(2 * SKEW_MS) - SKEW_MS;
      return faults.count("clock skew");
    case "release":
      return fleet.releaseDead();
  }
}

async function happen({ environment, watcher, coverage, trace }: ScenarioOptions): Promise<void> {
  const before = environment.byHand.length;
  trace(`the environment: ${await environment.happen()}`);
  const merged = environment.byHand[before];
  if (merged === undefined) return;
  const live = watcher.runs.find((run) => taskBranch({ id: run.blockId }) === merged.branch && !isOver(run));
  if (live === undefined) return coverage.count("merged by hand after its run");
  coverage.count(openWait(live) === null ? "merged by hand while a run works" : "merged by hand while people are asked");
}

async function passTime(options: ScenarioOptions): Promise<void> {
  const before = monthOf(options.clock.now());
  await letTimePass(options);
  if (monthOf(options.clock.now()) !== before) options.coverage.count("month change");
}

async function letTimePass({ random, clock, faults, ports, trace }: ScenarioOptions): Promise<void> {
  if (random.chance(0.05)) {
    clock.advance(random.below(JUMP_MS));
    return faults.count("clock jump");
  }
  const next = await ports.wakeups.nextDueAt();
  if (next === null || random.chance(0.3)) clock.advance(random.below(LEASE_MS));
  else clock.advanceTo(next);
  trace(`it is ${clock.now()}`);
}

/** Delivers a request of a crashed process; its response is dropped. */
async function arrive({ random, faults, watcher }: ScenarioOptions): Promise<void> {
  const [late] = faults.late.splice(random.below(faults.late.length), 1);
  if (late === undefined) return;
  faults.count(late.is);
  await late.act().catch((error: unknown) => {
    if (!isMillraceError(error)) watcher.thrown(late.is, error);
  });
}

/** Stops the faults, lets parked work finish, drives everything to rest, and may approve until no run asks for anything. */
async function comeToRest(options: ScenarioOptions): Promise<void> {
  const { scheduler, faults, fleet, watcher, environment, random, trace } = options;
  trace("the faults stop");
  faults.isOn = false;
  scheduler.quiet();
  environment.ci.becomePrompt();
  await options.disturbances?.calm();
  for (const process of fleet.processes) process.skewMs = 0;
  for (let what = await scheduler.step(); what !== null; what = await scheduler.step()) trace(what);
  while (faults.late.length > 0) await arrive(options);
  await rest(options);
  if (options.isOver()) return;
  await watcher.atRest();
  if (random.chance(0.7) || options.isCrowded) await agree(options);
  await lookAround(options);
  await watcher.finalChecks(random.below(10_000));
}

async function rest(options: ScenarioOptions): Promise<void> {
  const { fleet, ports, clock, watcher, coverage, isOver: isEnded, disturbances } = options;
  const [process] = fleet.processes;
  const most = options.isCrowded ? MAX_REST_ADVANCES.crowd : MAX_REST_ADVANCES.few;
  for (let advances = 0; process !== undefined && advances < most && !isEnded(); advances += 1) {
    await fleet.releaseDead();
    await fleet.realign();
    await disturbances?.afterAdvance();
    let next = await ports.wakeups.nextDueAt();
    if (next === null) {
      if (watcher.runs.every((run) => isOver(run) || needsUser(run))) return;
      // A crashed driver keeps its claim until the lease ends; one of a clock that was set back is repaired first.
      clock.advance(LEASE_MS + 1);
      if (disturbances !== null) {
        await fleet.realign();
        clock.advance(LEASE_MS + 1);
      }
      next = await ports.wakeups.nextDueAt();
      if (next === null) return;
    }
    if (next > clock.now() && monthOf(next) !== monthOf(clock.now())) coverage.count("month change");
    if (disturbances !== null && next - clock.now() > LONGEST_PAUSE_MS) {
      // A third of a lease later drivers have repaired what the step of a clock had left.
      clock.advance(LEASE_MS / 3);
      await fleet.realign();
      next = (await ports.wakeups.nextDueAt()) ?? next;
      if (next - clock.now() > LONGEST_PAUSE_MS) watcher.standsStill(next - clock.now());
    }
    clock.advanceTo(next);
    await fleet.drive(process);
  }
}

/** A person looks at every task, so that nothing that has landed is left unknown. */
async function lookAround(options: ScenarioOptions): Promise<void> {
  const { fleet, scheduler, users, environment, watcher } = options;
  const [process] = fleet.processes;
  for (const blockId of environment.blocks) {
    if (process === undefined || options.isOver()) return;
    await scheduler.spawn(process.name, "inspects", () => users.inspect(process.engine, blockId));
    await rest(options);
    if (!options.isOver()) await watcher.atRest();
  }
}

async function agree(options: ScenarioOptions): Promise<void> {
  const { fleet, scheduler, users, watcher } = options;
  const [process] = fleet.processes;
  for (let agreements = 0; process !== undefined && agreements < MAX_AGREEMENTS && !options.isOver(); agreements += 1) {
    const asking = watcher.runs.find(needsUser);
    if (asking === undefined) return watcher.agreed();
    await scheduler.spawn(process.name, "agrees", () =>
      openWait(asking) === null ? users.release(process.engine, asking.id) : users.agree(process.engine, asking.id),
    );
    await rest(options);
    if (!options.isOver()) await watcher.atRest();
  }
}
