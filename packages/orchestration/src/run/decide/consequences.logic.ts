/**
 * What a transition means outside the run: its block, the notifications that ask for people, its wake-up. Derived
 * from the run before and after, so that a park and its notification, or a finish and its block, cannot come apart.
 * Everything here lands in the same commit as the events.
 */
import type { Block, HumanWait, MergeRecord, Notification, Run, RunEvent } from "@millrace/contracts";
import type { BlockPatch, Change } from "@millrace/kernel";
import { match } from "ts-pattern";
import { urgentAt } from "../rules/escalation.logic.js";
import { currentStep, due, heldEffect, isLive, isFinished } from "../model/due.logic.js";
import type { DecisionInput, Patience } from "../model/decision-input.js";
import type { TransitionResult } from "../model/transition-result.js";
import type { StepKinds } from "../model/step-kind.js";

export function consequences(transition: TransitionResult, input: DecisionInput, stepKinds: StepKinds): readonly Change[] {
  const { after } = transition;
  const merge = mergeRecord(transition.events);
  // What an agent of an older run said of itself is not said of this one.
  const first = transition.before === null ? { confidence: null } : {};
  const patch = { ...blockPatch(after, input.block, merge), ...first };
  return [
    { change: "patch-block", workspaceId: after.workspaceId, id: after.blockId, patch },
    ...notifications(transition, input),
    ...factConsequences(transition, input, stepKinds),
    ...(isLive(after) ? [] : [{ change: "delete-activations", workspaceId: after.workspaceId, runId: after.id } as const]),
    wakeUp(transition, input.patience),
  ];
}

/** What step kinds say their facts mean outside the run. */
function factConsequences({ after, events }: TransitionResult, input: DecisionInput, stepKinds: StepKinds): readonly Change[] {
  return events.flatMap(({ event, at }) => {
    if (event.type !== "fact-recorded") return [];
    const step = after.steps[event.step];
    if (step === undefined) return [];
    return stepKinds.get(step.state.kind).consequences?.(event.fact, { run: after, index: event.step, input, at }) ?? [];
  });
}

function mergeRecord(events: readonly RunEvent[]): MergeRecord | null {
  for (const { event } of events) if (event.type === "merged") return event.record;
  return null;
}

/** What the block shows. Once merged, it is done, whatever a later step does. */
function blockPatch(run: Run, block: Block, merge: MergeRecord | null): BlockPatch {
  const finished = run.steps.filter(isFinished).length;
  const isMerged = merge !== null || run.merged !== null || block.merged !== null;
  const base: BlockPatch = {
    progress: run.phase.is === "done" || isMerged ? 1 : run.phase.is === "cancelled" ? 0 : finished / run.steps.length,
    runId: run.phase.is === "cancelled" ? null : run.id,
    ...(run.pullRequest === null ? {} : { pullRequest: run.pullRequest }),
    ...(run.estimate === null ? {} : { estimate: run.estimate }),
    ...(merge === null ? {} : { merged: merge }),
  };
  return { ...base, status: isMerged ? "done" : statusOf(run, block) };
}

function statusOf(run: Run, block: Block): Block["status"] {
  return match(run.phase)
    .with({ is: "live" }, () => {
      const wait = openWait(run);
      if (wait === null) return "in_progress" as const;
      return wait.on === "merge" ? ("pr_ready" as const) : ("blocked" as const);
    })
    .with({ is: "stopping" }, () => block.status)
    .with({ is: "failed" }, () => "blocked" as const)
    .with({ is: "cancelled" }, () => "planned" as const)
    .with({ is: "done" }, () => {
      if (block.level === "task") return onlyReviewed(run, block) ? ("ready" as const) : ("pr_ready" as const);
      return onlyMapped(run) ? ("ready" as const) : ("done" as const);
    })
    .exhaustive();
}

/** A service whose modules are known now is ready for tasks. */
function onlyMapped(run: Run): boolean {
  return run.steps.every(({ definition }) => definition.kind === "blueprints");
}

/** A pipeline that ends with a review settled what a task is, and built nothing: the task is ready to be worked on, not to be merged. */
function onlyReviewed(run: Run, block: Block): boolean {
  return run.steps.at(-1)?.state.kind === "review" && run.pullRequest === null && block.pullRequest === null;
}

export function openWait(run: Run): HumanWait | null {
  const { activity } = currentStep(run);
  return run.phase.is === "live" && activity.is === "wait" ? activity.wait : null;
}

