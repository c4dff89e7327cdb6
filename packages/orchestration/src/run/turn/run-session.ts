/**
 * The unit of work of one run: the run as it was read, the input of its next decision, and the one write.
 *
 * Owns: what was read, and whether it still holds. Does not own: what happens next (`turn.ts`), nor any rule (`decide`).
 * 1. One commit per transition: events, snapshot, block, notifications, outputs, usage, wake-up.
 * 2. A stale revision discards the decision, never the effect: the same command is decided again on the newer run, where its key
 *    may no longer be wanted. What the effect spent is settled all the same.
 * 3. The state that a commit returned is used for the next decision only if it has the revision that was committed.
 */
import type { Run } from "@millrace/contracts";
import { isMillraceError, logFailure, MillraceError, notFound, redactAll, type Change } from "@millrace/kernel";
import { decide, type Decision } from "../decide/decide.logic.js";
import type { Command } from "../model/command.js";
import { fromRecord, toRecord } from "../model/stored-run.js";
import { commitDecision, commitTransition, type LoadedRun, type TurnResult } from "./commit.js";
import { DecisionDefect, pure } from "./defect.js";
import type { Engine } from "./engine.js";

export interface RunAddress {
  readonly workspaceId: string;
  readonly runId: string;
}

export interface SessionOptions {
  /** This process drives the run: no other process moves its wake-up unless a person acts. Default: false. */
  readonly isDriver?: boolean;
  /** Each commit also returns the state that the next turn starts from, which saves that turn a round trip. Default: false. */
  readonly prefetchNext?: boolean;
}

/** Attempts to decide one command while the run moves. */
const MAX_STALE = 20;

export class RunSession {
  readonly address: RunAddress;
  readonly #engine: Engine;
  readonly #isDriver: boolean;
  readonly #prefetchNext: boolean;
  #loaded: LoadedRun | null = null;

  constructor(engine: Engine, address: RunAddress, { isDriver = false, prefetchNext = false }: SessionOptions = {}) {
    this.#engine = engine;
    this.address = address;
    this.#isDriver = isDriver;
    this.#prefetchNext = prefetchNext;
  }

  /**
   * The run and the input of its decision: what the last commit of this session returned, or what is stored now.
   * @throws MillraceError `not_found`, `stored_shape_newer`, `stored_shape_invalid`.
   */
  async load(): Promise<LoadedRun> {
    this.#loaded ??= await this.#read();
    return this.#loaded;
  }

  /** The run was moved beside this session: it is read again before its next decision. */
  moved(): TurnResult {
    this.#loaded = null;
    return { is: "continue" };
  }

