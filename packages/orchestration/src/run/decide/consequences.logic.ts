/**
 * The effects of a transition outside the run: its block, the notifications that ask for people, its wake-up. Derived from the run before
 * and after, so that a park and its notification, or a finish and its block, cannot come apart. All of it lands in the same commit as
 * the events. Statuses and notifications that depend on the kind of a step are read from its declarations.
 */
import type { BlockStatus, HumanWait, MergeRecord, Run, RunEvent } from "@millrace/contracts";
import type { BlockPatch, Change } from "@millrace/kernel";
import { match } from "ts-pattern";
import { ENGINE } from "../../platform/actor.logic.js";
import type { Authorship } from "../../platform/board-event.logic.js";
import { OUTAGE_PAUSE_MS, type DecisionInput, type Patience } from "../model/decision-input.js";
import type { TransitionResult } from "../model/transition-result.js";
import { mayHaveEnvironment } from "../rules/environments.logic.js";
import { currentStep, due, heldEffect, isFinished, isLive, openWait } from "../model/due.logic.js";
import { raiseNotification, resolveNotification, type NotificationDraft, type NotificationRef } from "../model/notification.logic.js";
import type { StepKinds } from "../model/step-kind.js";
import { hasWorkBehindMerge } from "../rules/landing.logic.js";
import { declaredWait } from "../model/waits.js";

/** A transition with the declarations and the inputs it is judged by. */
interface TransitionContext extends TransitionResult {
  readonly input: DecisionInput;
  readonly stepKinds: StepKinds;
  /** When and by whom the transition was made. */
  readonly by: Authorship;
}

/** The changes that land with a transition, its own record and events aside. */
export function consequences(transition: TransitionResult, input: DecisionInput, stepKinds: StepKinds): readonly Change[] {
  const { after } = transition;
  const context: TransitionContext = {
    ...transition,
    input,
    stepKinds,
    by: { at: transition.at, actor: transition.events.at(-1)?.actor ?? ENGINE },
  };
  // The confidence that an agent of an older run stated does not hold for this one.
  const first = transition.before === null ? { confidence: null } : {};
  const patch = { ...blockPatch(context), ...first };
  return [
    { change: "patch-block", workspaceId: after.workspaceId, id: after.blockId, patch },
    ...notifications(context),
    ...factConsequences(context),
    ...landing(after),
    ...(isLive(after) ? [] : [{ change: "delete-activations", workspaceId: after.workspaceId, runId: after.id } as const]),
    wakeUp(context),
  ];
}

/** A run that rests, stops or has ended gives its place in the landing queue up in the same commit; the next in line goes on. */
function landing(run: Run): readonly Change[] {
  const next = due(run);
  if (run.repository === null || next.is === "effect" || next.is === "poll") return [];
  return [{ change: "leave-landing-queue", workspaceId: run.workspaceId, runId: run.id }];
}

/** The changes that step kinds derive from their facts. */
function factConsequences({ after, events, input, stepKinds }: TransitionContext): readonly Change[] {
  return events.flatMap(({ event, at }) => {
    if (event.type !== "fact-recorded") return [];
    const step = after.steps[event.step];
    if (step === undefined) return [];
    return stepKinds.get(step.state.kind).consequences(event.fact, { run: after, index: event.step, input, at });
  });
}

function mergeRecord(events: readonly RunEvent[]): MergeRecord | null {
  for (const { event } of events) if (event.type === "merged") return event.record;
  return null;
}

/** Status and progress of the block. A merged block is done, whatever a later step does. */
function blockPatch(context: TransitionContext): BlockPatch {
  const { after: run, events } = context;
  const { block } = context.input;
  const merge = mergeRecord(events);
  const finished = run.steps.filter(isFinished).length;
  const isMerged = merge !== null || run.merged !== null || block.merged !== null;
  const base: BlockPatch = {
    progress: run.phase.is === "done" || isMerged ? 1 : run.phase.is === "cancelled" ? 0 : finished / run.steps.length,
    runId: run.phase.is === "cancelled" ? null : run.id,
    ...(run.pullRequest === null ? {} : { pullRequest: run.pullRequest }),
    ...(run.estimate === null ? {} : { estimate: run.estimate }),
    ...(merge === null ? {} : { merged: merge }),
  };
  return { ...base, status: isMerged ? "done" : statusOf(context) };
}

function statusOf(context: TransitionContext): BlockStatus {
  const { after: run, stepKinds } = context;
  return match(run.phase)
    .returnType<BlockStatus>()
    .with({ is: "live" }, () => {
      const wait = openWait(run);
      return wait === null ? "in_progress" : (declaredWait(stepKinds, currentStep(run).state, wait.on).status ?? "blocked");
    })
    .with({ is: "stopping" }, () => context.input.block.status)
    .with({ is: "failed" }, () => "blocked")
    .with({ is: "cancelled" }, () => "planned")
    .with({ is: "done" }, () => statusWhenDone(context))
    .exhaustive();
}

/**
 * The status its last step declares, else `done`. A pull request that is not merged waits for its merge, whatever a later step declares;
 * without one there is nothing to merge (F:E2).
 */
function statusWhenDone({ after: run, input, stepKinds }: TransitionContext): BlockStatus {
  const { block, kinds } = input;
  const { level } = block;
  if (level === "task" && (run.pullRequest ?? block.pullRequest) !== null) return "pr_ready";
  const last = run.steps.at(-1);
  if (last === undefined) return "done";
  return kinds.get(last.definition.kind)?.statusWhenLast[level] ?? stepKinds.of(last.state).statusWhenLast[level] ?? "done";
}

