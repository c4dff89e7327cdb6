/** Users who answer in time and too late, stop, retry, restart, and sometimes forge answers. */
import type { Actor, ErrorCode, HumanReply, HumanWait, Pipeline, Run } from "@millrace/contracts";
import { isMillraceError } from "@millrace/kernel";
import { acceptedAnswers, heldEffect, isLive, openWait, type Orchestration } from "@millrace/orchestration";
import { testUser } from "@millrace/testing";
import type { Task } from "./board.js";
import type { Coverage } from "./coverage.logic.js";
import type { Outages } from "./disturbances/outages.js";
import type { Environment } from "./environment.js";
import type { Random } from "./random.logic.js";
import { isMerging } from "./invariants.logic.js";
import { raised } from "./settings.logic.js";
import type { Watcher } from "./watcher.js";

/** `start over` is an action only while a merge is under way, and then a likely one. */
const ACTION_ODDS = {
  start: 4,
  answer: 12,
  forge: 2,
  stop: 0.7,
  retry: 4,
  restart: 0.7,
  nudge: 2,
  resume: 1,
  "resume all": 0.5,
  raise: 0.4,
  edit: 1,
  merge: 0.7,
  cancel: 0.3,
  "start over": 30,
} as const;
export type UserAction = keyof typeof ACTION_ODDS;

/** Error codes with which a user's command may be refused; any other error is a defect. */
const REFUSALS: ReadonlySet<string> = new Set<ErrorCode>([
  "not_found",
  "validation",
  "model_unusable",
  // A service that the steps need is off.
  "pipeline_invalid",
  "conflict",
  "stale_revision",
  "run_in_progress",
  "run_not_live",
  "wait_closed",
  "wait_mismatch",
  "digest_mismatch",
  "forbidden_actor",
  "task_limit",
  "review_frozen",
  "unavailable",
]);

export interface UsersOptions {
  readonly random: Random;
  readonly watcher: Watcher;
  readonly environment: Environment;
  readonly workspaceId: string;
  readonly tasks: readonly Task[];
  readonly pipelines: readonly Pipeline[];
  readonly coverage: Coverage;
  readonly outages: Outages;
  readonly trace: (line: string) => void;
}

export class Users {
  readonly #options: UsersOptions;

  constructor(options: UsersOptions) {
    this.#options = options;
  }

  choose(): UserAction {
    const { random, watcher } = this.#options;
    if (watcher.runs.length === 0) return "start";
    return random.weighted<UserAction>({ ...ACTION_ODDS, "start over": watcher.runs.some(isMerging) ? ACTION_ODDS["start over"] : 0 });
  }