  /** One round trip when this process has committed the run last, two otherwise. */
  async #read(): Promise<LoadedRun> {
    const { ports, committed, readInput } = this.#engine;
    const run = committed.last(this.address) ?? (await loadRun(this.#engine, this.address));
    const { workspaceId, blockId, steps } = run;
    const context = await ports.store.runs.context({ workspaceId, blockId, runId: run.id });
    if (context.revision === run.revision) return { run, input: await readInput({ workspaceId, blockId, steps }, context) };
    // Another process moved it. A run keeps its block, so what is around it holds.
    const moved = await loadRun(this.#engine, this.address);
    return { run: moved, input: await readInput({ workspaceId, blockId, steps: moved.steps }, context) };
  }

  /**
   * Decides a command on the run as it is now and commits everything that the decision means, together with `writes`. `usage` is
   * committed too, and by itself when nothing is decided or nothing can be.
   * @throws MillraceError what `decide` refuses a person's command with; `stale_revision` when the run kept moving; `database_*`.
   */
  async execute(given: Command, writes: readonly Change[] = [], usage: readonly Change[] = []): Promise<TurnResult> {
    const { redact } = this.#engine.ports;
    const command = redact === undefined ? given : redactAll(given, redact);
    try {
      const result = await this.#execute(command, [...writes, ...usage]);
      if (result !== null) return result;
    } catch (error) {
      // Anything else is no answer of the engine or its ports: nothing is done after it.
      if (isMillraceError(error) || error instanceof DecisionDefect) await this.#settle(usage);
      throw error;
    }
    await this.#settle(usage);
    return { is: "continue" };
  }

  /** Null when the command means nothing for the run as it is now: nothing was written. */
  async #execute(command: Command, writes: readonly Change[]): Promise<TurnResult | null> {
    for (let tries = 0; tries < MAX_STALE; tries += 1) {
      const { run, input } = await this.load();
      this.#loaded = null;
      const decision = this.#decide(run, command, input);
      if (decision.events.length === 0 && !decision.pollAgain) return null;
      try {
        const { result, next } = await commitDecision(
          this.#engine,
          { before: run, decision, by: command, input, writes },
          this.#prefetchNext,
        );
        this.#loaded = next;
        // The run's driver, maybe in another process, reads it next and may move its wake-up.
        if (!this.#isDriver) this.#engine.committed.isDrivenElsewhere(this.address);
        return result;
      } catch (error) {
        if (!isMillraceError(error, "stale_revision")) throw error;
      }
    }
    throw new MillraceError("stale_revision", `run '${this.address.runId}' kept moving while it was written`, { fix: "try again" });
  }

  /** A failure is logged: what the turn came to says more than it. */
  async #settle(usage: readonly Change[]): Promise<void> {
    if (usage.length === 0) return;
    const { store, log } = this.#engine.ports;
    await store.commit(usage).catch((error: unknown) => logFailure(log, "settle-failed", error, { runId: this.address.runId }));
  }

  /** A refusal of a person's command is theirs to read; nothing refuses a driver's, so what throws there is a defect. */
  #decide(run: Run, command: Command, input: LoadedRun["input"]): Decision {
    const decision = (): Decision => decide(run, command, input, this.#engine.registries);
    return this.#isDriver ? pure(decision) : decision();
  }

  /** Nothing new: the wake-up moves on, guarded by the revision so that it cannot overwrite a stop's. */
  async reschedule(): Promise<TurnResult> {
    const { run, input } = await this.load();
    this.#loaded = null;
    const transition = { before: run, after: run, events: [], pollAgain: true, at: this.#engine.ports.clock.now() };
    try {
      return (await commitTransition(this.#engine, { transition, input, writes: [] }, false)).result;
    } catch (error) {
      if (isMillraceError(error, "stale_revision")) return { is: "continue" };
      throw error;
    }
  }

  /**
   * A parked or finished run needs no wake-up; a driver that died between claim and commit may have left one. `wakeAt` (epoch ms): a
   * finished run is looked at once more then.
   */
  async park(on: "human" | "finished", wakeAt: number | null = null): Promise<TurnResult> {
    const { run } = await this.load();
    this.#loaded = null;
    const { store, clock } = this.#engine.ports;
    const guard: Change = { change: "update-run", record: toRecord(run, clock.now()), expected: run.revision };
    const key = { workspaceId: run.workspaceId, runId: run.id };
    const moved: Change = wakeAt === null ? { change: "unwake", ...key } : { change: "wake", ...key, at: wakeAt };
    await store.commit([guard, moved]).catch((error: unknown) => {
      if (!isMillraceError(error, "stale_revision")) throw error;
    });
    return { is: "resting", on };
  }
}

/**
 * The run as stored.
 * @throws MillraceError `not_found`, `stored_shape_newer`, `stored_shape_invalid`.
 */
export async function loadRun({ ports }: Pick<Engine, "ports">, { workspaceId, runId }: RunAddress): Promise<Run> {
  const record = await ports.store.runs.get(workspaceId, runId);
  if (record === null) throw notFound("run", runId, "list runs with: millrace runs");
  return fromRecord(record);
}

/** The same run as `loadRun`, without reading again the document that this process has just written. */
export async function currentRun(engine: Engine, address: RunAddress): Promise<Run> {
  return (await engine.committed.current(address)) ?? loadRun(engine, address);
}
