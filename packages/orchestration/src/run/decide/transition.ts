/**
 * One transition being written: a run, the events so far, and the run they lead to. It turns the moves
 * of step kinds into events; there is no other finish, park, reset or advance of the cursor.
 * Local to one `decide` call and never shared: from outside, `decide` is a pure function.
 */
import type { AgentKinds } from "@millrace/agents";
import type { Actor, HumanAnswer, HumanWait, MergeRecord, Run, RunEvent, RunEventBody, RunFailure } from "@millrace/contracts";
import { EVENT_SHAPE_VERSION } from "@millrace/contracts";
import { match } from "ts-pattern";
import { failureHint, LANDED_HINT } from "../rules/failure-hints.logic.js";
import { guidanceOf } from "../rules/guidance.logic.js";
import { modelLabel } from "../rules/resolve-model.logic.js";
import { skipsStep } from "../rules/gating.logic.js";
import { hasWorkBehindMerge, mergeIndex } from "../rules/landing.logic.js";
import type { EffectResult } from "../model/command.js";
import { currentStep, unmergedPullRequest } from "../model/due.logic.js";
import { evolve, type Registries } from "../model/evolve.logic.js";
import type { DecisionInput } from "../model/decision-input.js";
import { nextEffectKey, nextWaitId } from "../model/keys.logic.js";
import type { DefinedStepKind, FailureRequest, Move, StepContext, StepKinds, WaitRequest } from "../model/step-kind.js";
import { APPROVAL_WAIT, declaredWait } from "../model/waits.js";

/** Why a step is passed by whose work was for a merge that has happened. */
const HAS_LANDED = "the change has landed";

export class Transition {
  readonly #events: RunEvent[] = [];
  readonly #at: number;
  readonly #actor: Actor;
  readonly #input: DecisionInput;
  readonly #registries: Registries;
  #run: Run;
  #pollAgain = false;
  #lookedMs: number | undefined;

  constructor(run: Run, at: number, actor: Actor, input: DecisionInput, registries: Registries) {
    this.#run = run;
    this.#at = at;
    this.#actor = actor;
    this.#input = input;
    this.#registries = registries;
  }

  get run(): Run {
    return this.#run;
  }

  get stepKinds(): StepKinds {
    return this.#registries.stepKinds;
  }

  get kinds(): AgentKinds {
    return this.#registries.kinds;
  }

  get actor(): Actor {
    return this.#actor;
  }

