/**
 * A seeded simulation of a small fleet: one to three processes drive the same runs over one store, users interfere, the repository
 * changes, and every port call may fail. Then the faults stop, and everything must come to rest.
 * 1. Every choice is drawn from the seed, time is virtual, and the scheduler decides which thread runs: equal seeds replay exactly.
 * 2. The engine is the real one, `ExecutionService` over its ports. Each process has its own and loses it in a crash.
 * 3. A simulation ends at the first violation.
 */
import type { Pipeline, Run } from "@millrace/contracts";
import { createRegistries, heldEffect, openWait, type OrchestrationOptions, type OrchestrationPorts } from "@millrace/orchestration";
import { createScriptedAgents, type ScriptedKind, createVirtualClock } from "@millrace/testing";
import { randomScript } from "./agents.js";
import { createBoard, truePorts } from "./board.js";
import { Clocks } from "./disturbances/clocks.js";
import { Deeds } from "./disturbances/deeds.js";
import { Disturbances } from "./disturbances/disturbances.js";
import { ForgeEvents } from "./disturbances/forge-events.js";
import { MergeQueue } from "./disturbances/merge-queue.js";
import { Outages } from "./disturbances/outages.js";
import { TimeEvents } from "./disturbances/time-events.js";
import { Faults, type FaultKind } from "./faults.js";
import { drawFlatRates, withFlatRates } from "./flat-rates.js";
import { Fleet } from "./fleet.js";
import { Claims } from "./hostile/claims.js";
import { HostileClaims } from "./hostile/hostile-claims.js";
import { HostileDeeds } from "./hostile/hostile-deeds.js";
import { runScenario } from "./scenario.js";
import { Coverage } from "./coverage.logic.js";
import { Users } from "./users.js";
import { isMerging } from "./invariants.logic.js";
import { witnessed } from "./good-work/witnessed.js";
import { shortPipelines, simulatedPipelines } from "./pipelines.js";
import { createRandom, type Random } from "./random.logic.js";
import { Scheduler } from "./scheduler.js";
import { simulatedServices } from "./services.js";
import type { Violation } from "./violation.js";
import { Watcher } from "./watcher.js";
import { Environment } from "./environment.js";

/** Makes the random source of the disturbances another one than that of everything else. */
const OTHERWISE = 0x5bd1e995;
/** Makes that of hostile agents another one still. */
const AGAINST = 0x27d4eb2f;
/** Share of worlds in which dozens of tasks share the repository, and of those in which all agents do good work. */
const CROWDED = 0.04;
const GOOD = 0.35;
/** Share of worlds with agents that work against their host, of those in which agents do other than good work. */
const HOSTILE = 0.5;
const CROWD = { least: 12, more: 19 } as const;

/** Number of random events: at least `least`, and at most `perStep` more for each step of each task's pipeline. */
const TURNS = { least: 100, perStep: 60 } as const;

export interface SimulationOptions {
  /** Seed of every random choice. An integer. */
  readonly seed: number;
  /** Pipelines that the tasks may run. Default: `simulatedPipelines`. */
  readonly pipelines?: readonly Pipeline[];
  /** Options of the engine: agent kinds, gates, step kinds. Default patience for jobs and gates: 10 minutes. */
  readonly engine?: OrchestrationOptions;
  /** Scripts of agent kinds. Default: random behaviour. */
  readonly script?: Readonly<Record<string, ScriptedKind>>;
  /** Replaces ports, e.g. the store or the forge; their answers are taken as true. Default: those in memory. */
  readonly wrap?: (ports: OrchestrationPorts) => OrchestrationPorts;
  /**
   * Neither disturbances nor crowds: nothing but the faults of processes, and the events of people and of the repository that there were
   * first. Recorded seeds replay in it. Default: false.
   */
  readonly isPlain?: boolean;
  /** Whether dozens of tasks share the repository. Default: drawn; never if `isPlain`. */
  readonly isCrowded?: boolean;
  /** Whether all agents do good work. Default: drawn, always in a crowd; never if `isPlain`. */
  readonly isGoodWork?: boolean;
  /** Number of random events before the faults stop. Default: drawn in proportion to the length of the pipelines. */
  readonly turns?: number;
}

export interface SimulationReport {
  readonly seed: number;
  /** Violated rules; empty when all held. */
  readonly violations: readonly Violation[];
  /** Number of injected faults by kind. */
  readonly faults: Readonly<Record<FaultKind, number>>;
  /** Number of other situations by kind: pauses, refusals, actions of users and services. */
  readonly coverage: Readonly<Record<string, number>>;
  /** Number of runs by ending: `merged`, `finished`, `cancelled`, `parked`, `paused`, `failed: <kind>`. */
  readonly outcomes: Readonly<Record<string, number>>;
  /** The same by id of the pipeline. */
  readonly pipelines: Readonly<Record<string, Readonly<Record<string, number>>>>;
  readonly commits: number;
  /** Description of every event, in order; equal for equal seeds. */
  readonly trace: readonly string[];
}

/**
 * Simulates one seed.
 *
 * @throws MillraceError `validation` for an agent kind whose answers cannot be generated, `pipeline_invalid` for a pipeline that the
 * engine refuses.
 */
