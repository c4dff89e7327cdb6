/**
 * One seed is one life of a small fleet: one to three processes drive the same runs over the same store, people interfere, the
 * repository moves under them, and everything that can fail fails. Then the faults stop, and whatever is left must come to rest.
 * 1. Every choice is drawn from the seed; time is virtual; who goes on is chosen by the scheduler. The same seed replays exactly.
 * 2. The engine is the real one: `ExecutionService` over its ports. Each process has its own, and loses it when it dies.
 * 3. It ends at the first violation: what comes after one proves nothing.
 */
import { builtInAgentKinds, createAgentKinds } from "@millrace/agents";
import { checkPolicySchema, type Block, type MergePreset, type Pipeline, type Run } from "@millrace/contracts";
import { isMillraceError, MillraceError, type Clock } from "@millrace/kernel";
import {
  builtInGates,
  builtInPipelines,
  builtInStepKinds,
  composeOrchestration,
  createStepKinds,
  openWait,
  type Orchestration,
  type OrchestrationOptions,
  type OrchestrationPorts,
} from "@millrace/orchestration";
import { createScriptedAgents, type ScriptedAgents, type ScriptedKind } from "../agents/scripted-agents.js";
import { interceptPorts } from "../host/intercept.js";
import { silentLog, testPerson } from "../host/test-host.js";
import { createCountingIds, createVirtualClock, type VirtualClock } from "../host/virtual-clock.js";
import { createMemoryStore } from "../memory-store/memory-store.js";
import { randomScript, type Spent } from "./agents.js";
import { Faults, type FaultKind } from "./faults.js";
import { People } from "./people.js";
import { createRandom, type Random } from "./random.logic.js";
import { Scheduler } from "./scheduler.js";
import type { Violation } from "./violation.js";
import { Watcher } from "./watcher.js";
import { World } from "./world.js";

export interface SimulationOptions {
  /** Decides everything. A whole number. */
  readonly seed: number;
  /** Pipelines the tasks may run. Default: the built-in ones. */
  readonly pipelines?: readonly Pipeline[];
  /** The engine under test: your agent kinds, gates and step kinds. Its patience is shortened unless you set it. */
  readonly engine?: OrchestrationOptions;
  /** What agents of a kind do, instead of something random. */
  readonly script?: Readonly<Record<string, ScriptedKind>>;
  /** Puts your own store, forge or executor in the place of the ones in memory; what it answers is taken for the truth. */
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
  /** How runs ended: `merged`, `finished`, `cancelled`, `parked`, `failed: <kind>`. */
  readonly outcomes: Readonly<Record<string, number>>;
  readonly commits: number;
  /** What happened, line by line; equal for equal seeds. */
  readonly trace: readonly string[];
}

/** Short, so that every kind of time-out is met. */
const PATIENCE = { jobMs: 10 * 60_000, gateMs: 10 * 60_000 } as const;
const LEASE_MS = 30_000;
/** Advances a driver makes of one claim before it gives others a turn. */
const ADVANCES_PER_CLAIM = 20;
/** Far more than any run needs to come to rest. */
const MAX_REST_ADVANCES = 5000;
const MAX_AGREEMENTS = 200;

/** Lives one seed. Resolves with what was found; rejects only when the simulation itself cannot be played. */
export async function simulate(options: SimulationOptions): Promise<SimulationReport> {
  const simulation = new Simulation(options);
  await simulation.run();
  return simulation.report();
}

interface Process {
  readonly name: string;
  lives: number;
  skewMs: number;
  engine: Orchestration;
}

class Simulation {
  readonly #options: SimulationOptions;
  readonly #random: Random;
  readonly #scheduler: Scheduler;
  readonly #world: World;
  readonly #clock: VirtualClock = createVirtualClock(1_000_000_000);
  readonly #agents: ScriptedAgents;
  readonly #spent: Spent;
  readonly #ports: OrchestrationPorts;
  readonly #watcher: Watcher;
  readonly #faults: Faults;
  readonly #processes: Process[] = [];
  readonly #trace: string[] = [];
  #workspaceId = "";
  #fatal: unknown = null;

