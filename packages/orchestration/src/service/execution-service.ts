/**
 * The script around the decider: load, ask what is due, perform it, decide, commit.
 *
 * Owns: the order of those five, and the retry on a stale revision. Does not own: any rule (decide), any
 * state (the store), any timer (the driver).
 * 1. One commit per transition; it carries everything the transition means.
 * 2. A stale revision discards the decision, never the effect: the same command is decided again on the
 *    newer run, where its key may no longer be wanted.
 * 3. A person's command that returned is committed; no driver can undo it (I1).
 */
import { digestJson, isMillraceError, MillraceError, notFound, type Change } from "@millrace/kernel";
import type { Actor, HumanAnswer, Run, StepDefinition } from "@millrace/contracts";
import type { Command } from "../engine/command.js";
import { consequences, openWait } from "../engine/consequences.logic.js";
import { decide } from "../engine/decide.logic.js";
import { due, isLive } from "../engine/due.logic.js";
import { freshStep, type Registries } from "../engine/evolve.logic.js";
import type { Facts, Patience } from "../engine/facts.js";
import { CURRENT_FLAGS } from "../engine/flags.js";
import { fromRecord, toRecord } from "../engine/stored-run.js";
import { runnableSteps } from "../pipelines/shape.logic.js";
import { restartIndex, retryIndex, stepsFrom } from "../policy/retry-plan.logic.js";
import { loadFacts } from "./load-facts.js";
import { outputRef, Performer } from "./perform.js";
import type { OrchestrationPorts } from "./ports.js";

/** How often one command is decided again because somebody else moved the run. */
const MAX_STALE = 20;
/** How many advances a restart may take to bring down the run it replaces. */
const MAX_STOP_ADVANCES = 50;

export interface RunAddress {
  readonly workspaceId: string;
  readonly runId: string;
}

export interface StartRequest {
  readonly workspaceId: string;
  readonly blockId: string;
  readonly pipelineId: string;
  readonly actor: Actor;
}

/** A person's answer, with texts as texts; the service keeps them and hands references to the decider. */
export type HumanReply =
  | Exclude<HumanAnswer, { answer: "approve" } | { answer: "request-changes" }>
  | { readonly answer: "approve"; readonly edited?: string }
  | {
      readonly answer: "request-changes";
      readonly feedback: string;
      readonly comments?: readonly { readonly quotedSource?: string; readonly body: string }[];
    };

export interface AnswerRequest extends RunAddress {
  readonly wait: string;
  /** Digest of what the person saw, as the wait shows it. */
  readonly shown: string;
  readonly actor: Actor;
  readonly reply: HumanReply;
}

/** What an advance left behind: go on now, look again at a time, or nothing (a person, or finished). */
export type Advanced =
  | { readonly is: "continue" }
  | { readonly is: "sleeping"; readonly until: number }
  | { readonly is: "resting"; readonly on: "human" | "finished" };

type LoadedFacts = Awaited<ReturnType<typeof loadFacts>>;

export class ExecutionService {
  readonly #ports: OrchestrationPorts;
  readonly #registries: Registries;
  readonly #patience: Patience;
  readonly #performer: Performer;
  /** Calls in flight in this process, so that a stop can interrupt them at once. */
  readonly #inFlight = new Map<string, AbortController>();

  constructor(ports: OrchestrationPorts, registries: Registries, patience: Patience) {
    this.#ports = ports;
    this.#registries = registries;
    this.#patience = patience;
    this.#performer = new Performer(ports);
  }

  /** Reads a run. @throws MillraceError `not_found`, `stored_shape_*`. */
  async get({ workspaceId, runId }: RunAddress): Promise<Run> {
    const record = await this.#ports.store.runs.get(workspaceId, runId);
    if (record === null) throw notFound("run", runId, "list runs with: millrace runs");
    return fromRecord(record);
  }