function notifications(context: TransitionContext): readonly Change[] {
  const { before, after, by, input, stepKinds } = context;
  const was = before === null ? null : openWait(before);
  const is = openWait(after);
  const typeOf = (run: Run, wait: HumanWait) => declaredWait(stepKinds, currentStep(run).state, wait.on).notification;
  const changes: Change[] = [];
  if (before !== null && was !== null && was.id !== is?.id) {
    const as = after.phase.is === "live" || after.phase.is === "done" ? "acted" : "dismissed";
    changes.push(resolveNotification(ofRun(after, was.id, typeOf(before, was)), as, by));
  }
  if (is !== null && is.id !== was?.id) {
    const draft = { id: is.id, type: typeOf(after, is), title: `${input.block.title}: waiting for you`, body: is.question };
    changes.push(raiseNotification(after, input, by, draft));
  }
  changes.push(...pauseNotifications(context));
  const ended = before?.phase.is === after.phase.is ? null : endNotification(context);
  if (ended !== null) changes.push(raiseNotification(after, input, by, ended));
  return changes;
}

/** One notification per pause with its reason, resolved when the run goes on. */
function pauseNotifications({ before, after, input, by }: TransitionContext): readonly Change[] {
  const was = before === null ? null : heldEffect(before);
  const is = heldEffect(after);
  if (was?.key === is?.key) return [];
  const changes: Change[] = [];
  if (was !== null) changes.push(resolveNotification(ofRun(after, `${was.key}/hold`, PAUSED), "acted", by));
  if (is?.hold != null) {
    const draft = { id: `${is.key}/hold`, type: PAUSED, title: `${input.block.title}: paused`, body: is.hold.message };
    changes.push(raiseNotification(after, input, by, draft));
  }
  return changes;
}

const PAUSED = "run_paused";
/** Tries, about a quarter of an hour of them, after which what fails is taken for out of order. */
const MAX_QUICK_TRIES = 20;

function ofRun({ workspaceId, blockId, id: runId }: Run, id: string, type: string): NotificationRef {
  return { id, type, workspaceId, blockId, runId };
}

/**
 * The notification of a run that ended and needs attention. A person's own reject, stop or cancel needs none, nor does a failure on the
 * way to what has landed.
 */
function endNotification(context: TransitionContext): NotificationDraft | null {
  const { after: run, input, stepKinds } = context;
  if (run.phase.is === "done") {
    if (run.merged !== null || input.block.level !== "task" || statusWhenDone(context) !== "pr_ready") return null;
    return {
      id: `${run.id}/end`,
      type: "pipeline_complete",
      title: `${input.block.title}: finished, not merged`,
      body: `The pipeline '${run.pipeline.name}' has no merger. Look at the change (millrace diff ${run.blockId}), then merge it: millrace merge ${run.blockId}`,
    };
  }
  if (run.phase.is !== "failed") return null;
  const { failure } = run.phase;
  if (failure.kind === "rejected" || failure.kind === "cancelled") return null;
  if (run.merged !== null && !hasWorkBehindMerge(run, failure.step, stepKinds)) return null;
  const step = run.steps[failure.step];
  const type = (step === undefined ? undefined : stepKinds.of(step.state).endNotifications[failure.code]) ?? "run_failed";
  return { id: `${run.id}/end`, type, title: `${input.block.title}: failed`, body: `${failure.message}\n${failure.hint}` };
}

/**
 * A live run that waits for no person always has a wake-up (I5); a parked one has none and costs nothing. A finished one has a last one
 * where it may have an environment, which a driver takes down.
 */
function wakeUp({ after, at, pollAgain, input, stepKinds }: TransitionContext): Change {
  const { workspaceId, id: runId } = after;
  const { patience, capabilities } = input;
  const next = due(after);
  if (next.is === "rest" && next.on === "finished" && capabilities.environments && mayHaveEnvironment(after, stepKinds))
    return { change: "wake", workspaceId, runId, at };
  if (next.is === "rest" || (next.is === "held" && next.until === null)) return { change: "unwake", workspaceId, runId };
  if (next.is === "held") return { change: "wake", workspaceId, runId, at: next.until ?? at };
  return { change: "wake", workspaceId, runId, at: at + delay(next, pollAgain, patience) };
}

function delay(next: Exclude<ReturnType<typeof due>, { is: "rest" } | { is: "held" }>, pollAgain: boolean, patience: Patience): number {
  return (
    match(next)
      // Its end could not be observed: asked again later, not at once.
      .with({ is: "stop" }, () => (pollAgain ? patience.maxRetryMs : 0))
      .with({ is: "poll" }, ({ step }) =>
        step.activity.is === "job" && step.activity.unreadable > 0 ? backOff(step.activity.unreadable, patience) : patience.jobPollMs,
      )
      .with({ is: "effect" }, ({ effect }) => (pollAgain ? patience.gatePollMs : effect.tries === 0 ? 0 : backOff(effect.tries, patience)))
      .exhaustive()
  );
}

/** Doubles up to a minute; what is out of order for longer is asked every 15 minutes. */
function backOff(tries: number, patience: Patience): number {
  if (tries > MAX_QUICK_TRIES) return OUTAGE_PAUSE_MS;
  return Math.min(patience.maxRetryMs, patience.retryMs * 2 ** (tries - 1));
}