  /** A random user performs an action at one process. Never throws. */
  async act(action: UserAction, engine: Orchestration): Promise<void> {
    const actor: Actor = { type: "human", id: this.#options.random.pick(["ada", "grace", "alan"]) };
    await this.tried(action, () => this.#do(action, engine, actor));
  }

  /** A person starts a task with its pipeline. Never throws. */
  async begin(engine: Orchestration, blockId: string): Promise<void> {
    const { workspaceId, tasks } = this.#options;
    const pipelineId = tasks.find(({ block }) => block.id === blockId)?.pipeline.id ?? "";
    await this.tried("start", () =>
      this.#takenUp(engine.execution.start({ workspaceId, blockId, pipelineId, actor: { type: "human", id: "ada" } })),
    );
  }

  /** A person answers the wait that a run is at. Never throws. */
  async answerFor(engine: Orchestration, runId: string, actor: Actor): Promise<void> {
    await this.tried("answer", () => this.#answer(engine, runId, actor));
  }

  /** Resumes a paused run, after raising its budget. Never throws. */
  async release(engine: Orchestration, runId: string): Promise<void> {
    await this.tried("release", async () => {
      if (heldEffect(await engine.execution.get(this.#at(runId))) === null) return;
      await this.#raise(engine, { type: "human", id: "ada" });
      await this.#resume(engine, runId, { type: "human", id: "ada" });
    });
  }

  /** Answers a wait so that the run continues, as many users as it needs. Never throws. */
  async agree(engine: Orchestration, runId: string): Promise<void> {
    await this.tried("agree", async () => {
      const run = await engine.execution.get(this.#at(runId));
      const wait = openWait(run);
      if (wait === null) return;
      if (wait.on === "review") await this.#answerFindings(engine, runId, { id: "ada", type: "human" }, 1);
      const reply = yes(wait, acceptedAnswers(run, engine.stepKinds));
      for (const id of ["ada", "grace", "alan"].slice(0, wait.approvers - wait.approvedBy.length)) {
        const actor: Actor = { type: "human", id: `${id} the ${wait.approvedBy.length}.` };
        await engine.execution.answer({ ...this.#at(runId), wait: wait.id, subject: wait.subject, actor, reply });
      }
    });
  }

  /** Inspects a task: a live run is nudged, a task without one goes back to the plan unless its change has landed. Never throws. */
  async inspect(engine: Orchestration, blockId: string): Promise<void> {
    await this.tried("inspect", async () => {
      const live = this.#options.watcher.runs.find((run) => run.blockId === blockId && isLive(run));
      if (live === undefined) await this.#cancel(engine, blockId, { type: "human", id: "ada" });
      else await engine.execution.nudge(this.#at(live.id));
    });
  }

  async #do(action: UserAction, engine: Orchestration, actor: Actor): Promise<void> {
    if (action === "start") return this.#start(engine, actor);
    const { id, steps, blockId } = this.#options.random.pick(this.#options.watcher.runs);
    switch (action) {
      case "answer":
        return this.#answer(engine, id, actor);
      case "forge":
        return this.#forge(engine, id, actor);
      case "stop":
        return this.#stop(engine, id, actor);
      case "retry":
        return this.#retry(engine, id, actor);
      case "restart":
        return this.#takenUp(engine.execution.restart({ ...this.#at(id), step: this.#options.random.below(steps.length), actor }));
      case "nudge":
        this.#options.environment.witness.disturbed += 1;
        await engine.execution.nudge(this.#at(id));
        return;
      case "resume":
        return this.#resume(engine, id, actor);
      case "resume all": {
        const { resumed } = await engine.execution.resumePaused({ workspaceId: this.#options.workspaceId, actor });
        for (const _ of resumed) this.#options.coverage.count("pause ended by a person");
        return;
      }
      case "raise":
        return this.#raise(engine, actor);
      case "edit":
        return this.#edit(engine);
      case "merge":
        return this.#merge(engine, this.#finished() ?? blockId, actor);
      case "cancel":
        await this.#cancel(engine, blockId, actor);
        this.#options.coverage.count("block given back");
        return;
      case "start over":
        return this.#startOver(engine, actor);
    }
  }

  async #start(engine: Orchestration, actor: Actor): Promise<void> {
    const { block, pipeline } = this.#options.random.pick(this.#options.tasks);
    const { workspaceId, watcher, environment, outages } = this.#options;
    const unanswered = outages.unanswered;
    const ofTask = watcher.runs.filter((run) => run.blockId === block.id);
    const isLanded = environment.landedOf(block.id).length > 0 && !ofTask.some(isLive);
    await this.#takenUp(engine.execution.start({ workspaceId, blockId: block.id, pipelineId: pipeline.id, actor }));
    if (isLanded && outages.unanswered === unanswered)
      watcher.violations.push({ rule: "I3", message: `a run began on '${block.id}', whose change has landed` });
  }

  /** The steps behind a merge can be taken up again, whatever failed there (F:A8). */
  async #retry(engine: Orchestration, runId: string, actor: Actor): Promise<void> {
    const { watcher, environment } = this.#options;
    const run = watcher.runs.find(({ id }) => id === runId);
    const merge = run?.merged == null ? -1 : mergeIndexOf(run, engine);
    const isBehindMerge = merge >= 0 && run?.phase.is === "failed" && run.phase.failure.step > merge;
    try {
      await this.#takenUp(engine.execution.retry({ ...this.#at(runId), actor }));
    } catch (error) {
      if (run !== undefined && isBehindMerge && isMillraceError(error, "conflict") && environment.landedOf(run.blockId).length > 0)
        watcher.violations.push({ rule: "I14", message: `run '${runId}' failed behind its merge, and is not taken up again` });
      throw error;
    }
  }

  /** A person takes a task back while its merge is under way, and starts it again at once. */
  async #startOver(engine: Orchestration, actor: Actor): Promise<void> {
    const { watcher, tasks, workspaceId } = this.#options;
    const merging = watcher.runs.find(isMerging);
    const task = tasks.find(({ block }) => block.id === merging?.blockId);
    if (task === undefined) return;
    const blockId = task.block.id;
    await this.#cancel(engine, blockId, actor);
    await this.#takenUp(engine.execution.start({ workspaceId, blockId, pipelineId: task.pipeline.id, actor }));
    this.#options.coverage.count("task started over during its merge");
  }

  async #cancel(engine: Orchestration, blockId: string, actor: Actor): Promise<void> {
    const { workspaceId, watcher, environment, outages } = this.#options;
    const unanswered = outages.unanswered;
    const isLanded = environment.landedOf(blockId).length > 0;
    await engine.execution.cancel({ workspaceId, blockId, actor, reason: "not now" });
    // What a forge does not answer is learnt at the next look.
    if (isLanded && outages.unanswered === unanswered) await watcher.givenBack(blockId);
  }

  async #takenUp(begun: Promise<Run>): Promise<void> {
    this.#options.watcher.started((await begun).id);
  }

  async #stop(engine: Orchestration, runId: string, actor: Actor): Promise<void> {
    const as = this.#options.random.pick(["failed", "cancelled"] as const);
    await engine.execution.stop({ ...this.#at(runId), as, reason: "changed my mind", actor });
    await this.#options.watcher.stopped(runId);
  }

  async #resume(engine: Orchestration, runId: string, actor: Actor): Promise<void> {
    await engine.execution.resume({ ...this.#at(runId), actor });
    this.#options.coverage.count("pause ended by a person");
  }

  async #raise(engine: Orchestration, actor: Actor): Promise<void> {
    const { workspaceId, coverage, watcher } = this.#options;
    await engine.settings.put({ workspaceId, input: raised(watcher.settings), actor });
    coverage.count("budget raised");
  }

  /** Replaces the steps of a pipeline by those of another; live runs keep theirs. */
  async #edit(engine: Orchestration): Promise<void> {
    const { random, tasks, pipelines, workspaceId, watcher, coverage } = this.#options;
    const { pipeline } = random.pick(tasks);
    await engine.pipelines.put({ workspaceId, input: { ...random.pick(pipelines), id: pipeline.id }, actor: testUser });
    if (watcher.runs.some((run) => isLive(run) && run.pipeline.id === pipeline.id)) coverage.count("pipeline changed under a live run");
  }

  /** Id of a task that is finished and not merged; null when there is none. */
  #finished(): string | null {
    const finished = this.#options.watcher.runs.filter(
      ({ phase, merged, pullRequest }) => phase.is === "done" && merged === null && pullRequest !== null,
    );
    return finished.length === 0 ? null : this.#options.random.pick(finished).blockId;
  }

  async #merge(engine: Orchestration, blockId: string, actor: Actor): Promise<void> {
    await this.#takenUp(engine.execution.merge({ workspaceId: this.#options.workspaceId, blockId, actor }));
    this.#options.coverage.count("merge on demand");
  }

  async #answer(engine: Orchestration, runId: string, actor: Actor): Promise<void> {
    const run = await engine.execution.get(this.#at(runId));
    const wait = openWait(run);
    if (wait === null) return;
    if (wait.on === "review") await this.#answerFindings(engine, runId, actor, 0.9);
    const reply = this.#reply(wait, acceptedAnswers(run, engine.stepKinds));
    await engine.execution.answer({ ...this.#at(runId), wait: wait.id, subject: wait.subject, actor, reply });
    const last = wait.approvers <= wait.approvedBy.length + 1 || reply.answer !== "approve";
    if (last) await this.#options.watcher.answered(runId, wait.id);
  }

  /** Answers a share of the findings; the engine must notice open findings and frozen reviews. */
  async #answerFindings(engine: Orchestration, runId: string, actor: Actor, share: number): Promise<void> {
    const { random, workspaceId } = this.#options;
    const found = await engine.reviews.ofRun(this.#at(runId));
    if (found === null) return;
    for (const { id: itemId } of found.items) {
      if (!random.chance(share)) continue;
      const answer = random.chance(0.7) ? ({ do: "reply", text: "because" } as const) : ({ do: "dismiss" } as const);
      await engine.reviews.answer({ workspaceId, reviewId: found.review.id, itemId, actor, answer });
    }
  }

  /** Gives an answer that must be refused: by an agent, or for another subject. */
  async #forge(engine: Orchestration, runId: string, actor: Actor): Promise<void> {
    const run = await engine.execution.get(this.#at(runId));
    const wait = openWait(run);
    if (wait === null || !isLive(run)) return;
    const isAgent = this.#options.random.chance(0.5);
    await engine.execution.answer({
      ...this.#at(runId),
      wait: wait.id,
      subject: isAgent ? wait.subject : `not ${wait.subject}`.slice(0, 64),
      actor: isAgent ? { type: "agent", id: "coder" } : actor,
      reply: this.#reply(wait, acceptedAnswers(run, engine.stepKinds)),
    });
    this.#options.watcher.violations.push({ rule: "P5", message: `a forged answer to '${wait.id}' was accepted` });
  }

  #reply(wait: HumanWait, accepted: AcceptedAnswers): HumanReply {
    const { random } = this.#options;
    const answer = random.chance(0.6) ? yes(wait, accepted).answer : random.pick(accepted);
    switch (answer) {
      case "choose":
        return { answer, option: random.pick([...wait.options, "this"]) };
      case "approve":
        return random.chance(0.1) ? { answer, edited: "better words" } : { answer };
      case "request-changes":
        return { answer, feedback: "do it better" };
      case "reject":
        return { answer, reason: "no" };
      case "incorporate":
        return { answer, feedback: random.chance(0.3) ? "be brief" : "" };
      case "extra-round":
      case "proceed":
        return { answer };
    }
  }

  #at(runId: string): { readonly workspaceId: string; readonly runId: string } {
    return { workspaceId: this.#options.workspaceId, runId };
  }

  /** A command of a person: a refusal is traced, anything else that is thrown is a defect. */
  async tried(what: string, act: () => Promise<unknown>): Promise<void> {
    try {
      await act();
      this.#options.trace(`  person: ${what} was done`);
    } catch (error) {
      const code = isMillraceError(error) ? error.code : "internal";
      this.#options.trace(`  person: ${what} was refused (${code})`);
      if (code === "task_limit") this.#options.coverage.count("start refused by the task limit");
      if (!REFUSALS.has(code)) this.#options.watcher.thrown(`a person's ${what}`, error);
    }
  }
}

type AcceptedAnswers = ReturnType<typeof acceptedAnswers>;

/** The answer that lets a run continue: the first of these that the wait accepts. */
export function yes(wait: HumanWait, accepted: AcceptedAnswers): HumanReply {
  if (accepted.includes("choose")) return { answer: "choose", option: wait.options[0] ?? "this" };
  if (accepted.includes("approve")) return { answer: "approve" };
  return accepted.includes("incorporate") ? { answer: "incorporate", feedback: "" } : { answer: "proceed" };
}

function mergeIndexOf(run: Run, engine: Orchestration): number {
  return run.steps.findLastIndex(({ definition }) => engine.kinds.get(definition.kind)?.step === "merger");
}
