/**
 * Steps 4 and 5 of the script: decide, and commit everything the decision means.
 *
 * 1. One commit per transition: events, snapshot, block, notifications, outputs, usage, wake-up.
 * 2. A stale revision discards the decision, never the effect: the same command is decided again on the newer run, where
 *    its key may no longer be wanted.
 */
import type { Actor, Run } from "@millrace/contracts";
import {
  isMillraceError,
  MillraceError,
  notFound,
  type Change,
  type LookAround,
  type RunLimit,
  type Store,
  type Surroundings,
} from "@millrace/kernel";
import type { Command } from "../model/command.js";
import { openWait } from "../model/due.logic.js";
import { consequences, type TransitionResult } from "../decide/consequences.logic.js";
import { decide, holdDecision, type Decision } from "../decide/decide.logic.js";
import type { Registries } from "../model/evolve.logic.js";
import { fromRecord, toRecord, type Placement } from "../model/stored-run.js";
import { announceModel } from "./announce-model.js";
import { CommittedRuns } from "./committed-runs.js";
import { createReadInput, type ReadInput, type LoadedInput } from "./load-input.js";
import type { EngineSettings, OrchestrationPorts } from "../../platform/ports.js";
import { budgetHold, reserveFor } from "./spending.js";

/** How often one command is decided again because somebody else moved the run. */
const MAX_STALE = 20;

export interface RunAddress {
  readonly workspaceId: string;
  readonly runId: string;
}

/** What an advance left behind: go on now, look again at a time, or nothing (a person, or finished). */
export type Advanced =
  | { readonly is: "continue" }
  | { readonly is: "sleeping"; readonly until: number }
  | { readonly is: "resting"; readonly on: "human" | "finished" };

/** A run and its facts, as somebody just read them. */
export interface Loaded {
  readonly run: Run;
  readonly input: LoadedInput;
}

/** What a commit left behind, and the run with its facts as they were right after it; null where nobody looked. */
export interface Went {
  readonly advanced: Advanced;
  readonly seen: Loaded | null;
}

/** What only the first commit of a run knows: where it is counted, and the limit it must fit under. */
export interface Birth {
  readonly placement: Placement;
  readonly limit: RunLimit | null;
}

const NO_BIRTH: Birth = { placement: { serviceId: null, taskType: null }, limit: null };

export class Transactor {
  readonly #store: Store;
  readonly #agents: OrchestrationPorts["agents"];
  readonly #registries: Registries;
  readonly #committed: CommittedRuns;
  readonly #readInput: ReadInput;

  constructor(ports: OrchestrationPorts, registries: Registries, { patience, localTestInfrastructure }: EngineSettings) {
    const { store, environments, tracker, releases } = ports;
    this.#store = store;
    this.#agents = ports.agents;
    this.#registries = registries;
    this.#committed = new CommittedRuns(store);
    const services = { environments: environments.isOn, tracker: tracker.isOn, releases: releases.isOn, localTestInfrastructure };
    this.#readInput = createReadInput(registries.kinds, patience, services);
  }

  /** @throws MillraceError `not_found`, `stored_shape_*`. */
  async load({ workspaceId, runId }: RunAddress): Promise<Run> {
    const record = await this.#store.runs.get(workspaceId, runId);
    if (record === null) throw notFound("run", runId, "list runs with: millrace runs");
    return fromRecord(record);
  }

