/**
 * The public face of the engine. Its methods call the commands and the turn, and hold no rule: each is safe at any time, from any
 * process, any number of times.
 */
import type { Actor, Run, RunPreview } from "@millrace/contracts";
import { MillraceError } from "@millrace/kernel";
import type { OrchestrationPorts } from "../platform/ports.js";
import { answer } from "./commands/answer.js";
import { bringDown, type BringDownRequest } from "./commands/bring-down.js";
import { cancel, type BlockStopRequest } from "./commands/cancel.js";
import type { AnswerRequest } from "./commands/human-reply.js";
import { merge, type MergeRequest } from "./commands/merge.js";
import { nudge } from "./commands/nudge.js";
import { preview, type PreviewRequest } from "./commands/preview.js";
import { restart, type RestartRequest } from "./commands/restart.js";
import { resume, resumePaused, type ResumedRuns, type ResumeRequest } from "./commands/resume.js";
import { retry } from "./commands/retry.js";
import { start, type StartRequest } from "./commands/start.js";
import { stop, type StopRequest } from "./commands/stop.js";
import type { TakeUpRequest } from "./commands/take-up.js";
import { teardown } from "./commands/teardown.js";
import type { CallEffects } from "./model/call-effect.js";
import type { Registries } from "./model/evolve.logic.js";
import type { TurnResult } from "./turn/commit.js";
import { endUnreadable } from "./turn/end-unreadable.js";
import { createEngine, type Engine, type EngineSettings } from "./turn/engine.js";
import { loadRun, RunSession, type RunAddress } from "./turn/run-session.js";
import { boundedTurn } from "./turn/bounded-turn.js";

/** Result of `drive`. */
export interface DriveResult {
  /** Something was committed after which the run went on. */
  readonly moved: boolean;
}

/** The commands on runs, each a retry-safe unit: load, decide, commit. Effects happen in `advance` and `drive` only. */
export class ExecutionService {
  readonly #engine: Engine;

  constructor(ports: OrchestrationPorts, registries: Registries, effects: CallEffects, settings: EngineSettings) {
    this.#engine = createEngine(ports, registries, effects, settings);
  }

