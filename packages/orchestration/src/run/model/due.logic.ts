import type { Effect, HumanWait, JobRef, PullRequestRef, RepositoryRef, Run, Step } from "@millrace/contracts";
import { MillraceError, taskBranch } from "@millrace/kernel";
import { match } from "ts-pattern";

/** Next need of a run: an effect, a poll of its job, a stop; or why there is none (held, at rest). */
export type Due =
  | { readonly is: "effect"; readonly index: number; readonly step: Step; readonly effect: Effect }
  | { readonly is: "poll"; readonly index: number; readonly step: Step; readonly job: JobRef; readonly startedAt: number }
  /**
   * The run is stopping: every process under the job's key must have ended first, and the forge is asked whether the run's change has
   * landed. Null: no job is in flight; there is no pull request that is not known to be merged.
   */
  | {
      readonly is: "stop";
      readonly job: JobRef | null;
      readonly pullRequest: PullRequestRef | null;
      /** A merge of it was requested, and its outcome is not known. */
      readonly isMerging: boolean;
      /** Epoch ms at which the stop was asked for. */
      readonly since: number;
    }
  /** Held in front of an effect: released at `until`, or by a person when that is null. */
  | { readonly is: "held"; readonly key: string; readonly since: number; readonly until: number | null }
  /** A person, or nothing at all. */
  | { readonly is: "rest"; readonly on: "human" | "finished" };

/** The step at the cursor. */
export function currentStep(run: Run): Step {
  const step = run.steps[run.cursor];
  if (step === undefined)
    throw new MillraceError("stored_shape_invalid", `run '${run.id}' points at step ${run.cursor} of ${run.steps.length}`);
  return step;
}

/** True until the run is done, failed or cancelled: a live run holds its block. */
export function isLive(run: Run): boolean {
  return run.phase.is === "live" || run.phase.is === "stopping";
}

/** Pure and total: the answer follows from the state alone. */
export function due(run: Run): Due {
  const step = currentStep(run);
  const { activity } = step;
  if (run.phase.is === "stopping") {
    const { since } = run.phase;
    return { is: "stop", job: callInFlight(step), pullRequest: unmergedPullRequest(run), isMerging: isMerging(step), since };
  }
  if (run.phase.is !== "live") return { is: "rest", on: "finished" };
  return match(activity)
    .with({ is: "effect" }, ({ effect }): Due =>
      effect.hold === null
        ? { is: "effect", index: run.cursor, step, effect }
        : { is: "held", key: effect.key, since: effect.hold.since ?? effect.requestedAt, until: effect.hold.until },
    )
    .with({ is: "job" }, ({ job, startedAt }): Due => ({ is: "poll", index: run.cursor, step, job, startedAt }))
    .with({ is: "wait" }, (): Due => ({ is: "rest", on: "human" }))
    .with({ is: "pending" }, { is: "done" }, { is: "skipped" }, (): Due => {
      throw new MillraceError("stored_shape_invalid", `run '${run.id}' is live but step ${run.cursor} is ${activity.is}`);
    })
    .exhaustive();
}

/** Finished, one way or the other: what comes after it may begin. */
export function isFinished(step: Step): boolean {
  return step.activity.is === "done" || step.activity.is === "skipped";
}

/** The effect a run is held in front of; null when it is not held. */
export function heldEffect(run: Run): Effect | null {
  const { activity } = currentStep(run);
  return run.phase.is === "live" && activity.is === "effect" && activity.effect.hold !== null ? activity.effect : null;
}

/** The wait a live run is parked on; null when it waits for no person. */
export function openWait(run: Run): HumanWait | null {
  const { activity } = currentStep(run);
  return run.phase.is === "live" && activity.is === "wait" ? activity.wait : null;
}

/** Pauses up to here are waited for; a longer one is a rest. */
const SHORT_PAUSE_MS = 10 * 60_000;

/** Nothing will move the run soon: it is finished, waits for a person, or is paused for long. What a command that follows a run stops at. */
export function isAtRest(run: Run, now: number): boolean {
  const next = due(run);
  if (next.is === "held") return next.until === null || next.until - now > SHORT_PAUSE_MS;
  return next.is === "rest";
}

/** The pull request of a run that no merge is known of: a person may merge it at any moment. Null when there is none. */
export function unmergedPullRequest(run: Run): PullRequestRef | null {
  return run.merged === null ? run.pullRequest : null;
}

/** A change by where it would be merged from and into, and the run that its merge is recorded for. */
export interface ChangeOfTask {
  readonly repository: RepositoryRef;
  readonly branch: string;
  readonly runId: string;
}

/**
 * The change that people may merge while a run rests: of its own pull request, or of one of its task that an earlier run opened. Null when
 * its merge is known, when there is no repository, and while the run works.
 */
export function changeAtRest(run: Run): ChangeOfTask | null {
  const { repository, pullRequest, merged } = run;
  if (merged !== null || repository === null || (openWait(run) === null && heldEffect(run) === null)) return null;
  return { repository, branch: pullRequest?.branch ?? taskBranch({ id: run.blockId }), runId: run.id };
}

function isMerging({ activity }: Step): boolean {
  return activity.is === "effect" && activity.effect.request.do === "merge";
}

/** Job that runs, or requested agent call that may or may not have begun: one that is held, too, if another process was not refused. */
export function callInFlight(step: Step): JobRef | null {
  const { activity } = step;
  if (activity.is === "job") return activity.job;
  if (activity.is !== "effect") return null;
  const { key, request } = activity.effect;
  return request.do === "start-job" || request.do === "ask-agent" ? { key, ref: "", kind: request.kind, model: null } : null;
}