export async function simulate(options: SimulationOptions): Promise<SimulationReport> {
  const lines: string[] = [];
  const trace = (line: string): void => void lines.push(line);
  const fatal: unknown[] = [];
  const { engine = {}, isPlain = false } = options;
  const random = createRandom(options.seed);
  const other = createRandom(options.seed ^ OTHERWISE);
  const [drawnCrowd, drawnGood] = [other.chance(CROWDED), other.chance(GOOD)];
  const isDisturbed = !isPlain;
  const isCrowded = isDisturbed && (options.isCrowded ?? drawnCrowd);
  const isGood = isDisturbed && (isCrowded || (options.isGoodWork ?? drawnGood));
  const pipelines = options.pipelines ?? (isCrowded ? shortPipelines : simulatedPipelines);
  const coverage = new Coverage();
  if (isCrowded) coverage.count("dozens of tasks");
  if (isGood) coverage.count("good work");
  const [scheduler, environment, clock] = [new Scheduler(random), new Environment(random), createVirtualClock(beginning(random))];
  const clocks = new Clocks(clock);
  const { witness } = environment;
  const [outages, queue] = [new Outages(witness, clocks.elapsed), new MergeQueue(environment)];
  const registries = createRegistries(engine);
  const names = registries.kinds.list().map(({ id }) => id);
  const flat = drawFlatRates(names, random);
  const claims = new Claims();
  const against = createRandom(options.seed ^ AGAINST);
  // Good work is done by agents that do nothing else.
  const isHostile = isDisturbed && !isGood && against.chance(HOSTILE);
  const { script, spent } = randomScript(registries.kinds.list(), {
    random,
    environment,
    clock,
    coverage,
    flat,
    isGood,
    hostile: isHostile ? new HostileClaims(against, coverage, claims) : null,
    isQuiet: () => !faults.isOn,
    giveUp: (error) => void fatal.push(error),
    script: options.script ?? {},
  });
  const agents = createScriptedAgents(script, environment.forge);
  const services = { ...simulatedServices(random, coverage), models: outages.models };
  const real = truePorts(environment, services, withFlatRates(agents, flat), clock);
  const plain = witnessed(real, { witness, outages, queue });
  const ports = options.wrap?.(plain) ?? plain;
  const watcher = new Watcher({
    ports,
    registries,
    environment,
    outages,
    agents,
    spent,
    flat,
    coverage,
    clocks,
    isDisturbed,
    claims,
    trace,
  });
  const faults = new Faults({ random, scheduler, clock, watcher, trace });
  const crowd = isCrowded ? CROWD.least + other.below(CROWD.more) : null;
  const board = await createBoard({ ports, engine, environment, random, pipelines, crowd });
  const { workspaceId, tasks } = board;
  watcher.begin(board);
  for (const { block, pipeline } of tasks) trace(`${block.id} runs ${pipeline.id}`);
  const users = new Users({ random, watcher, environment, outages, workspaceId, tasks, pipelines, coverage, trace });
  const fleet = new Fleet({ ports, engine, scheduler, watcher, faults, trace, elapsed: clocks.elapsed }, 1 + random.below(3));
  const disturbances = !isDisturbed
    ? null
    : new Disturbances({
        random: other,
        scheduler,
        processes: fleet.processes,
        users,
        isMerging: () => watcher.runs.some(isMerging),
        coverage,
        forge: new ForgeEvents(environment, queue, other),
        time: new TimeEvents({ clocks, fleet, scheduler, faults, random: other }),
        outages,
        deeds: new Deeds({ random: other, users, watcher, environment, outages, board }),
        trace,
      });
  const { processes } = fleet;
  const hostile = isHostile
    ? new HostileDeeds({ random: against, environment, coverage, scheduler, processes, users, watcher, board, trace })
    : null;
  const steps = tasks.reduce((sum, { pipeline }) => sum + pipeline.steps.length, 0);
  const isOver = (): boolean => watcher.violations.length > 0 || fatal.length > 0;
  await runScenario(
    {
      random,
      scheduler,
      environment,
      clock,
      clocks,
      disturbances,
      hostile,
      isCrowded,
      ports,
      watcher,
      faults,
      fleet,
      users,
      coverage,
      workspaceId,
      trace,
      isOver,
    },
    options.turns ?? TURNS.least + random.below(TURNS.perStep * steps),
  );
  if (fatal.length > 0) throw fatal[0];
  const { violations, commits } = watcher;
  const { outcomes, byPipeline } = outcomesOf(watcher);
  return {
    seed: options.seed,
    violations,
    faults: faults.counts,
    coverage: coverage.counts,
    outcomes,
    pipelines: byPipeline,
    commits,
    trace: lines,
  };
}

const FEBRUARY = Date.UTC(1970, 1, 1);
const HOURS_4 = 4 * 3_600_000;

/** Start time: half of all simulations begin shortly before the end of a month, so that budgets reset during them. */
function beginning(random: Random): number {
  return random.chance(0.5) ? FEBRUARY - random.below(HOURS_4) : 1_000_000_000;
}

function outcomesOf({ runs }: Watcher): {
  readonly outcomes: Record<string, number>;
  readonly byPipeline: Record<string, Record<string, number>>;
} {
  const byPipeline: Record<string, Record<string, number>> = {};
  const outcomes: Record<string, number> = {};
  for (const run of runs) {
    const outcome = outcomeOf(run);
    outcomes[outcome] = (outcomes[outcome] ?? 0) + 1;
    const ofPipeline = (byPipeline[run.pipeline.id] ??= {});
    ofPipeline[outcome] = (ofPipeline[outcome] ?? 0) + 1;
  }
  return { outcomes, byPipeline };
}

function outcomeOf(run: Run): string {
  switch (run.phase.is) {
    case "live":
      return openWait(run) !== null ? "parked" : heldEffect(run) === null ? "live" : "paused";
    case "stopping":
      return "live";
    case "done":
      return run.merged === null ? "finished" : "merged";
    case "failed":
      return `failed: ${run.phase.failure.kind}`;
    case "cancelled":
      return "cancelled";
  }
}
