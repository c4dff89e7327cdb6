/**
 * Why a run is where it is, as data; `why` of `@millrace/contracts/why` makes the sentence. Pure, and told from the state and what the
 * step kinds show of theirs: no kind is asked for by its name.
 */
import type { Hold, Run, RunFailure, RunReason, StepView, WaitView } from "@millrace/contracts";
import { currentStep, heldEffect } from "../model/due.logic.js";

/** A caller's knowledge of a run beyond its stored state. A member that is left out is not known. */
export interface RunObservations {
  /** Ids of the people who may answer the open wait. */
  readonly people?: readonly string[];
  /** Open findings of the review that waits, and how many of them are high. */
  readonly findings?: { readonly open: number; readonly high: number };
  /** Subtasks of the agent at work. */
  readonly progress?: { readonly completed: number; readonly total: number };
  /** The agent at work has said nothing since `since` (epoch ms), for long enough to be told; null `endsAfterMs`: its limit is not known. */
  readonly silence?: { readonly since: number; readonly endsAfterMs: number | null };
  /** Time of the run's next poll, epoch ms. */
  readonly nextLookAt?: number;
  /** The run is due since then (epoch ms) and no driver has taken it up, for long enough to be told. */
  readonly notDrivenSince?: number;
  /** Merges that the forge lands before this one. */
  readonly mergesAhead?: number;
  /** The cap that holds the run, in millionths of the price list's currency. */
  readonly cap?: Extract<RunReason, { code: "paused-budget" }>["values"];
}

/** Why a run is where it is; `steps` and `wait` are its steps and its open wait as they are shown. */
export function runReason(run: Run, steps: readonly StepView[], wait: WaitView | null, observed: RunObservations): RunReason {
  const { phase } = run;
  switch (phase.is) {
    case "live":
      return wait === null ? liveReason(run, steps, observed) : waitReason(wait, steps, run.cursor, observed);
    case "stopping":
      return { code: "stopping", values: { kind: agentAtWork(run)?.kind ?? null }, since: phase.since };
    case "failed":
      return failedReason(phase.failure, steps);
    case "cancelled":
      return { code: "cancelled", values: { by: phase.by.id, reason: phase.reason }, since: phase.at };
    case "done":
      return doneReason(run, steps, phase.at);
  }
}

function liveReason(run: Run, steps: readonly StepView[], observed: RunObservations): RunReason {
  const hold = heldEffect(run)?.hold ?? null;
  if (hold !== null) return holdReason(hold, sinceOf(run), observed);
  if (observed.notDrivenSince !== undefined) return { code: "not-driven", values: {}, since: observed.notDrivenSince };
  return workReason(run, steps, observed);
}

/** Told by the answers that fit, so that the waits of a host's own step kinds have their sentence as well. */
function waitReason(wait: WaitView, steps: readonly StepView[], cursor: number, { people = [], findings }: RunObservations): RunReason {
  const step = steps[cursor];
  const asked = { people: [...people] };
  const since = wait.openedAt;
  const kind = step?.kind ?? "";
  const accepts = (answer: WaitView["answers"][number]): boolean => wait.answers.includes(answer);
  if (accepts("incorporate"))
    return { code: "answer-findings", values: { ...asked, open: findings?.open ?? null, high: findings?.high ?? 0 }, since };
  // Another wait with such an answer is no loop that has used up its rounds: its question says what it is.
  if (accepts("extra-round") && wait.on === "cap") {
    const last = step?.ratings.at(-1);
    const { used, allowed } = step?.loop ?? { used: 0, allowed: 0 };
    return { code: "decide-cap", values: { ...asked, kind, rating: last?.rating ?? null, bar: last?.bar ?? null, used, allowed }, since };
  }
  if (accepts("approve")) {
    const approval = { ...asked, approvers: wait.approvers, approvedBy: [...wait.approvedBy] };
    return approvalReason(wait, steps, kind, approval);
  }
  if (accepts("choose")) return { code: "answer-question", values: { ...asked, kind }, since };
  return { code: "answer-wait", values: { ...asked, question: wait.question }, since };
}

/** Subject of an approval: a head on a base, a text of this or an earlier step, or a result that has neither. */
function approvalReason(
  { subject, output, openedAt: since }: WaitView,
  steps: readonly StepView[],
  kind: string,
  asked: Pick<Extract<RunReason, { code: "approve-head" }>["values"], "people" | "approvers" | "approvedBy">,
): RunReason {
  const [head, base] = subject.split("+");
  if (head !== undefined && base !== undefined) return { code: "approve-head", values: { ...asked, head }, since };
  const author = steps.findLast((step) => output !== null && step.output?.key === output.key)?.kind ?? kind;
  const what = output === null ? `result of ${kind}` : `${author}'s text`;
  return { code: "approve-output", values: { ...asked, what, subject: output === null ? null : subject }, since };
}

function holdReason(hold: Hold, since: number, { cap }: RunObservations): RunReason {
  switch (hold.because) {
    case "budget":
      return cap === undefined
        ? { code: "paused", values: { message: hold.message }, since }
        : { code: "paused-budget", values: cap, since };
    case "quota":
    case "limit":
      return { code: "paused-limit", values: { because: hold.because, until: hold.until }, since };
    case "outage":
      return { code: "paused-outage", values: { message: hold.message, until: hold.until }, since };
  }
}

