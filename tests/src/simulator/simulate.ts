/**
 * One seed is one life of a small fleet: one to three processes drive the same runs over the same store, people interfere, the
 * repository moves under them, and everything that can fail fails. Then the faults stop, and whatever is left must come to rest.
 * 1. Every choice is drawn from the seed; time is virtual; who goes on is chosen by the scheduler. The same seed replays exactly.
 * 2. The engine is the real one: `ExecutionService` over its ports. Each process has its own, and loses it when it dies.
 * 3. It ends at the first violation: what comes after one proves nothing.
 */
import { builtInAgentKinds, createAgentKinds } from "@millrace/agents";
import type { Pipeline, Run } from "@millrace/contracts";
import {
  builtInGates,
  builtInStepKinds,
  createStepKinds,
  heldEffect,
  openWait,
  type OrchestrationOptions,
  type OrchestrationPorts,
} from "@millrace/orchestration";
import { createScriptedAgents, type ScriptedKind, createVirtualClock } from "@millrace/testing";
import { randomScript } from "./agents.js";
import { createBoard, truePorts } from "./board.js";
import { Faults, type FaultKind } from "./faults.js";
import { drawFlatRates, withFlatRates } from "./flat-rates.js";
import { Fleet } from "./fleet.js";
import { runScenario } from "./scenario.js";
import { Coverage } from "./coverage.logic.js";
import { Users } from "./users.js";
import { simulatedPipelines } from "./pipelines.js";
import { createRandom, type Random } from "./random.logic.js";
import { Scheduler } from "./scheduler.js";
import { simulatedServices } from "./services.js";
import type { Violation } from "./violation.js";
import { Watcher } from "./watcher.js";
import { Environment } from "./environment.js";

/** How many things happen: at least, and at most so many more for each step of each task's pipeline. */
const TURNS = { least: 100, perStep: 60 } as const;

export interface SimulationOptions {
  /** Decides everything. A whole number. */
  readonly seed: number;
  /** Pipelines the tasks may run. Default: `simulatedPipelines`. */
  readonly pipelines?: readonly Pipeline[];
  /** The engine under test: your agent kinds, gates and step kinds. Its patience for jobs and gates is 10 minutes unless you set it. */
  readonly engine?: OrchestrationOptions;
  /** What agents of a kind do, instead of something random. */
  readonly script?: Readonly<Record<string, ScriptedKind>>;
  /** Puts your own store or forge in the place of the ones in memory; what it answers is taken for the truth. */
  readonly wrap?: (ports: OrchestrationPorts) => OrchestrationPorts;
  /** How many things happen before the faults stop. Default: drawn, in proportion to the length of the pipelines. */
  readonly turns?: number;
}

export interface SimulationReport {
  readonly seed: number;
  /** Rules that were broken. Empty is what you want. */
  readonly violations: readonly Violation[];
  /** Faults injected, by kind. */
  readonly faults: Readonly<Record<FaultKind, number>>;
  /** What else it met, by kind: pauses, refusals, what people and services did. */
  readonly coverage: Readonly<Record<string, number>>;
  /** How runs ended: `merged`, `finished`, `cancelled`, `parked`, `paused`, `failed: <kind>`; and merges that a person's stop came too late for. */
  readonly outcomes: Readonly<Record<string, number>>;
  /** The same for each pipeline that ran, by its id. */
  readonly pipelines: Readonly<Record<string, Readonly<Record<string, number>>>>;
  readonly commits: number;
  /** What happened, line by line; equal for equal seeds. */
  readonly trace: readonly string[];
}

/**
 * Lives one seed. Resolves with what was found.
 * @throws MillraceError when the simulation cannot be played: `validation` for an agent kind whose answers cannot be made up,
 * `pipeline_invalid` for a pipeline that the engine does not run.
 */
export async function simulate(options: SimulationOptions): Promise<SimulationReport> {
  const lines: string[] = [];
  const trace = (line: string): void => void lines.push(line);
  const fatal: unknown[] = [];
  const { engine = {}, pipelines = simulatedPipelines } = options;
  const random = createRandom(options.seed);
  const coverage = new Coverage();
  const [scheduler, environment, clock] = [new Scheduler(random), new Environment(random), createVirtualClock(beginning(random))];
  const kinds = createAgentKinds([...builtInAgentKinds, ...(engine.agentKinds ?? [])]);
  const names = kinds.list().map(({ id }) => id);
  const flat = drawFlatRates(names, random);
  const { script, spent } = randomScript(kinds.list(), {
    random,
    environment,
    clock,
    coverage,
    flat,
    isQuiet: () => !faults.isOn,
    giveUp: (error) => void fatal.push(error),
    script: options.script ?? {},
  });
  const agents = createScriptedAgents(script, environment.forge);
  const plain = truePorts(environment, simulatedServices(random, coverage), withFlatRates(agents, flat), clock);
  const ports = options.wrap?.(plain) ?? plain;
  const stepKinds = createStepKinds(builtInStepKinds([...builtInGates, ...(engine.gates ?? [])], engine.stepKinds));
  const watcher = new Watcher({ ports, registries: { kinds, stepKinds }, environment, agents, spent, flat, coverage, trace });
  const faults = new Faults({ random, scheduler, clock, watcher, trace });
  const board = await createBoard({ ports, engine, environment, random, pipelines });
  const { workspaceId, tasks } = board;
  watcher.begin(board);
  for (const { block, pipeline } of tasks) trace(`${block.id} runs ${pipeline.id}`);
  const users = new Users({ random, watcher, workspaceId, tasks, pipelines, coverage, trace });
  const fleet = new Fleet({ ports, engine, scheduler, watcher, faults, trace }, 1 + random.below(3));
  const steps = tasks.reduce((sum, { pipeline }) => sum + pipeline.steps.length, 0);
  const isOver = (): boolean => watcher.violations.length > 0 || fatal.length > 0;
  await runScenario(
    { random, scheduler, environment, clock, ports, watcher, faults, fleet, users, coverage, workspaceId, trace, isOver },
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

/** Half of all lives begin shortly before a month ends: budgets begin anew in the middle of them. */
function beginning(random: Random): number {
  return random.chance(0.5) ? FEBRUARY - random.below(HOURS_4) : 1_000_000_000;
}

function outcomesOf({ runs, overtaken }: Watcher): {
  readonly outcomes: Record<string, number>;
  readonly byPipeline: Record<string, Record<string, number>>;
} {
  const byPipeline: Record<string, Record<string, number>> = {};
  const outcomes: Record<string, number> = overtaken > 0 ? { "merge that a stop came too late for": overtaken } : {};
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
