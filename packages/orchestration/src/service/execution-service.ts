/**
 * The script around the decider: load, ask what is due, perform it, decide, commit.
 *
 * Owns: the order of those five, and the calls in flight in this process. Does not own: any rule (decide), any state (the
 * store), any timer (the driver).
 * 1. An effect is performed only if the stored run asks for it.
 * 2. A person's command that returned is committed; no driver can undo it (I1).
 * 3. Every method is safe at any time, from any process, any number of times.
 */
import type { Actor, Run } from "@millrace/contracts";
import { MillraceError, type Change } from "@millrace/kernel";
import type { CallEffects } from "../effects/effect.js";
import type { Command } from "../engine/command.js";
import { openWait } from "../engine/consequences.logic.js";
import { due, isLive } from "../engine/due.logic.js";
import type { Registries } from "../engine/evolve.logic.js";
import { restartIndex, retryIndex } from "../policy/retry-plan.logic.js";
import { toAnswer, type AnswerRequest } from "./human-reply.js";
import { ENGINE, Performer } from "./perform.js";
import type { EngineSettings, OrchestrationPorts } from "./ports.js";
import { RunStarter, type StartRequest } from "./run-starter.js";
import { Transactor, type Advanced, type RunAddress } from "./transactor.js";

/** How many advances a restart may take to bring down the run it replaces. */
const MAX_STOP_ADVANCES = 50;

export class ExecutionService {
  readonly #ports: OrchestrationPorts;
  readonly #transactor: Transactor;
  readonly #starter: RunStarter;
  readonly #performer: Performer;
  /** So that a stop interrupts a call at once instead of after it. */
  readonly #inFlight = new Map<string, AbortController>();

  constructor(ports: OrchestrationPorts, registries: Registries, effects: CallEffects, settings: EngineSettings) {
    this.#ports = ports;
    this.#transactor = new Transactor(ports, registries, settings);
    this.#starter = new RunStarter(ports, registries, this.#transactor);
    this.#performer = new Performer(ports, effects);
  }

  /** Reads a run. @throws MillraceError `not_found`, `stored_shape_*`. */
  get(address: RunAddress): Promise<Run> {
    return this.#transactor.load(address);
  }

  /** Starts a pipeline on a block. @throws MillraceError `not_found`, `pipeline_invalid`, `run_in_progress`, `conflict`, `validation`. */
  start(request: StartRequest): Promise<Run> {
    return this.#starter.start(request);
  }

  /** Takes a failed run up again at its first unfinished step, as a new run. @throws MillraceError `conflict` unless it failed. */
  async retry(request: RunAddress & { readonly actor: Actor }): Promise<Run> {
    const old = await this.get(request);
    return this.#starter.takeUp(old, retryIndex(old), request.actor);
  }

  /** Runs a run's pipeline again from a step (0-based), as a new run; a live one is stopped first. @throws MillraceError `validation` for an index out of range. */
  async restart(request: RunAddress & { readonly step: number; readonly actor: Actor }): Promise<Run> {
    const index = restartIndex(await this.get(request), request.step);
    const old = await this.#bringDown(request, `restarted from step ${index + 1}`);
    return this.#starter.takeUp(old, restartIndex(old, index), request.actor);
  }

  /** Answers an open wait. @throws MillraceError `wait_closed`, `digest_mismatch`, `forbidden_actor`, `run_not_live`, `validation`. */
  async answer(request: AnswerRequest): Promise<Run> {
    const { answer, writes } = await toAnswer(request, openWait(await this.get(request))?.output ?? null);
    return this.#command(
      request,
      { command: "answer", at: this.#ports.clock.now(), actor: request.actor, wait: request.wait, shown: request.shown, answer },
      writes,
    );
  }

  /**
   * Asks a run to stop. It is `stopping` until the exit of what it had in flight was seen (promise P9); `failed` can be
   * retried, `cancelled` gives the block back to the plan.
   */
  async stop(request: RunAddress & { readonly as: "failed" | "cancelled"; readonly reason: string; readonly actor: Actor }): Promise<Run> {
    const run = await this.#command(
      request,
      { command: "stop", at: this.#ports.clock.now(), actor: request.actor, as: request.as, reason: request.reason },
      [],
    );
    this.#inFlight.get(request.runId)?.abort();
    return run;
  }