function workReason(run: Run, steps: readonly StepView[], observed: RunObservations): RunReason {
  const { activity, definition } = currentStep(run);
  const view = steps[run.cursor];
  const since = sinceOf(run);
  const branch = run.pullRequest?.base ?? run.repository?.base ?? "its base";
  const agent = agentAtWork(run);
  if (agent !== null) return agentReason(run, steps, agent, observed);
  const request = activity.is === "effect" ? activity.effect.request : null;
  if (request?.do === "update-branch") return { code: "behind-base", values: { branch, base: null }, since };
  if (request?.do === "merge")
    return view?.mergeSent == null
      ? { code: "merging", values: { head: request.head, branch }, since }
      : { code: "merge-sent", values: { head: request.head, ahead: observed.mergesAhead ?? null }, since };
  if (request?.do === "call" && view?.isInLine === true)
    return { code: "in-line", values: { branch, ahead: observed.mergesAhead ?? null }, since };
  const seen = request?.do === "probe" && view !== undefined ? probeReason(view, observed.nextLookAt ?? null) : null;
  return seen ?? { code: "step", values: { kind: definition.kind, doing: view?.doing ?? "at work" }, since };
}

/** A gate that looks again: what it saw last. Null: nothing that is worth telling. */
function probeReason({ kind, verdict }: StepView, nextAt: number | null): RunReason | null {
  if (verdict === null) return null;
  const { head, checks, because, at: since } = verdict;
  if (verdict.says === "unknown")
    return { code: "checks-unknown", values: { gate: kind, head, because: checks.length === 0 ? null : because, nextAt }, since };
  if (verdict.says !== "pending") return null;
  const running = checks.filter(({ status }) => status !== "completed").map(({ name }) => name);
  return { code: "checks-pending", values: { gate: kind, head, running, total: checks.length, nextAt }, since };
}

/** The agent that works, or is being called. */
function agentAtWork(run: Run): { readonly kind: string; readonly since: number } | null {
  const { activity } = currentStep(run);
  if (activity.is === "job") return { kind: activity.job.kind, since: activity.startedAt };
  if (activity.is !== "effect") return null;
  const { request, requestedAt } = activity.effect;
  return request.do === "ask-agent" || request.do === "start-job" ? { kind: request.kind, since: requestedAt } : null;
}

function agentReason(
  run: Run,
  steps: readonly StepView[],
  { kind, since }: { readonly kind: string; readonly since: number },
  { silence, progress }: RunObservations,
): RunReason {
  const view = steps[run.cursor];
  if (silence !== undefined) return { code: "silent", values: { kind, endsAfterMs: silence.endsAfterMs }, since: silence.since };
  if (view?.verdict?.says === "red" && view.loop !== null && view.kind !== kind) {
    const { head, because, failing } = view.verdict;
    const values = {
      gate: view.kind,
      head,
      failing: [...failing],
      because,
      helper: kind,
      attempt: view.loop.used,
      allowed: view.loop.allowed,
    };
    return { code: "repairing", values, since };
  }
  if (progress !== undefined)
    return { code: "at-work", values: { kind, progress: { done: progress.completed, total: progress.total } }, since };
  const { revision } = currentStep(run);
  if (revision === null) return { code: "at-work", values: { kind, progress: null }, since };
  const grader = steps.slice(run.cursor + 1).find(({ ratings }) => ratings.at(-1)?.passed === false);
  const last = grader?.ratings.at(-1);
  const values = { to: kind, by: grader?.kind ?? null, rating: last?.rating ?? null, bar: last?.bar ?? null, because: revision.feedback };
  return { code: "sent-back", values, since };
}

function failedReason(failure: RunFailure, steps: readonly StepView[]): RunReason {
  const step = steps[failure.step];
  const since = failure.at;
  if (failure.kind === "gate_exhausted" && step?.verdict?.says === "red" && step.loop !== null && step.loop.used >= step.loop.allowed)
    return {
      code: "gate-exhausted",
      values: { gate: step.kind, head: step.verdict.head, used: step.loop.used, allowed: step.loop.allowed },
      since,
    };
  return { code: "failed", values: { message: failure.message }, since };
}

function doneReason(run: Run, steps: readonly StepView[], since: number): RunReason {
  if (run.merged === null) return { code: "finished", values: {}, since };
  const merger = steps.find(({ assessment, withheld, mergeSent }) => assessment !== null || withheld !== null || mergeSent !== null);
  const head = steps.findLast(({ verdict }) => verdict?.says === "green")?.verdict?.head ?? null;
  const approvedBy = [...(merger?.approved?.by ?? [])];
  const automatic = merger !== undefined && merger.assessment !== null && merger.withheld === null && approvedBy.length === 0;
  const branch = run.pullRequest?.base ?? run.repository?.base ?? "its base";
  return { code: "merged", values: { head, branch, commit: run.merged, approvedBy, automatic }, since };
}

/** When the run asked for what it does, else when its step began; epoch ms. */
function sinceOf(run: Run): number {
  const { activity, timing } = currentStep(run);
  return activity.is === "effect" ? activity.effect.requestedAt : (timing.startedAt ?? run.startedAt);
}
