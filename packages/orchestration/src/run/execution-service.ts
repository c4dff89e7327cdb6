/**
 * The script around the decider: load, ask what is due, perform it, decide, commit.
 *
 * Owns: the order of those five, and what of that is in flight in this process. Does not own: any rule (decide), any state (the
 * store), any timer (the driver).
 * 1. An effect is performed only if the stored run asks for it.
 * 2. A person's command that returned is committed; no driver can undo it (I1).
 * 3. Every method is safe at any time, from any process, any number of times.
 */
import type { Actor, Run } from "@millrace/contracts";
import { isMillraceError, logFailure, MillraceError, notFound, type Change } from "@millrace/kernel";
import type { CallEffects } from "./model/call-effect.js";
import type { Command } from "./model/command.js";
import { due, isLive, openWait } from "./model/due.logic.js";
import type { Registries } from "./model/evolve.logic.js";
import { restartIndex, retryIndex } from "./rules/retry-plan.logic.js";
import type { Activate } from "./commands/activate.js";
import { toAnswer, type AnswerRequest } from "./commands/human-reply.js";
import { InFlight } from "./turn/in-flight.js";
import { landedBy, recordLateMerge } from "./turn/late-merge.js";
import { guardModels } from "./commands/model-guard.js";
import { ENGINE, Performer } from "./turn/perform.js";
import type { EngineSettings, OrchestrationPorts } from "../platform/ports.js";
import { RunStarter, type StartRequest } from "./commands/run-starter.js";
import { subtree } from "./commands/subtree.js";
import { Transactor, type Advanced, type Loaded, type RunAddress, type Went } from "./turn/transactor.js";

/** How many advances a restart may take to bring down the run it replaces. */
const MAX_STOP_ADVANCES = 50;
/** How often giving a block back is decided anew. */
const MAX_GIVE_BACKS = 5;
const PAGE = 200;
/** Paused runs one call takes up: 20,000. */
const MAX_PAGES = 100;
/** Of the built-in pipelines. */
const MERGE_PIPELINE = "pl_merge";

export interface TakeUpRequest extends RunAddress {
  readonly actor: Actor;
  readonly activate?: Activate;
}

export interface BlockAddress {
  readonly workspaceId: string;
  readonly blockId: string;
}

/** What came of driving a run. */
export interface Driven {
  /** Something was committed after which the run went on. */
  readonly moved: boolean;
}

export class ExecutionService {
  readonly #ports: OrchestrationPorts;
  readonly #registries: Registries;
  readonly #transactor: Transactor;
  readonly #starter: RunStarter;
  readonly #performer: Performer;
  readonly #inFlight = new InFlight();