  /** Starts a pipeline on a block. @throws MillraceError `not_found`, `pipeline_invalid`, `run_in_progress`, `conflict`, `validation`. */
  async start(request: StartRequest): Promise<Run> {
    const pipeline = await this.#ports.store.pipelines.get(request.workspaceId, request.pipelineId);
    if (pipeline === null) throw notFound("pipeline", request.pipelineId, "list pipelines with: millrace pipelines");
    const facts = await this.#facts(request.workspaceId, request.blockId);
    const definitions = runnableSteps(pipeline, this.#registries.kinds);
    const digest = await digestJson(definitions.map((definition) => ({ ...definition })));
    return this.#begin(request, facts, {
      pipeline: { id: pipeline.id, name: pipeline.name, digest },
      steps: definitions.map((definition) => freshStep(definition, this.#registries)),
      cursor: 0,
      supersedes: null,
      pullRequest: null,
    });
  }

  /** Takes a failed run up again at its first unfinished step, as a new run. @throws MillraceError `conflict` unless it failed. */
  async retry(request: RunAddress & { readonly actor: Actor }): Promise<Run> {
    const old = await this.get(request);
    return this.#takeUp(old, retryIndex(old), request.actor);
  }

  /** Runs a run's pipeline again from a step (0-based), as a new run; a live one is stopped first. @throws MillraceError `validation` for an index out of range. */
  async restart(request: RunAddress & { readonly step: number; readonly actor: Actor }): Promise<Run> {
    const index = restartIndex(await this.get(request), request.step);
    const old = await this.#bringDown(request, `restarted from step ${index + 1}`);
    return this.#takeUp(old, restartIndex(old, index), request.actor);
  }

  /** Answers an open wait. @throws MillraceError `wait_closed`, `digest_mismatch`, `forbidden_actor`, `run_not_live`, `validation`. */
  async answer(request: AnswerRequest): Promise<Run> {
    const { answer, writes } = await this.#toAnswer(request);
    return this.#command(
      request,
      (at) => ({ command: "answer", at, actor: request.actor, wait: request.wait, shown: request.shown, answer }),
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
      (at) => ({ command: "stop", at, actor: request.actor, as: request.as, reason: request.reason }),
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

  /** One turn of the script. Safe to call at any time, from any process, any number of times. */
  async advance(address: RunAddress): Promise<Advanced> {
    const run = await this.get(address);
    const next = due(run);
    if (next.is === "rest") return this.#settleWakeUp(run, next.on);
    const facts = await this.#facts(run.workspaceId, run.blockId);
    const abort = new AbortController();
    this.#inFlight.set(run.id, abort);
    const { command, writes } = await this.#performer.perform(run, next, facts, abort.signal).finally(() => this.#inFlight.delete(run.id));
    const at = this.#ports.clock.now();
    const after =
      command === null ? await this.#lookAgain(run, facts, at) : await this.#commitCommand(address, () => command, writes, { run, facts });
    if (next.is === "poll" && command?.command === "returned")
      await this.#ports.agents
        .forget({ key: next.job.key, ref: next.job.ref, model: next.job.model })
        .catch((error: unknown) => this.#warn("forget-failed", run, error));
    return after;
  }

  /** Nothing new: the wake-up moves on, guarded by the revision so that it cannot overwrite a stop's. */
  async #lookAgain(run: Run, facts: Facts, at: number): Promise<Advanced> {
    try {
      return await this.#commit({ before: run, after: run, events: [], again: true, at }, facts, []);
    } catch (error) {
      if (isMillraceError(error, "stale_revision")) return { is: "continue" };
      throw error;
    }
  }

  /** A finished or parked run needs no wake-up; one may be left by a driver that died between claim and commit. */
  async #settleWakeUp(run: Run, on: "human" | "finished"): Promise<Advanced> {
    await this.#ports.store
      .commit([
        { change: "update-run", record: toRecord(run, this.#ports.clock.now()), expected: run.revision },
        { change: "unwake", workspaceId: run.workspaceId, runId: run.id },
      ])
      .catch((error: unknown) => {
        if (!isMillraceError(error, "stale_revision")) throw error;
      });
    return { is: "resting", on };
  }

  async #command(address: RunAddress, make: (at: number) => Command, writes: readonly Change[]): Promise<Run> {
    await this.#commitCommand(address, () => make(this.#ports.clock.now()), writes, null);
    return this.get(address);
  }

  async #commitCommand(
    address: RunAddress,
    make: () => Command,
    writes: readonly Change[],
    loaded: { readonly run: Run; readonly facts: LoadedFacts } | null,
  ): Promise<Advanced> {
    let current = loaded;
    for (let tries = 0; tries < MAX_STALE; tries += 1) {
      const run = current?.run ?? (await this.get(address));
      const facts = current?.facts ?? (await this.#facts(run.workspaceId, run.blockId));
      const command = make();
      const decision = decide(run, command, facts, this.#registries);
      if (decision.events.length === 0 && !decision.again) return { is: "continue" };
      try {
        return await this.#commit(
          { before: run, after: decision.run, events: decision.events, again: decision.again, at: command.at },
          facts,
          writes,
        );
      } catch (error) {
        if (!isMillraceError(error, "stale_revision")) throw error;
        current = null;
      }
    }
    throw new MillraceError("stale_revision", `run '${address.runId}' kept moving while it was written`, { fix: "try again" });
  }

  async #commit(transition: Parameters<typeof consequences>[0], facts: Facts, writes: readonly Change[]): Promise<Advanced> {
    const { before, after, events, at } = transition;
    const { workspaceId, id: runId } = after;
    const record = toRecord(after, at);
    const outcome = consequences(transition, facts);
    await this.#ports.store.commit([
      before === null ? { change: "insert-run", record } : { change: "update-run", record, expected: before.revision },
      ...(events.length === 0
        ? []
        : [{ change: "append-run-events" as const, workspaceId, runId, firstSequence: (before?.revision ?? 0) + 1, events }]),
      ...writes,
      ...outcome,
    ]);
    const wake = outcome.find((change) => change.change === "wake");
    if (wake === undefined) return { is: "resting", on: openWait(after) === null ? "finished" : "human" };
    return wake.at <= at ? { is: "continue" } : { is: "sleeping", until: wake.at };
  }

  async #begin(
    request: Omit<StartRequest, "pipelineId">,
    facts: LoadedFacts,
    plan: Pick<Run, "pipeline" | "steps" | "cursor" | "supersedes" | "pullRequest">,
  ): Promise<Run> {
    const { block } = facts;
    if (block.merged !== null)
      throw new MillraceError("conflict", `'${block.title}' is merged already (${block.merged.commit.slice(0, 10)})`, {
        fix: "add a new task for further work",
      });
    requireRepository(
      facts,
      plan.steps.map((step) => step.definition),
      this.#registries,
    );
    const at = this.#ports.clock.now();
    const run: Run = {
      ...plan,
      id: this.#ports.ids.next("run"),
      workspaceId: request.workspaceId,
      blockId: block.id,
      flags: [...CURRENT_FLAGS],
      initiatedBy: request.actor,
      repository: facts.repository,
      merged: null,
      startedAt: at,
      finishedAt: null,
      phase: { is: "live" },
      revision: 1,
    };
    const decision = decide(null, { command: "start", at, actor: request.actor, run }, facts, this.#registries);
    const cards = block.runId === null ? [] : await this.#ports.store.notifications.ofRun(request.workspaceId, block.runId);
    const settled = cards.map(({ id }): Change => ({
      change: "settle-notification",
      workspaceId: request.workspaceId,
      id,
      as: "acted",
      at,
    }));
    await this.#commit({ before: null, after: decision.run, events: decision.events, again: false, at }, facts, settled);
    return decision.run;
  }

  async #takeUp(old: Run, from: number, actor: Actor): Promise<Run> {
    const facts = await this.#facts(old.workspaceId, old.blockId);
    return this.#begin({ workspaceId: old.workspaceId, blockId: old.blockId, actor }, facts, {
      pipeline: old.pipeline,
      steps: stepsFrom(old, from, this.#registries),
      cursor: from,
      supersedes: old.id,
      pullRequest: old.pullRequest,
    });
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

  async #toAnswer({
    wait,
    reply,
    workspaceId,
    runId,
  }: AnswerRequest): Promise<{ readonly answer: HumanAnswer; readonly writes: readonly Change[] }> {
    if (reply.answer === "approve") {
      if (reply.edited === undefined) return { answer: { answer: "approve", edited: null }, writes: [] };
      const key = `${wait}/edited`;
      return {
        answer: { answer: "approve", edited: await outputRef(key, reply.edited) },
        writes: [{ change: "put-output", workspaceId, runId, key, text: reply.edited }],
      };
    }
    if (reply.answer !== "request-changes") return { answer: reply, writes: [] };
    if (reply.feedback.trim() === "" && (reply.comments ?? []).length === 0)
      throw new MillraceError("validation", "a request for changes says what must change", { fix: "give feedback or comments" });
    const run = await this.get({ workspaceId, runId });
    return {
      answer: {
        answer: "request-changes",
        revision: { previous: openWait(run)?.output ?? null, feedback: reply.feedback, comments: [...(reply.comments ?? [])] },
      },
      writes: [],
    };
  }

  #facts(workspaceId: string, blockId: string): Promise<LoadedFacts> {
    return loadFacts(this.#ports.store, workspaceId, blockId, this.#registries.kinds, this.#patience);
  }

  #warn(event: string, run: Run, error: unknown): void {
    this.#ports.log.warn(event, { runId: run.id, error: error instanceof Error ? error.message : "unknown" });
  }
}

function requireRepository(facts: LoadedFacts, definitions: readonly StepDefinition[], registries: Registries): void {
  if (facts.repository !== null) return;
  const needs = definitions.find((definition) => {
    const kind = registries.kinds.get(definition.kind);
    return kind !== null && (kind.contract.delivers !== "nothing" || kind.step === "gate" || kind.step === "merger");
  });
  if (needs !== undefined)
    throw new MillraceError("validation", `'${facts.block.title}' has no repository, and step '${needs.kind}' works on one`, {
      fix: "connect its service to a repository with: millrace init",
    });
}