  /** The same run as `load`, without reading again what this process has just written. */
  async current(address: RunAddress): Promise<Run> {
    return (await this.#committed.current(address)) ?? this.load(address);
  }

  /** What a block, its service and its preset say now. @throws MillraceError `not_found`, `stored_shape_*`. */
  async input(workspaceId: string, blockId: string): Promise<LoadedInput> {
    return (await this.#around({ workspaceId, blockId, runId: null })).input;
  }

  async #around(look: LookAround): ReturnType<ReadInput> {
    return this.#readInput(look, await this.#store.blocks.surroundings(look.workspaceId, look.blockId, look.runId));
  }

  /** A run and its facts as they are now: one trip when this process has committed it last. */
  async look(address: RunAddress): Promise<Loaded> {
    const last = this.#committed.last(address);
    const run = last ?? (await this.load(address));
    const { input, revision } = await this.#around({ ...run, runId: run.id });
    // Somebody moved it. A run keeps its block, so the facts hold.
    return { run: revision === run.revision ? run : await this.load(address), input };
  }

  /**
   * Decides a command on the run as it is now and commits what follows. `loaded` saves the first read; `looksOn` saves the next one, for
   * who goes on at once.
   */
  async execute(
    address: RunAddress,
    command: Command,
    writes: readonly Change[],
    { loaded = null, looksOn = false }: { readonly loaded?: Loaded | null; readonly looksOn?: boolean } = {},
  ): Promise<Went> {
    let current = loaded;
    for (let tries = 0; tries < MAX_STALE; tries += 1) {
      const run = current?.run ?? (await this.current(address));
      const input = current?.input ?? (await this.input(run.workspaceId, run.blockId));
      const decision = decide(run, command, input, this.#registries);
      if (decision.events.length === 0 && !decision.again) return { advanced: { is: "continue" }, seen: null };
      try {
        const { went } = await this.commit(run, decision, command, input, writes, { looksOn });
        // Whoever drives the run, maybe another process, looks at it next and may move its wake-up.
        if (loaded === null) this.#committed.isDrivenElsewhere(address);
        return went;
      } catch (error) {
        if (!isMillraceError(error, "stale_revision")) throw error;
        current = null;
      }
    }
    throw new MillraceError("stale_revision", `run '${address.runId}' kept moving while it was written`, { fix: "try again" });
  }

  /** Commits a decision; when a budget is used up, the same decision paused in front of the call it wanted to make. */
  async commit(
    before: Run | null,
    decision: Decision,
    by: { readonly at: number; readonly actor: Actor },
    input: LoadedInput,
    writes: readonly Change[],
    { birth = NO_BIRTH, looksOn = false }: { readonly birth?: Birth; readonly looksOn?: boolean } = {},
  ): Promise<{ readonly went: Went; readonly run: Run }> {
    const told = await announceModel(before, decision, input, { agents: this.#agents, registries: this.#registries });
    const transition = { before, after: told.run, events: told.events, again: told.again, at: by.at };
    try {
      return { went: await this.#commit(transition, input, writes, { birth, looksOn }), run: told.run };
    } catch (error) {
      if (!isMillraceError(error, "budget_exhausted")) throw error;
      const held = holdDecision(told, by, budgetHold(error, by.at), input, this.#registries);
      const paused = { ...transition, after: held.run, events: held.events };
      return { went: await this.#commit(paused, input, writes, { birth, looksOn }), run: held.run };
    }
  }

  /** Nothing new: the wake-up moves on, guarded by the revision so that it cannot overwrite a stop's. */
  async lookAgain({ run, input }: Loaded, at: number): Promise<Advanced> {
    try {
      const { advanced } = await this.#commit({ before: run, after: run, events: [], again: true, at }, input, [], { birth: NO_BIRTH });
      return advanced;
    } catch (error) {
      if (isMillraceError(error, "stale_revision")) return { is: "continue" };
      throw error;
    }
  }

  /** A parked or finished run needs no wake-up; a driver that died between claim and commit may have left one. */
  async rest(run: Run, on: "human" | "finished", at: number): Promise<Advanced> {
    const guard: Change = { change: "update-run", record: toRecord(run, at), expected: run.revision };
    await this.#store.commit([guard, { change: "unwake", workspaceId: run.workspaceId, runId: run.id }]).catch((error: unknown) => {
      if (!isMillraceError(error, "stale_revision")) throw error;
    });
    return { is: "resting", on };
  }

  /** @throws MillraceError `stale_revision`, `run_in_progress`, `database_*`. */
  async #commit(
    transition: TransitionResult,
    input: LoadedInput,
    writes: readonly Change[],
    { birth, looksOn = false }: { readonly birth: Birth; readonly looksOn?: boolean },
  ): Promise<Went> {
    const { before, after, events, at } = transition;
    const { workspaceId, id: runId } = after;
    const record = toRecord(after, at, birth.placement);
    const outcome = consequences(transition, input, this.#registries.stepKinds);
    const spending = await reserveFor(transition, input.settings.budget, this.#agents);
    const log: Change = { change: "append-run-events", workspaceId, runId, firstSequence: (before?.revision ?? 0) + 1, events };
    const wake = outcome.find((change) => change.change === "wake");
    const isDueAlready = wake !== undefined && wake.at <= at && before !== null && this.#committed.isDue(before, at);
    const goesOn = wake !== undefined && wake.at <= at;
    const look = { workspaceId, blockId: after.blockId, runId };
    const around = await this.#store.commit(
      [
        before === null
          ? { change: "insert-run", record, limit: birth.limit }
          : { change: "update-run", record, expected: before.revision },
        ...(events.length === 0 ? [] : [log]),
        ...writes,
        ...spending,
        ...(isDueAlready ? outcome.filter((change) => change !== wake) : outcome),
      ],
      looksOn && goesOn ? look : undefined,
    );
    // The first driver of a new run is anybody.
    this.#committed.remember(after, before === null ? null : isDueAlready ? at : (wake?.at ?? null));
    if (goesOn) return { advanced: { is: "continue" }, seen: around === null ? null : await this.#seen(after, look, around) };
    if (wake !== undefined) return { advanced: { is: "sleeping", until: wake.at }, seen: null };
    return { advanced: { is: "resting", on: openWait(after) === null ? "finished" : "human" }, seen: null };
  }

  /** The run with its facts, unless somebody moved it since: who goes on reads it then. */
  async #seen(run: Run, look: LookAround, around: Surroundings): Promise<Loaded | null> {
    if (around.revision !== run.revision) return null;
    return { run, input: (await this.#readInput(look, around)).input };
  }
}