  /**
   * Reads a run.
   * @throws MillraceError `not_found`, `stored_shape_newer`, `stored_shape_invalid`.
   */
  get(address: RunAddress): Promise<Run> {
    return loadRun(this.#engine, address);
  }

  /**
   * Starts a pipeline on a block.
   * @throws MillraceError `not_found`, `pipeline_invalid`, `run_in_progress`, `conflict`, `validation`, `task_limit`,
   *   `model_unusable`, `credential_required`.
   */
  start(request: StartRequest): Promise<Run> {
    return start(this.#engine, request);
  }

  /**
   * What a start would need, and everything that would refuse it now. Nothing is written.
   * @throws MillraceError `not_found`, `pipeline_invalid`.
   */
  preview(request: PreviewRequest): Promise<RunPreview> {
    return preview(this.#engine, request);
  }

  /**
   * Takes a failed run up again at its first unfinished step, as a new run.
   * @throws MillraceError `conflict` unless it failed, and as `start`.
   */
  retry(request: TakeUpRequest): Promise<Run> {
    return retry(this.#engine, request);
  }

  /**
   * Runs a run's pipeline again from a step (0-based), as a new run. What could refuse that is asked first; then a live run is
   * stopped.
   * @throws MillraceError `validation` for an index out of range, and as `start`.
   */
  restart(request: RestartRequest): Promise<Run> {
    return restart(this.#engine, request);
  }

  /**
   * Merges a finished task that no pipeline merged, on a person's word: a run of `pl_merge`, which checks the gates once more and
   * asks for an approval of exactly what would land.
   * @throws MillraceError `not_found`; `conflict` unless the task waits for its merge; `forbidden_actor`, `unauthenticated`,
   *   `invalid_credentials`; and as `start`.
   */
  merge(request: MergeRequest): Promise<Run> {
    return merge(this.#engine, request);
  }

  /**
   * Answers an open wait.
   * @throws MillraceError `not_found`, `wait_closed`, `wait_mismatch`, `digest_mismatch`, `forbidden_actor`, `unauthenticated`,
   *   `invalid_credentials`, `run_not_live`, `validation`.
   */
  answer(request: AnswerRequest): Promise<Run> {
    return answer(this.#engine, request);
  }

  /**
   * Asks a run to stop. It is `stopping` until the exit of what it had in flight was observed (promise P9); `failed` can be
   * retried, `cancelled` gives the block back to the plan.
   * @throws MillraceError `not_found`, `run_not_live`.
   */
  stop(request: StopRequest): Promise<Run> {
    return stop(this.#engine, request);
  }

  /**
   * Takes a paused run up again now: the budget was raised, the quota bought. It pauses again when nothing changed.
   * @throws MillraceError `not_found`, `conflict` unless it is paused, `model_unusable`.
   */
  resume(request: ResumeRequest): Promise<Run> {
    return resume(this.#engine, request);
  }

  /**
   * Takes up every paused run of a workspace; those a budget still stops pause again, those whose model cannot be used any more
   * stay as they are, with the reason.
   */
  resumePaused(request: { readonly workspaceId: string; readonly actor: Actor }): Promise<ResumedRuns> {
    return resumePaused(this.#engine, request);
  }

  /**
   * Gives a block back to the plan: a live run is stopped and seen to end, what its last run asked people for is dismissed. What
   * was merged stays merged.
   * @throws MillraceError `not_found`, `conflict` when its run does not stop.
   */
  cancel(request: BlockStopRequest): Promise<void> {
    return cancel(this.#engine, request);
  }

  /**
   * Brings down every live run of a block and of everything in it, and sees each end. Returns their ids.
   * @throws MillraceError `not_found`, `conflict` when a run does not stop.
   */
  teardown(request: BlockStopRequest): Promise<readonly string[]> {
    return teardown(this.#engine, request);
  }

  /**
   * Ends a run that cannot be read, by a write that decodes nothing of it.
   * @throws MillraceError `conflict` when it can be read, `stale_revision` when it moved meanwhile.
   */
  async endUnreadable(address: RunAddress): Promise<void> {
    const cause = await loadRun(this.#engine, address).then(
      () => null,
      (error: unknown) => error,
    );
    if (cause === null) throw new MillraceError("conflict", `run '${address.runId}' can be read`, { fix: "stop it: millrace stop" });
    await endUnreadable(this.#engine, address, cause);
  }

  /**
   * Stops a live run and sees it end. One that cannot be read is ended as failed.
   * @throws MillraceError `not_found`, `conflict` when it does not stop.
   */
  bringDown(request: BringDownRequest, reason: string): Promise<void> {
    return bringDown(this.#engine, request, reason);
  }

  /** One turn of a run. */
  advance(address: RunAddress): Promise<TurnResult> {
    return boundedTurn(this.#engine, new RunSession(this.#engine, address, { isDriver: true }));
  }

  /**
   * Advances a run until it rests or `shouldContinue()` is false. Each turn starts from the state that the commit before it
   * returned, which saves a round trip.
   */
  async drive(address: RunAddress, shouldContinue: () => boolean): Promise<DriveResult> {
    const session = new RunSession(this.#engine, address, { isDriver: true, prefetchNext: true });
    let moved = false;
    while (shouldContinue()) {
      if ((await boundedTurn(this.#engine, session)).is !== "continue") break;
      moved = true;
    }
    return { moved };
  }

  /** Interrupts a call that is in flight here if the run was stopped elsewhere. Drivers call it when they renew a lease. */
  async interruptIfStopping({ workspaceId, runId }: RunAddress): Promise<void> {
    const { inFlight, ports } = this.#engine;
    if (!inFlight.has(runId)) return;
    const record = await ports.store.runs.get(workspaceId, runId);
    if (record === null || record.status === "stopping") inFlight.abort(runId);
  }

  /**
   * Something happened outside: a job or a check has ended, a pull request was merged. A run that works looks now instead of at its next
   * poll; one that rests looks whether its pull request was merged, at most once a minute. False when there is nothing to look at.
   */
  nudge(address: RunAddress): Promise<boolean> {
    return nudge(this.#engine, address);
  }
}