  constructor(options: SimulationOptions) {
    this.#options = options;
    const trace = (line: string): void => void this.#trace.push(line);
    this.#random = createRandom(options.seed);
    this.#scheduler = new Scheduler(this.#random);
    this.#world = new World(this.#random);
    const kinds = createAgentKinds([...builtInAgentKinds, ...(options.engine?.agentKinds ?? [])]);
    const { script, spent } = randomScript(
      kinds.list().map(({ id }) => id),
      {
        random: this.#random,
        world: this.#world,
        isCalm: () => !this.#faults.isOn,
        giveUp: (error) => {
          this.#fatal ??= error;
        },
        script: options.script ?? {},
      },
    );
    this.#spent = spent;
    this.#agents = createScriptedAgents(script, this.#world.forge);
    this.#ports = this.#truth();
    const gates = [...builtInGates, ...(options.engine?.gates ?? [])];
    const stepKinds = createStepKinds([...builtInStepKinds(gates), ...(options.engine?.stepKinds ?? [])]);
    this.#watcher = new Watcher({
      ports: this.#ports,
      registries: { kinds, stepKinds },
      world: this.#world,
      agents: this.#agents,
      spent,
      trace,
    });
    this.#faults = new Faults({ random: this.#random, scheduler: this.#scheduler, watcher: this.#watcher, trace });
  }

  async run(): Promise<void> {
    const tasks = await this.#board();
    const people = new People({
      random: this.#random,
      watcher: this.#watcher,
      workspaceId: this.#workspaceId,
      tasks,
      trace: (line) => void this.#trace.push(line),
    });
    for (let index = 0; index < 1 + this.#random.below(3); index += 1) this.#processes.push(this.#born(`p${index + 1}`));
    const steps = tasks.reduce((sum, { pipeline }) => sum + pipeline.steps.length, 0);
    const turns = this.#options.turns ?? 100 + this.#random.below(60 * steps);
    for (let turn = 0; turn < turns && !this.#isOver(); turn += 1) await this.#turn(people);
    if (!this.#isOver()) await this.#calm(people);
    if (this.#fatal !== null) throw this.#fatal;
  }

  report(): SimulationReport {
    const outcomes: Record<string, number> = {};
    for (const run of this.#watcher.runs) {
      const outcome = outcomeOf(run);
      outcomes[outcome] = (outcomes[outcome] ?? 0) + 1;
    }
    if (this.#watcher.overtaken > 0) outcomes["merge that a stop came too late for"] = this.#watcher.overtaken;
    return {
      seed: this.#options.seed,
      violations: this.#watcher.violations,
      faults: this.#faults.counts,
      outcomes,
      commits: this.#watcher.commits,
      trace: this.#trace,
    };
  }

  #isOver(): boolean {
    return this.#watcher.violations.length > 0 || this.#fatal !== null;
  }

  /** What is really there, for everybody. */
  #truth(): OrchestrationPorts {
    const { forge } = this.#world;
    const { store, wakeups } = createMemoryStore({ clock: this.#clock });
    const plain: OrchestrationPorts = {
      store,
      wakeups,
      agents: this.#agents,
      forges: {
        get(name) {
          if (name !== forge.name) throw new MillraceError("unavailable", `no forge '${name}' here`);
          return forge;
        },
      },
      clock: this.#clock,
      ids: createCountingIds(),
      log: silentLog,
    };
    return this.#options.wrap?.(plain) ?? plain;
  }

  /** A workspace with one service and one to three tasks on the same repository. */
  async #board(): Promise<readonly { readonly block: Block; readonly pipeline: Pipeline }[]> {
    const { board } = composeOrchestration(this.#ports, this.#options.engine);
    const actor = testPerson;
    const workspace = await board.createWorkspace({ name: "simulated", actor });
    this.#workspaceId = workspace.id;
    const service = await board.addService({
      workspaceId: workspace.id,
      title: "sample",
      repository: this.#world.repository,
      checks: checkPolicySchema.parse({}),
      actor,
    });
    const pipelines = this.#options.pipelines ?? builtInPipelines;
    const tasks: { readonly block: Block; readonly pipeline: Pipeline }[] = [];
    for (let number = 1; number <= 1 + this.#random.below(3); number += 1) {
      const pipeline = await board.putPipeline({ workspaceId: workspace.id, input: this.#random.pick(pipelines) });
      const block = await board.addTask({ workspaceId: workspace.id, parentId: service.id, input: { title: `task ${number}` }, actor });
      this.#trace.push(`${block.id} runs ${pipeline.id}`);
      this.#world.blocks.push(block.id);
      tasks.push({ block, pipeline });
    }
    this.#watcher.begin(workspace.id, await this.#preset());
    return tasks;
  }

  async #preset(): Promise<MergePreset> {
    const preset = await this.#ports.store.presets.getDefault(this.#workspaceId);
    if (preset === null) throw new MillraceError("internal", "a new workspace has no merge preset");
    return preset;
  }

  #born(name: string): Process {
    const process: Process = { name, lives: 1, skewMs: 0, engine: composeOrchestration(this.#ports) };
    process.engine = this.#engineOf(process);
    return process;
  }

  /** An engine of a process: its own memory, its own clock, and faults between it and everything else. */
  #engineOf(process: Process): Orchestration {
    const clock: Clock = { now: () => this.#clock.now() + process.skewMs };
    const ports = interceptPorts(
      { ...this.#ports, clock },
      this.#faults.around(() => this.#reborn(process)),
    );
    const { patience, ...engine } = this.#options.engine ?? {};
    return composeOrchestration(ports, { ...engine, patience: { ...PATIENCE, ...patience } });
  }

  #reborn(process: Process): void {
    process.lives += 1;
    process.engine = this.#engineOf(process);
    this.#trace.push(`  ${process.name} died and starts again`);
  }

  async #turn(people: People): Promise<void> {
    const deed = this.#random.weighted({
      resume: this.#scheduler.parked > 0 ? 55 : 0,
      drive: 14,
      duplicate: 1,
      person: 5,
      world: 5,
      time: 7,
      late: this.#faults.late.length > 0 ? 4 : 0,
      kill: 0.5,
      skew: 0.5,
      releases: 0.5,
    });
    const process = this.#random.pick(this.#processes);
    switch (deed) {
      case "resume": {
        if (this.#scheduler.parked > 1) this.#faults.counts["slow call overtaken"] += 1;
        const what = await this.#scheduler.step();
        return void this.#trace.push(what ?? "nothing to resume");
      }
      case "drive":
        return this.#scheduler.isBusy(process.name, "drives") ? undefined : this.#drive(process);
      case "duplicate":
        return this.#duplicate(process);
      case "person": {
        const what = people.choose();
        this.#trace.push(`a person at ${process.name}: ${what}`);
        return this.#scheduler.spawn(process.name, what, () => people.act(what, process.engine));
      }
      case "world":
        return void this.#trace.push(`the world: ${await this.#world.happen()}`);
      case "time":
        return this.#passTime();
      case "late":
        return this.#arrive();
      case "kill":
        this.#faults.count("crash elsewhere");
        this.#scheduler.kill(process.name);
        return this.#reborn(process);
      case "skew":
        process.skewMs = this.#random.below(120_000) - 60_000;
        return this.#faults.count("clock skew");
      case "releases":
        return this.#releaseDead();
    }
  }

  /** One driver takes up one run and advances it, as the driver loop does. */
  #drive(process: Process): Promise<void> {
    const { engine, lives } = process;
    return this.#scheduler.spawn(process.name, "drives", () =>
      this.#tried(process, async () => {
        const wakeups = this.#ports.wakeups;
        const [claim] = await wakeups.claim({ owner: `${process.name}/${lives}`, now: this.#clock.now(), leaseMs: LEASE_MS, limit: 1 });
        if (claim === undefined) return;
        for (let advances = 0; advances < ADVANCES_PER_CLAIM; advances += 1) {
          const advanced = await engine.execution.advance(claim);
          this.#trace.push(`${process.name} advanced ${claim.runId}: ${advanced.is}`);
          if (advanced.is !== "continue") break;
        }
        await wakeups.release(claim);
      }),
    );
  }

  /** A wake-up that comes twice: a run is advanced although somebody else may be at it. */
  async #duplicate(process: Process): Promise<void> {
    const { runs } = this.#watcher;
    if (runs.length === 0) return;
    const run = this.#random.pick(runs);
    this.#faults.count("duplicate wake-up");
    const { engine } = process;
    await this.#scheduler.spawn(process.name, "advances again", () =>
      this.#tried(process, async () => {
        await engine.execution.advance({ workspaceId: this.#workspaceId, runId: run.id });
      }),
    );
  }

  async #tried(process: Process, act: () => Promise<void>): Promise<void> {
    try {
      await act();
    } catch (error) {
      const code = isMillraceError(error) ? error.code : "internal";
      this.#trace.push(`${process.name} failed to advance (${code})`);
      if (code !== "unavailable" && code !== "stale_revision") this.#watcher.thrown("an advance", error);
    }
  }

  async #passTime(): Promise<void> {
    if (this.#random.chance(0.05)) {
      this.#clock.advance(this.#random.below(20 * 60_000));
      return this.#faults.count("clock jump");
    }
    const next = await this.#ports.wakeups.nextDueAt();
    if (next === null || this.#random.chance(0.3)) this.#clock.advance(this.#random.below(LEASE_MS));
    else this.#clock.advanceTo(next);
    this.#trace.push(`it is ${this.#clock.now()}`);
  }

  /** What a dead process had sent arrives. Nobody hears the answer. */
  async #arrive(): Promise<void> {
    const [late] = this.#faults.late.splice(this.#random.below(this.#faults.late.length), 1);
    if (late === undefined) return;
    this.#faults.count(late.what === "commit of a dead process" ? late.what : "effect of a dead process");
    await late.act().catch((error: unknown) => {
      if (!isMillraceError(error)) this.#watcher.thrown(late.what, error);
    });
  }

  async #releaseDead(): Promise<void> {
    const alive = new Set(this.#processes.map(({ name, lives }) => `${name}/${lives}`));
    await this.#ports.wakeups.releaseDead((owner) => !alive.has(owner));
  }

  /** The faults stop; what was begun ends; everything comes to rest. */
  async #calm(people: People): Promise<void> {
    this.#trace.push("the faults stop");
    this.#faults.isOn = false;
    this.#scheduler.quiet();
    this.#world.ci.settle();
    for (const process of this.#processes) process.skewMs = 0;
    while ((await this.#scheduler.step()) !== null);
    while (this.#faults.late.length > 0) await this.#arrive();
    await this.#rest();
    if (this.#isOver()) return;
    await this.#watcher.atRest();
    if (this.#random.chance(0.7)) await this.#agree(people);
    await this.#watcher.atEnd(this.#random.below(10_000));
  }

  async #rest(): Promise<void> {
    const [process] = this.#processes;
    if (process === undefined) return;
    for (let advances = 0; advances < MAX_REST_ADVANCES && !this.#isOver(); advances += 1) {
      await this.#releaseDead();
      const next = await this.#ports.wakeups.nextDueAt();
      if (next === null) {
        const isHeld = this.#watcher.runs.some((run) => outcomeOf(run) === "live");
        if (!isHeld) return;
        // Somebody alive held it when the faults stopped, and will never give it back.
        this.#clock.advance(LEASE_MS + 1);
        if ((await this.#ports.wakeups.nextDueAt()) === null) return;
        continue;
      }
      this.#clock.advanceTo(next);
      await this.#drive(process);
    }
  }

  /** People say yes to everything until nobody asks. */
  async #agree(people: People): Promise<void> {
    const [process] = this.#processes;
    if (process === undefined) return;
    for (let agreements = 0; agreements < MAX_AGREEMENTS && !this.#isOver(); agreements += 1) {
      const asking = this.#watcher.runs.find((run) => openWait(run) !== null);
      if (asking === undefined) return;
      await this.#scheduler.spawn(process.name, "agree", async () => {
        await people.agree(process.engine, asking.id);
      });
      await this.#rest();
      await this.#watcher.atRest();
    }
  }
}

function outcomeOf(run: Run): string {
  switch (run.phase.is) {
    case "live":
      return openWait(run) === null ? "live" : "parked";
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
