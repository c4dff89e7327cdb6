/**
 * The exhaustive explorer: breadth-first search over every interleaving of a driver, people, late results and crashes around one run,
 * until no new state appears. Owns the search; does not own the environment, the users and the invariants.
 *
 * 1. A state is a run with its environment. Two states are one when no future event can tell them apart.
 * 2. Every transition is checked, including those to a known state.
 * 3. Crashes are explored last: the states that follow must have been reachable without them (I10).
 * 4. Rule 1 is checked on samples: a second path to a state is followed for one step and must lead to the same states as the first.
 * 5. The first path to a state is a shortest one, so the trace of a violation that was found before crashes is shortest too.
 */
import type { PipelineInput, Run } from "@millrace/contracts";
import { stepDefinitionSchema } from "@millrace/contracts";
import { MillraceError } from "@millrace/kernel";
import { isLive, type Command } from "@millrace/orchestration";
import type { FaultSet } from "@millrace/orchestration/samples";
import { jumped } from "../samples/budgets.logic.js";
import { committed, outcomes, type Outcome } from "./commit.logic.js";
import { driverSteps } from "./driver.logic.js";
import { newRun, NOW, realEngine, registries, SECRET, type ExploredEngine } from "./engine.logic.js";
import { inputUnder } from "./input.logic.js";
import { onCycle, trapped, type Edge } from "./graph.logic.js";
import { brokenBy, type BrokenInvariant, type Invariant } from "./invariants.logic.js";
import { missedMerge, type LabelledEdge } from "./liveness.logic.js";
import { defects, fittingAnswers, lateResults, mustBeRefused, resumptions, stops, type LabelledCommand } from "./users.logic.js";
import { brokenIn } from "./state-invariants.logic.js";
import { runKey, stateKey } from "./state-key.logic.js";
import { newEnvironment, worse, type Happening, type Environment } from "./environment.logic.js";

/** Pipeline, faults and bounds of an exploration. */
export interface ExplorationOptions {
  /** Steps of the pipeline, as an author writes them. */
  readonly steps: PipelineInput["steps"];
  /** Faults of the environment. Default: failures, moves and outsiders. */
  readonly faults?: Partial<FaultSet>;
  /** Functions to explore in place of the real ones. Default: none. */
  readonly engine?: Partial<ExploredEngine>;
  /** Bound on the number of states. Default: 200,000. A cut exploration cannot check for traps and loops; its report says `cut`. */
  readonly maxStates?: number;
  /** Bound on the distance from the start, in transitions. Default: none. States at the bound are not followed; the report says `cut`. */
  readonly maxDepth?: number;
  /** Ends at the first violation of this invariant. Default: explores to the end. */
  readonly until?: Invariant;
}

/** A broken invariant with the path to it. */
export interface ExplorationViolation extends BrokenInvariant {
  readonly trace: readonly string[];
}

/** Result of an exploration. `cut`: it ended at a bound or at `until`. */
export interface ExplorationReport {
  readonly states: number;
  readonly transitions: number;
  /** Distance of the furthest state from the start, in transitions. */
  readonly depth: number;
  /** Number of commands that were rightly refused or ignored. */
  readonly refusals: number;
  /** Endings of the finished states: phase and failure code. */
  readonly ends: readonly string[];
  readonly cut: boolean;
  /** At most one for each invariant. */
  readonly violations: readonly ExplorationViolation[];
}

const USUAL_FAULTS: FaultSet = {
  failures: true,
  moves: true,
  contention: false,
  outsiders: true,
  settings: false,
  hostFaults: false,
  budget: false,
  lateMerges: false,
};

/** One in this many arrivals at a known state is compared with the first. */
const SAMPLE = 16;

interface Node {
  readonly run: Run;
  readonly environment: Environment;
  readonly parent: number;
  readonly label: string;
  readonly depth: number;
}

/**
 * Explores a pipeline exhaustively.
 *
 * @throws MillraceError `pipeline_invalid`.
 */