  decision(): { readonly events: readonly RunEvent[]; readonly run: Run; readonly pollAgain: boolean } {
    return { events: this.#events, run: this.#run, pollAgain: this.#pollAgain };
  }

  emit(event: RunEventBody): void {
    const entry: RunEvent = { version: EVENT_SHAPE_VERSION, at: this.#at, actor: this.#actor, event };
    this.#run = evolve(this.#run, entry, this.#registries);
    this.#events.push(entry);
  }

  /** The cursor arrives at a step; one that its gating leaves out, or that works towards a merge that has happened, is passed by. */
  enter(index: number): void {
    this.emit({ type: "step-entered", step: index });
    const skipped = this.#whyPassedBy(index);
    if (skipped !== null) {
      this.emit({ type: "step-skipped", step: index, reason: skipped });
      return this.#goOn(index);
    }
    const kind = this.#kind();
    this.apply(kind.enter(this.#context(), currentStep(this.#run).state));
  }

  /** The effect or job of the current step came back. */
  deliver(result: EffectResult, lookedMs?: number): void {
    this.#lookedMs = lookedMs;
    if (result.of === "start-job") {
      const { activity } = currentStep(this.#run);
      if (activity.is !== "effect" || activity.effect.request.do !== "start-job") return;
      this.emit({
        type: "job-started",
        step: this.#run.cursor,
        job: { key: activity.effect.key, kind: activity.effect.request.kind, ref: result.handle.ref, model: result.handle.model },
      });
      return;
    }
    this.apply(this.#kind().onResult(this.#context(), currentStep(this.#run).state, result));
  }

  /** A person answered a wait that belongs to the step kind. */
  answered(wait: HumanWait, answer: HumanAnswer): void {
    this.apply(this.#kind().answered(this.#context(), currentStep(this.#run).state, wait, answer));
  }

  /** The run fails once what became of the thing it has in flight was seen: the exit of a job, whether a merge landed. */
  stopWith(request: FailureRequest): void {
    this.emit({ type: "stop-requested", then: { is: "failed", failure: this.#failure(request) } });
  }

  /**
   * An effect of the current step failed for good: its kind may know better than to fail the run. `awaitOutcome`: a run that fails sees
   * first what became of the effect.
   */
  effectFailed(request: FailureRequest, awaitOutcome: boolean): void {
    const move = this.#kind().failed(this.#context(), currentStep(this.#run).state, request);
    this.apply(move.to === "fail" ? { ...move, awaitOutcome } : move);
  }

  /** The run fails. One with a pull request asks the forge first: a person may have merged it. */
  fail(request: FailureRequest): void {
    if (this.#mayHaveLanded()) this.stopWith(request);
    else this.emit({ type: "run-failed", failure: this.#failure(request) });
  }

  /** The change has landed while nothing was in flight: the run goes on behind the step that was to merge it, if there is one. */
  landed(record: MergeRecord): void {
    this.recordMerge(record);
    const merge = mergeIndex(this.#run, this.stepKinds);
    const last = merge < 0 ? this.#run.steps.length - 1 : merge;
    for (let step = this.#run.cursor; step <= last; step += 1) {
      if (step > this.#run.cursor) this.emit({ type: "step-entered", step });
      this.emit({ type: "step-skipped", step, reason: HAS_LANDED });
    }
    this.#goOn(last);
  }

  /** The step is finished and approved: on to the next, or the run is done. */
  finishStep(): void {
    const index = this.#run.cursor;
    this.emit({ type: "step-finished", step: index });
    this.#goOn(index);
  }

  /** The change has landed. A merge that another run of the task has recorded is that run's. */
  recordMerge(record: MergeRecord): void {
    const { merged } = this.#input.block;
    if (this.#run.merged !== null || (merged !== null && merged.runId !== this.#run.id)) return;
    this.emit({ type: "merged", step: this.#run.cursor, record });
  }

  /** The next thing to do about a failure, now. */
  hint({ kind, code, step }: Pick<RunFailure, "kind" | "code" | "step">): string {
    const isComplete = this.#run.merged !== null && !hasWorkBehindMerge(this.#run, step, this.stepKinds);
    const { id, blockId, pullRequest } = this.#run;
    return isComplete ? LANDED_HINT : failureHint({ kind, code, id, blockId, step, branch: pullRequest?.branch ?? null });
  }

  #mayHaveLanded(): boolean {
    return this.#run.phase.is === "live" && unmergedPullRequest(this.#run) !== null && this.#input.block.merged === null;
  }

  #whyPassedBy(index: number): string | null {
    if (this.#run.merged !== null && index <= mergeIndex(this.#run, this.stepKinds)) return HAS_LANDED;
    return skipsStep(currentStep(this.#run).definition.gating, this.#run.estimate);
  }

  #goOn(index: number): void {
    if (index + 1 < this.#run.steps.length) this.enter(index + 1);
    else this.emit({ type: "run-finished" });
  }

  apply(move: Move): void {
    const step = this.#run.cursor;
    for (const fact of move.facts ?? []) this.emit({ type: "fact-recorded", step, fact });
    if (move.output !== undefined) this.emit({ type: "output-recorded", step, ...move.output });
    if (move.pullRequest !== undefined && move.pullRequest.id !== this.#run.pullRequest?.id)
      this.emit({ type: "pull-request-recorded", step, pullRequest: move.pullRequest });
    if (move.estimate !== undefined) this.emit({ type: "estimate-recorded", step, estimate: move.estimate });
    if (move.merged !== undefined) this.emit({ type: "merged", step, record: move.merged });
    match(move)
      .with({ to: "effect" }, ({ phase, request, hold }) => {
        const current = currentStep(this.#run);
        const key = nextEffectKey(this.#run, step, current, phase);
        const effect = { key, request, requestedAt: this.#at, tries: 0, hold: null };
        // With the request, so that people see the model at work and not only the one that has worked.
        const model = modelLabel(request, this.#input);
        const given = guidanceOf(request, this.#input);
        this.emit({ type: "effect-requested", step, effect, ...(model === null || model === current.model ? {} : { model }), ...given });
        if (hold !== undefined) this.emit({ type: "effect-held", step, key, hold: { since: this.#at, ...hold } });
      })
      .with({ to: "poll-again" }, () => {
        this.#pollAgain = true;
      })
      .with({ to: "wait" }, ({ on }) => this.#park(on))
      .with({ to: "rework" }, ({ from, revision, why }) => {
        this.emit({ type: "rework-requested", step, from, to: step, revision, why });
        this.enter(from);
      })
      .with({ to: "finish" }, ({ subject, skipApproval }) => (skipApproval === true ? this.finishStep() : this.#finish(subject)))
      .with({ to: "fail" }, ({ failure, awaitOutcome }) => (awaitOutcome === true ? this.stopWith(failure) : this.fail(failure)))
      .exhaustive();
  }

  #finish(subject: { readonly digest: string; readonly output: HumanWait["output"] } | undefined): void {
    const step = currentStep(this.#run);
    const { approval } = step.definition;
    if (approval === null || step.approved !== null) return this.finishStep();
    const output = subject === undefined ? step.output : subject.output;
    this.#park({
      on: APPROVAL_WAIT,
      question: `Approve the result of step ${this.#run.cursor + 1} (${step.definition.kind})?`,
      options: [],
      subject: subject?.digest ?? step.output?.digest ?? `${this.#run.id}/${this.#run.cursor}/${step.attempt}`,
      output,
      approvers: approval.approvers,
    });
  }

  #park(request: WaitRequest): void {
    const index = this.#run.cursor;
    // An undeclared wait would accept no answer: refused before it is opened.
    declaredWait(this.#registries.stepKinds, currentStep(this.#run).state, request.on);
    const id = nextWaitId(this.#run, index, currentStep(this.#run));
    this.emit({
      type: "human-asked",
      step: index,
      wait: { ...request, options: [...request.options], id, approvedBy: [], openedAt: this.#at },
    });
  }

  #failure(request: FailureRequest): RunFailure {
    return {
      ...request,
      message: request.message.slice(0, 4000),
      detail: request.detail?.slice(0, 8000) ?? null,
      hint: this.hint({ kind: request.kind, code: request.code, step: this.#run.cursor }),
      step: this.#run.cursor,
      at: this.#at,
    };
  }

  #kind(): DefinedStepKind {
    return this.#registries.stepKinds.get(currentStep(this.#run).state.kind);
  }

  #context(): StepContext {
    return {
      run: this.#run,
      index: this.#run.cursor,
      step: currentStep(this.#run),
      input: this.#input,
      at: this.#at,
      lookedMs: this.#lookedMs,
    };
  }
}