  /** Interrupts a call in flight here if the run was stopped elsewhere. Drivers call it when they renew a lease. */
  async interruptIfStopping({ workspaceId, runId }: RunAddress): Promise<void> {
    const abort = this.#inFlight.get(runId);
    if (abort === undefined) return;
    const record = await this.#ports.store.runs.get(workspaceId, runId);
    if (record === null || record.status === "stopping") abort.abort();
  }

  /** A job or a check has settled: look now instead of at the next poll. False when the run waits for nothing. */
  nudge({ workspaceId, runId }: RunAddress): Promise<boolean> {
    return this.#ports.wakeups.nudge(workspaceId, runId, this.#ports.clock.now());
  }

  /** One turn of the script. */
  async advance(address: RunAddress): Promise<Advanced> {
    const run = await this.#transactor.current(address);
    const next = due(run);
    if (next.is === "rest") return this.#transactor.rest(run, next.on, this.#ports.clock.now());
    if (next.is === "held") return this.#held(run, next.until);
    const facts = await this.#transactor.facts(run.workspaceId, run.blockId);
    const abort = new AbortController();
    this.#inFlight.set(run.id, abort);
    const { command, writes } = await this.#performer.perform(run, next, facts, abort.signal).finally(() => this.#inFlight.delete(run.id));
    if (command === null) return this.#transactor.lookAgain({ run, facts }, this.#ports.clock.now());
    const advanced = await this.#transactor.execute(address, command, writes, { run, facts });
    if (next.is === "poll" && command.command === "returned") await this.#forget(run, next.job);
    return advanced;
  }

  /** Takes a paused run up again now: the budget was raised, the quota bought. It pauses again when nothing changed. @throws MillraceError `conflict` unless it is paused. */
  async resume(request: RunAddress & { readonly actor: Actor }): Promise<Run> {
    return this.#command(request, { command: "release", at: this.#ports.clock.now(), actor: request.actor }, []);
  }

  async #held(run: Run, until: number | null): Promise<Advanced> {
    const at = this.#ports.clock.now();
    if (until === null) return this.#transactor.rest(run, "human", at);
    const facts = await this.#transactor.facts(run.workspaceId, run.blockId);
    if (at < until) return this.#transactor.lookAgain({ run, facts }, at);
    const address = { workspaceId: run.workspaceId, runId: run.id };
    return this.#transactor.execute(address, { command: "release", at, actor: ENGINE }, [], { run, facts });
  }

  async #command(address: RunAddress, command: Command, writes: readonly Change[]): Promise<Run> {
    await this.#transactor.execute(address, command, writes);
    return this.get(address);
  }

  /** Stops a live run and sees it end. */
  async #bringDown(request: RunAddress & { readonly actor: Actor }, reason: string): Promise<Run> {
    let run = await this.get(request);
    if (!isLive(run)) return run;
    if (run.phase.is === "live") run = await this.stop({ ...request, as: "cancelled", reason });
    for (let tries = 0; isLive(run) && tries < MAX_STOP_ADVANCES; tries += 1) {
      await this.advance(request);
      run = await this.get(request);
    }
    if (isLive(run)) throw new MillraceError("conflict", `run '${run.id}' did not stop`, { fix: "look at its job with: millrace logs" });
    return run;
  }

  /** Best effort: a job whose result is committed may drop its working files; what stays is found and dropped later. */
  async #forget(run: Run, job: { readonly key: string; readonly ref: string; readonly model: string | null }): Promise<void> {
    await this.#ports.agents
      .forget({ key: job.key, ref: job.ref, model: job.model })
      .catch((error: unknown) =>
        this.#ports.log.warn("forget-failed", { runId: run.id, error: error instanceof Error ? error.message : "unknown" }),
      );
  }
}