function notifications({ before, after, at }: TransitionResult, input: DecisionInput): readonly Change[] {
  const was = before === null ? null : openWait(before);
  const is = openWait(after);
  const changes: Change[] = [];
  if (was !== null && was.id !== is?.id)
    changes.push({
      change: "resolve-notification",
      workspaceId: after.workspaceId,
      id: was.id,
      as: after.phase.is === "live" || after.phase.is === "done" ? "acted" : "dismissed",
      at,
    });
  if (is !== null && is.id !== was?.id)
    changes.push(
      raise(after, input, at, { id: is.id, type: notificationType(is), title: `${input.block.title}: waiting for you`, body: is.question }),
    );
  changes.push(...pauseNotifications(before, after, input, at));
  const ended = endNotification(after, input);
  if (ended !== null && before?.phase.is !== after.phase.is) changes.push(raise(after, input, at, ended));
  return changes;
}

/** A paused run shows why: one notification per pause, gone when it goes on. */
function pauseNotifications(before: Run | null, after: Run, input: DecisionInput, at: number): readonly Change[] {
  const was = before === null ? null : heldEffect(before);
  const is = heldEffect(after);
  if (was?.key === is?.key) return [];
  const changes: Change[] = [];
  if (was !== null)
    changes.push({ change: "resolve-notification", workspaceId: after.workspaceId, id: `${was.key}/hold`, as: "acted", at });
  if (is?.hold != null)
    changes.push(
      raise(after, input, at, {
        id: `${is.key}/hold`,
        type: "run_paused",
        title: `${input.block.title}: paused`,
        body: is.hold.message,
      }),
    );
  return changes;
}

type NotificationDraft = Pick<Notification, "id" | "type" | "title" | "body">;

function raise(run: Run, input: DecisionInput, at: number, notification: NotificationDraft): Change {
  return {
    change: "raise-notification",
    notification: {
      ...notification,
      title: notification.title.slice(0, 300),
      workspaceId: run.workspaceId,
      blockId: input.block.id,
      runId: run.id,
      status: "open",
      severity: "normal",
      createdAt: at,
      urgentAt: urgentAt(at, input.settings),
      resolvedAt: null,
    },
  };
}

function notificationType(wait: HumanWait): Notification["type"] {
  return match(wait.on)
    .with("decision", "cap", () => "decision_required" as const)
    .with("approval", () => "approval_required" as const)
    .with("merge", () => "merge_review" as const)
    .with("review", () => "review_required" as const)
    .exhaustive();
}

/** Failures that have a notification of their own, by their code. */
const END_NOTIFICATIONS: Readonly<Record<string, Notification["type"]>> = {
  ci_exhausted: "ci_failed",
  conflicts_exhausted: "conflicts_failed",
  tests_failed: "tests_failed",
  "post-release-health_exhausted": "release_regression",
};

/** The notification of a run that ended and needs a look. A person's own reject, stop or cancel needs none. */
function endNotification(run: Run, input: DecisionInput): NotificationDraft | null {
  if (run.phase.is === "done") {
    if (run.merged !== null || input.block.level !== "task" || onlyReviewed(run, input.block)) return null;
    return {
      id: `${run.id}/end`,
      type: "pipeline_complete",
      title: `${input.block.title}: finished, not merged`,
      body: `The pipeline '${run.pipeline.name}' has no merger. Look at the result and merge it.`,
    };
  }
  if (run.phase.is !== "failed") return null;
  const { failure } = run.phase;
  if (failure.kind === "rejected" || failure.kind === "cancelled") return null;
  const type = END_NOTIFICATIONS[failure.code] ?? "run_failed";
  return { id: `${run.id}/end`, type, title: `${input.block.title}: failed`, body: `${failure.message}\n${failure.hint}`.slice(0, 8000) };
}

/** A live run that waits for nobody always has a wake-up (I5); a parked or finished one has none and costs nothing. */
function wakeUp({ after, at, again }: TransitionResult, patience: Patience): Change {
  const { workspaceId, id: runId } = after;
  const next = due(after);
  if (next.is === "rest" || (next.is === "held" && next.until === null)) return { change: "unwake", workspaceId, runId };
  if (next.is === "held") return { change: "wake", workspaceId, runId, at: next.until ?? at };
  return { change: "wake", workspaceId, runId, at: at + delay(next, again, patience) };
}

function delay(next: Exclude<ReturnType<typeof due>, { is: "rest" } | { is: "held" }>, again: boolean, patience: Patience): number {
  return (
    match(next)
      // Its end could not be seen: asked again, not at once.
      .with({ is: "stop" }, () => (again ? patience.maxRetryMs : 0))
      .with({ is: "poll" }, ({ step }) =>
        step.activity.is === "job" && step.activity.unreadable > 0 ? backOff(step.activity.unreadable, patience) : patience.jobPollMs,
      )
      .with({ is: "effect" }, ({ effect }) => (again ? patience.gatePollMs : effect.tries === 0 ? 0 : backOff(effect.tries, patience)))
      .exhaustive()
  );
}

function backOff(tries: number, patience: Patience): number {
  return Math.min(patience.maxRetryMs, patience.retryMs * 2 ** (tries - 1));
}