export function explore(options: ExplorationOptions): ExplorationReport {
  const explorer = new Explorer(options);
  explorer.begin();
  explorer.exhaust();
  explorer.crash();
  return explorer.report();
}

class Explorer {
  readonly #engine: ExploredEngine;
  readonly #faults: FaultSet;
  readonly #options: ExplorationOptions;
  readonly #nodes: Node[] = [];
  readonly #byKey = new Map<string, number>();
  readonly #runs = new Set<string>();
  readonly #crashes: { readonly from: number; readonly happening: Happening }[] = [];
  readonly #edges: LabelledEdge[] = [];
  /** Edges that a driver takes alone and without waiting: a cycle of them would be an endless loop. */
  readonly #driven: Edge[] = [];
  readonly #violations = new Map<Invariant, ExplorationViolation>();
  #next = 0;
  #crashing = false;
  #cut = false;
  #transitions = 0;
  #refusals = 0;
  #arrivals = 0;

  constructor(options: ExplorationOptions) {
    this.#options = options;
    this.#engine = { ...realEngine, ...options.engine };
    this.#faults = { ...USUAL_FAULTS, ...options.faults };
  }

  begin(): void {
    const steps = this.#options.steps;
    this.#engine.parsePipeline({ id: "pipe", name: "explored", steps }, registries);
    const run = newRun(steps.map(({ enabled: _, ...step }) => stepDefinitionSchema.parse(step)));
    const command: Command = { command: "start", at: NOW, actor: run.initiatedBy, run };
    const decision = this.#engine.decide(null, command, inputUnder(newEnvironment()), registries);
    const node: Node = { run, environment: newEnvironment(), parent: -1, label: "", depth: -1 };
    for (const outcome of outcomes(this.#engine, null, { decision, environment: newEnvironment() }, command, this.#faults))
      this.#arrive(node, -1, "start", command, outcome);
  }

  exhaust(): void {
    for (; this.#next < this.#nodes.length && !this.#isOver(); this.#next += 1) this.#expand(this.#next);
  }

  /** Explores the crashes between an effect and its commit, and what follows them. */
  crash(): void {
    this.#crashing = true;
    for (let at = 0; at < this.#crashes.length && !this.#isOver(); at += 1) {
      const { from, happening } = this.#crashes[at] ?? {};
      const node = from === undefined ? undefined : this.#nodes[from];
      if (from === undefined || node === undefined || happening === undefined) continue;
      this.#transitions += 1;
      const crashed = { run: node.run, environment: happening.environment, parent: from, label: happening.label, depth: node.depth + 1 };
      this.#edges.push({ from, to: this.#remember(crashed), label: happening.label, harm: "passing" });
      this.exhaust();
    }
  }

  report(): ExplorationReport {
    if (!this.#cut && this.#violations.size === 0) this.#judgeGraph();
    const ends = new Set(this.#nodes.flatMap(({ run }) => (isLive(run) ? [] : [endOf(run)])));
    return {
      states: this.#nodes.length,
      transitions: this.#transitions,
      depth: this.#nodes.reduce((deepest, { depth }) => Math.max(deepest, depth), 0),
      refusals: this.#refusals,
      ends: [...ends].sort(),
      cut: this.#cut,
      violations: [...this.#violations.values()],
    };
  }

  #isOver(): boolean {
    const { maxStates = 200_000, until } = this.#options;
    if (this.#nodes.length < maxStates && (until === undefined || !this.#violations.has(until))) return false;
    this.#cut = true;
    return true;
  }

  #expand(index: number): void {
    const node = this.#nodes[index];
    if (node === undefined) return;
    if (node.depth >= (this.#options.maxDepth ?? Infinity)) {
      this.#cut ||= isLive(node.run);
      return;
    }
    const { run, environment } = node;
    const happenings = isLive(run) ? driverSteps(run, environment, this.#engine, this.#faults) : [];
    for (const happening of happenings) {
      if (happening.command === null) this.#crashes.push({ from: index, happening });
      else this.#step(index, happening, happening.command, "driver");
    }
    for (const labelled of fittingAnswers(run)) this.#step(index, { ...labelled, environment }, labelled.command, "user");
    for (const labelled of resumptions(run, environment)) this.#step(index, labelled, labelled.command, "user");
    for (const labelled of [...stops(run), ...defects(run)]) this.#step(index, { ...labelled, environment }, labelled.command, "end");
    for (const labelled of mustBeRefused(run)) this.#mustRefuse(index, labelled);
    for (const labelled of lateResults(run, environment, currentKey(run))) this.#mustIgnore(index, labelled);
  }

  #step(
    from: number,
    happening: Pick<Happening, "label" | "environment" | "isPatient" | "harm">,
    command: Command,
    by: "driver" | "user" | "end",
  ): void {
    const node = this.#nodes[from];
    if (node === undefined) return;
    try {
      const decision = this.#engine.decide(node.run, command, inputUnder(happening.environment), registries);
      for (const outcome of outcomes(this.#engine, node.run, { decision, environment: happening.environment }, command, this.#faults)) {
        const to = this.#arrive(node, from, happening.label, command, outcome);
        if (by !== "end") this.#edges.push({ from, to, label: happening.label, ...worse(happening.harm, outcome.harm) });
        if (by === "driver" && !outcome.decision.pollAgain && happening.isPatient !== true) this.#driven.push({ from, to });
      }
    } catch (error) {
      if (error instanceof MillraceError && error.code === "internal") throw error;
      // No earlier step may be able to act on a request for changes; every other fitting command is accepted.
      const isUnheard = by === "user" && error instanceof MillraceError && error.code === "wait_mismatch";
      if (isUnheard) this.#refusals += 1;
      else this.#violated(from, happening.label, { invariant: "I5", message: `the engine throws: ${String(error)}` });
    }
  }

  #arrive(node: Node, from: number, label: string, command: Command, outcome: Outcome): number {
    this.#transitions += 1;
    const { decision, environment: environmentBefore } = outcome;
    const happened = `${label}${outcome.label}`;
    const { events, run: after, pollAgain } = decision;
    const before = from < 0 ? null : node.run;
    const isMoved = events.length > 0 || pollAgain;
    const input = inputUnder(environmentBefore);
    const changes = isMoved
      ? this.#engine.consequences({ before, after, events, pollAgain, at: command.at }, input, registries.stepKinds)
      : [];
    const environment = committed(environmentBefore, { before: node.run, command, changes, events });
    const { hostFaults: hasOutages } = this.#faults;
    const transition = { before: node.run, after, events, changes, command, environment, environmentBefore, hasOutages };
    for (const broken of brokenBy(transition, this.#engine)) this.#violated(from, happened, broken);
    return this.#remember({ run: jumped(after), environment, parent: from, label: happened, depth: node.depth + 1 });
  }

  #remember(node: Node): number {
    const key = stateKey(node.run, node.environment);
    const known = this.#byKey.get(key);
    if (known !== undefined) {
      this.#arrivals += 1;
      if (this.#arrivals % SAMPLE === 0 && this.#options.engine === undefined) this.#compare(known, node);
      return known;
    }
    const index = this.#nodes.push(node) - 1;
    this.#byKey.set(key, index);
    this.#judgeNew(node, index);
    return index;
  }

  #compare(known: number, node: Node): void {
    const first = this.#nodes[known];
    if (first === undefined) return;
    const expected = new Set(this.#futures(first));
    const [other] = this.#futures(node).filter((future) => !expected.has(future));
    if (other !== undefined)
      throw new MillraceError("internal", `two states with one key differ in what may follow: ${other}`, {
        fix: "add to the state key what tells them apart",
      });
  }

  #futures({ run, environment }: Node): readonly string[] {
    const happenings = isLive(run) ? driverSteps(run, environment, this.#engine, this.#faults) : [];
    const labelled = [...fittingAnswers(run), ...stops(run), ...defects(run)].map((one): Happening => ({ ...one, environment }));
    return [...happenings, ...labelled, ...resumptions(run, environment)].map(({ label, environment: after, command }) => {
      if (command === null) return `${label}: ${stateKey(run, after)}`;
      try {
        const decision = this.#engine.decide(run, command, inputUnder(after), registries);
        return `${label}: ${decision.pollAgain} ${stateKey(jumped(decision.run), after)}`;
      } catch (error) {
        return `${label}: ${String(error)}`;
      }
    });
  }

  #judgeNew({ run, environment }: Node, index: number): void {
    for (const broken of brokenIn(run, environment, this.#engine)) this.#violated(index, "", broken);
    const key = runKey(run);
    if (!this.#crashing) this.#runs.add(key);
    else if (!this.#runs.has(key))
      this.#violated(index, "", { invariant: "I10", message: `only a crash leads to a run like this: ${key.slice(0, 300)}` });
  }

  #mustRefuse(from: number, labelled: LabelledCommand): void {
    const node = this.#nodes[from];
    if (node === undefined) return;
    try {
      const { events } = this.#engine.decide(node.run, labelled.command, inputUnder(node.environment), registries);
      const invariant = isLive(node.run) ? "P5" : "I4";
      this.#violated(from, labelled.label, { invariant, message: `accepted: ${events.map(({ event }) => event.type).join(", ")}` });
    } catch (error) {
      if (!(error instanceof MillraceError)) throw error;
      this.#refusals += 1;
      if (`${error.message} ${JSON.stringify(error)}`.includes(SECRET))
        this.#violated(from, labelled.label, { invariant: "I12", message: "text that is none of the run's is in an error" });
    }
  }

  #mustIgnore(from: number, labelled: LabelledCommand): void {
    const node = this.#nodes[from];
    if (node === undefined) return;
    const { events, pollAgain } = this.#engine.decide(node.run, labelled.command, inputUnder(node.environment), registries);
    this.#refusals += 1;
    if (events.length === 0 && !pollAgain) return;
    this.#violated(from, labelled.label, {
      invariant: isLive(node.run) ? "I1" : "I4",
      message: `a result that is not awaited is taken: ${pollAgain ? "to ask again" : events.map(({ event }) => event.type).join(", ")}`,
    });
  }

  #judgeGraph(): void {
    const ends = this.#nodes.flatMap(({ run }, index) => (isLive(run) && run.phase.is !== "stopping" ? [] : [index]));
    const [trap] = trapped(this.#nodes.length, this.#edges, ends);
    if (trap !== undefined) this.#violated(trap, "", { invariant: "I5", message: "no end can be reached from here without a stop" });
    const looping = onCycle(this.#nodes.length, this.#driven);
    if (looping !== null) this.#violated(looping, "", { invariant: "I6", message: "a driver alone can come back here for ever" });
    const missed = missedMerge(
      this.#nodes.map(({ run }) => run),
      this.#edges,
    );
    if (missed !== null) this.#violated(missed.at, missed.label, { invariant: "I14", message: missed.message });
  }

  #violated(from: number, label: string, broken: BrokenInvariant): void {
    if (this.#violations.has(broken.invariant)) return;
    this.#violations.set(broken.invariant, { ...broken, trace: [...this.#trace(from), ...(label === "" ? [] : [label])] });
  }

  #trace(to: number): readonly string[] {
    const labels: string[] = [];
    for (let node = this.#nodes[to]; node !== undefined; node = this.#nodes[node.parent]) labels.unshift(node.label);
    return labels;
  }
}

function currentKey(run: Run): string | null {
  const activity = run.steps[run.cursor]?.activity;
  if (activity?.is === "effect") return activity.effect.hold === null ? activity.effect.key : null;
  return activity?.is === "job" ? activity.job.key : null;
}

function endOf({ phase }: Run): string {
  return phase.is === "failed" ? `failed ${phase.failure.code}` : phase.is;
}