  constructor(ports: OrchestrationPorts, registries: Registries, effects: CallEffects, settings: EngineSettings) {
    this.#ports = ports;
    this.#registries = registries;
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

  /** Takes a failed run up again at its first unfinished step, as a new run. @throws MillraceError `conflict` unless it failed, and as `start`. */
  async retry(request: TakeUpRequest): Promise<Run> {
    const old = await this.get(request);
    const from = retryIndex(old);
    return this.#starter.takeUp(old, from, request.actor, await this.#starter.prepareTakeUp(old, from, request));
  }

  /**
   * Runs a run's pipeline again from a step (0-based), as a new run. What could refuse that is asked first; then a live run is
   * stopped. @throws MillraceError `validation` for an index out of range, and as `start`.
   */
  async restart(request: TakeUpRequest & { readonly step: number }): Promise<Run> {
    const before = await this.get(request);
    const index = restartIndex(before, request.step);
    const prepared = await this.#starter.prepareTakeUp(before, index, request);
    const old = await this.#bringDown(request, `restarted from step ${index + 1}`);
    return this.#starter.takeUp(old, restartIndex(old, index), request.actor, prepared);
  }

  /**
   * Merges a finished task that no pipeline merged, on a person's word: a run of `pl_merge`, which looks at the gates once more and
   * asks for an approval of exactly what would land. @throws MillraceError `conflict` unless the task waits for its merge.
   */
  async merge(request: BlockAddress & { readonly actor: Actor; readonly activate?: Activate }): Promise<Run> {
    const block = await this.#ports.store.blocks.get(request.workspaceId, request.blockId);
    if (block === null) throw notFound("block", request.blockId);
    if (block.status !== "pr_ready" || block.pullRequest === null)
      throw new MillraceError("conflict", `'${block.title}' is ${block.status}: there is no finished change to merge`, {
        fix: "run its pipeline to its end first",
      });
    return this.#starter.start({ ...request, pipelineId: MERGE_PIPELINE }, block.pullRequest);
  }

  /** Answers an open wait. @throws MillraceError `wait_closed`, `digest_mismatch`, `forbidden_actor`, `run_not_live`, `validation`. */
  async answer(request: AnswerRequest): Promise<Run> {
    const { answer, writes } = await toAnswer(this.#ports, request, openWait(await this.get(request))?.output ?? null);
    return this.#command(
      request,
      { command: "answer", at: this.#ports.clock.now(), actor: request.actor, wait: request.wait, subject: request.subject, answer },
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
    this.#inFlight.abort(request.runId);
    return run;
  }

  /** Interrupts a call in flight here if the run was stopped elsewhere. Drivers call it when they renew a lease. */
  async interruptIfStopping({ workspaceId, runId }: RunAddress): Promise<void> {
    if (!this.#inFlight.has(runId)) return;
    const record = await this.#ports.store.runs.get(workspaceId, runId);
    if (record === null || record.status === "stopping") this.#inFlight.abort(runId);
  }

  /** A job or a check has settled: look now instead of at the next poll. False when the run waits for nothing. */
  nudge({ workspaceId, runId }: RunAddress): Promise<boolean> {
    return this.#ports.wakeups.nudge(workspaceId, runId, this.#ports.clock.now());
  }

  /** One turn of the script. */
  async advance(address: RunAddress): Promise<Advanced> {
    return (await this.#turn(address, { seen: null, looksOn: false })).advanced;
  }

  /** Turns of the script, for as long as there is one and `goesOn`. Each looks at the world anew, in the trip of the commit before it. */
  async drive(address: RunAddress, goesOn: () => boolean): Promise<Driven> {
    let [moved, seen]: [boolean, Loaded | null] = [false, null];
    while (goesOn()) {
      const went = await this.#turn(address, { seen, looksOn: true });
      if (went.advanced.is !== "continue") break;
      [moved, seen] = [true, went.seen];
    }
    return { moved };
  }

  async #turn(address: RunAddress, { seen, looksOn }: { readonly seen: Loaded | null; readonly looksOn: boolean }): Promise<Went> {
    const { run, input } = seen ?? (await this.#transactor.look(address));
    const next = due(run);
    if (next.is === "rest") return unseen(await this.#transactor.rest(run, next.on, this.#ports.clock.now()));
    if (next.is === "held") return unseen(await this.#held({ run, input }, next.until));
    using call = this.#inFlight.begin(run.id, next);
    const { command, writes } = await this.#performer.perform(run, next, input, call.signal);
    // A merge that has not landed, and is under way here: the stop waits for its outcome, which whoever asked for it records.
    const isTooEarly = command?.command === "stopped" && next.is === "stop" && next.merge !== null && (command.merged ?? null) === null;
    if (command === null || (isTooEarly && this.#inFlight.isMerging(run.id)))
      return unseen(await this.#transactor.lookAgain({ run, input }, this.#ports.clock.now()));
    const went = await this.#transactor.execute(address, command, writes, { loaded: { run, input }, looksOn });
    const merged = landedBy(run, command);
    if (merged !== null) await recordLateMerge({ store: this.#ports.store, transactor: this.#transactor }, address, merged);
    if (next.is === "poll" && command.command === "returned") await this.#forget(run, next.job);
    return went;
  }

  /**
   * Takes a paused run up again now: the budget was raised, the quota bought. It pauses again when nothing changed.
   * @throws MillraceError `conflict` unless it is paused, `model_unusable`.
   */
  async resume(request: RunAddress & { readonly actor: Actor }): Promise<Run> {
    const run = await this.get(request);
    const input = await this.#transactor.input(run.workspaceId, run.blockId);
    await guardModels(this.#ports, this.#registries, { run, input, actor: run.initiatedBy });
    return this.#command(request, { command: "release", at: this.#ports.clock.now(), actor: request.actor }, []);
  }

  /**
   * Takes up every paused run of a workspace; those a budget still stops pause again, those whose model cannot be used any more stay
   * as they are. Returns the ids of the runs taken up.
   */
  async resumePaused(request: { readonly workspaceId: string; readonly actor: Actor }): Promise<readonly string[]> {
    const { workspaceId, actor } = request;
    const resumed: string[] = [];
    let after: string | undefined;
    for (let page = 0; page < MAX_PAGES; page += 1) {
      const runs = await this.#ports.store.runs.list(workspaceId, { paused: true }, { limit: PAGE, after });
      for (const { id: runId } of runs) {
        if (await this.#resumed({ workspaceId, runId, actor })) resumed.push(runId);
      }
      after = runs.at(-1)?.id;
      if (runs.length < PAGE) break;
    }
    return resumed;
  }

  /** False when it went on meanwhile, or may not go on. */
  async #resumed(request: RunAddress & { readonly actor: Actor }): Promise<boolean> {
    try {
      await this.resume(request);
      return true;
    } catch (error) {
      if (isMillraceError(error, "conflict") || isMillraceError(error, "model_unusable")) return false;
      throw error;
    }
  }

  /**
   * Gives a block back to the plan: a live run is stopped and seen to end, what its last run asked people for is dismissed. What was
   * merged stays merged. @throws MillraceError `not_found`.
   */
  async cancel(request: BlockAddress & { readonly actor: Actor; readonly reason: string }): Promise<void> {
    for (let tries = 1; ; tries += 1) {
      try {
        return await this.#giveBack(request);
      } catch (error) {
        // Somebody merged it or took it up in the moment between the look and the write.
        if (tries >= MAX_GIVE_BACKS || !isMillraceError(error, "stale_revision")) throw error;
      }
    }
  }

  async #giveBack(request: BlockAddress & { readonly actor: Actor; readonly reason: string }): Promise<void> {
    const { workspaceId, blockId, actor, reason } = request;
    const live = await this.#ports.store.runs.liveOfBlock(workspaceId, blockId);
    if (live !== null) await this.#bringDown({ workspaceId, runId: live.id, actor }, reason);
    const block = await this.#ports.store.blocks.get(workspaceId, blockId);
    if (block === null) throw notFound("block", blockId);
    if (block.merged !== null || block.runId === null) return;
    const at = this.#ports.clock.now();
    const notifications = await this.#ports.store.notifications.ofRun(workspaceId, block.runId);
    await this.#ports.store.commit([
      { change: "release-block", workspaceId, id: blockId, runId: block.runId },
      ...notifications.map(({ id }): Change => ({ change: "resolve-notification", workspaceId, id, as: "dismissed", at })),
    ]);
  }

  /** Brings down every live run of a block and of everything in it, and sees each end. Returns their ids. @throws MillraceError `not_found`. */
  async teardown(request: BlockAddress & { readonly actor: Actor; readonly reason: string }): Promise<readonly string[]> {
    const { workspaceId, actor, reason } = request;
    if ((await this.#ports.store.blocks.get(workspaceId, request.blockId)) === null) throw notFound("block", request.blockId);
    const ended: string[] = [];
    for await (const blockId of subtree(this.#ports.store, request)) {
      const live = await this.#ports.store.runs.liveOfBlock(workspaceId, blockId);
      if (live === null) continue;
      await this.#bringDown({ workspaceId, runId: live.id, actor }, reason);
      ended.push(live.id);
    }
    return ended;
  }

  async #held({ run, input }: Loaded, until: number | null): Promise<Advanced> {
    const at = this.#ports.clock.now();
    if (until === null) return this.#transactor.rest(run, "human", at);
    if (at < until) return this.#transactor.lookAgain({ run, input }, at);
    const address = { workspaceId: run.workspaceId, runId: run.id };
    const release: Command = { command: "release", at, actor: ENGINE };
    return (await this.#transactor.execute(address, release, [], { loaded: { run, input } })).advanced;
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
      if (isLive(run) && this.#inFlight.isMerging(run.id))
        throw new MillraceError("conflict", `the merge of run '${run.id}' is under way: its stop waits for the outcome`, {
          fix: "look again in a moment, with: millrace show",
        });
    }
    if (isLive(run)) throw new MillraceError("conflict", `run '${run.id}' did not stop`, { fix: "look at its job with: millrace logs" });
    return run;
  }

  /** Best effort: a job whose result is committed may drop its working files; what stays is found and dropped later. */
  async #forget(run: Run, job: { readonly key: string; readonly ref: string; readonly model: string | null }): Promise<void> {
    await this.#ports.agents
      .forget({ key: job.key, ref: job.ref, model: job.model })
      .catch((error: unknown) => logFailure(this.#ports.log, "forget-failed", error, { runId: run.id }));
  }
}

function unseen(advanced: Advanced): Went {
  return { advanced, seen: null };
}
