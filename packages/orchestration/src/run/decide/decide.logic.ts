/**
 * The decider: what a command means for a run. Synchronous, no clock, no random, no port.
 *
 * 1. A finished run emits nothing (I4): driver commands are ignored, human commands are refused.
 * 2. A driver command whose key is not the one in the state is late or repeated and changes nothing.
 * 3. A human answer is bound to its wait, to the digest of what was shown, and used once (P5).
 * 4. Only people answer waits.
 * 5. There is one finish, one park, one reset and one advance of the cursor, here, for every step kind.
 */
import type { Activity, Actor, Hold, JobRef, MergeRecord, Run, RunEvent, RunEventBody, RunFailure, StopOutcome } from "@millrace/contracts";
import { errorCodeSchema, errorTable, EVENT_SHAPE_VERSION } from "@millrace/contracts";
import { MillraceError } from "@millrace/kernel";
import { match } from "ts-pattern";
import { decideAnswer } from "./answer.logic.js";
import type { Command } from "../model/command.js";
import { changeAtRest, currentStep, heldEffect } from "../model/due.logic.js";
import type { Registries } from "../model/evolve.logic.js";
import { requireLive, requirePaused } from "../rules/actions.logic.js";
import { OUTAGE_PAUSE_MS, type DecisionInput } from "../model/decision-input.js";
import type { FailureRequest } from "../model/step-kind.js";
import { MAX_TRIES } from "../model/tries.logic.js";
import { Transition } from "./transition.js";

/** Failed polls of one job after which the run fails. */
const MAX_UNREADABLE = 20;
/** Further tries while an outage lasts, one each `OUTAGE_PAUSE_MS`: a day. */
const MAX_OUTAGE_TRIES = 96;

export interface Decision {
  readonly events: readonly RunEvent[];
  /** The run after the events; null only for a refused start. */
  readonly run: Run;
  /** "Not yet": ask the same effect again after the poll interval. */
  readonly pollAgain: boolean;
}

/**
 * Decides what `command` means for `run`: the events and the run after them. A driver's late or repeated command yields none.
 * @throws MillraceError when a person's command does not fit: `run_not_live`, `wait_closed`, `wait_mismatch`, `digest_mismatch`,
 *   `forbidden_actor`, `validation`.
 */
export function decide(run: Run | null, command: Command, input: DecisionInput, registries: Registries): Decision {
  if (command.command === "start") return start(command, input, registries);
  if (run === null) throw new MillraceError("internal", `command '${command.command}' needs a run`);
  const transition = new Transition(run, command.at, command.actor, input, registries);
  match(command)
    .with({ command: "returned" }, (c) => {
      if (acceptsKey(run, c.key)) transition.deliver(c.result, c.lookedMs);
    })
    .with({ command: "failed" }, (c) => {
      if (acceptsKey(run, c.key)) decideFailed(transition, c);
    })
    .with({ command: "hold" }, (c) => {
      if (acceptsKey(run, c.key)) transition.emit({ type: "effect-held", step: run.cursor, key: c.key, hold: c.hold });
    })
    .with({ command: "release" }, () => decideRelease(transition))
    .with({ command: "timed-out" }, (c) => {
      if (acceptsKey(run, c.key)) endWith(transition, { kind: "timeout", code: "timed_out", message: c.message, detail: null });
    })
    .with({ command: "defect" }, (c) => decideDefect(transition, c))
    .with({ command: "answer" }, (c) => decideAnswer(transition, c))
    .with({ command: "stop" }, (c) => decideStop(transition, c))
    .with({ command: "landed" }, ({ merged }) => decideLanded(transition, merged))
    .with({ command: "stopped" }, (c) => decideStopped(transition, c))
    .exhaustive();
  return transition.decision();
}

/**
 * A decision whose commit was refused because a budget is used up: the same decision, paused in front of the call it wanted to
 * make. What became known on the way to it is kept.
 */
export function holdDecision(
  decision: Decision,
  at: { readonly at: number; readonly actor: Actor },
  hold: Hold,
  input: DecisionInput,
  registries: Registries,
): Decision {
  const { activity } = currentStep(decision.run);
  if (activity.is !== "effect") throw new MillraceError("internal", "only a run that asks for an effect can be held in front of it");
  const transition = new Transition(decision.run, at.at, at.actor, input, registries);
  transition.emit({ type: "effect-held", step: decision.run.cursor, key: activity.effect.key, hold });
  const held = transition.decision();
  return { events: [...decision.events, ...held.events], run: held.run, pollAgain: false };
}

function start(command: Extract<Command, { command: "start" }>, input: DecisionInput, registries: Registries): Decision {
  const started: RunEventBody = { type: "run-started", run: command.run };
  const transition = new Transition(command.run, command.at, command.actor, input, registries);
  transition.enter(command.run.cursor);
  const { events, run, pollAgain } = transition.decision();
  return { events: [{ version: EVENT_SHAPE_VERSION, at: command.at, actor: command.actor, event: started }, ...events], run, pollAgain };
}

/** Rule 2: only the effect or job in the state may return, and only while the run is live. */
function acceptsKey(run: Run, key: string): boolean {
  if (run.phase.is !== "live") return false;
  const { activity } = currentStep(run);
  return (
    (activity.is === "effect" && activity.effect.key === key && activity.effect.hold === null) ||
    (activity.is === "job" && activity.job.key === key)
  );
}

function decideFailed(transition: Transition, command: Extract<Command, { command: "failed" }>): void {
  const { activity } = currentStep(transition.run);
  transition.emit({ type: "effect-failed", step: transition.run.cursor, key: command.key, code: command.code, message: command.message });
  const failures = activity.is === "effect" ? activity.effect.tries + 1 : activity.is === "job" ? activity.unreadable + 1 : 0;
  const tries = activity.is === "job" ? MAX_UNREADABLE : MAX_TRIES;
  if (command.passing && failures < tries) return;
  if (command.passing && isOutage(command.code) && failures < tries + MAX_OUTAGE_TRIES) return waitOut(transition, command);
  const kind =
    activity.is === "job"
      ? "job_failed"
      : activity.is === "effect" && activity.effect.request.do === "ask-agent"
        ? "agent"
        : activity.is === "effect" && activity.effect.request.do === "start-job"
          ? "dispatch"
          : "processing";
  const suffix = command.passing ? ` (tried ${failures} times)` : "";
  const failure = { kind, code: command.code, message: `${command.message}${suffix}`, detail: null } as const;
  if (mayRunOn(activity)) transition.stopWith(failure);
  else transition.effectFailed(failure, mayBeSpent(activity));
}

function isOutage(code: string): boolean {
  const known = errorCodeSchema.safeParse(code);
  return known.success && errorTable[known.data].isOutage === true;
}

/** The run is paused in front of its call, and tries again. A job that cannot be asked is asked later, it has nothing to be paused at. */
function waitOut(transition: Transition, { at, key, message }: Extract<Command, { command: "failed" }>): void {
  if (currentStep(transition.run).activity.is !== "effect") return;
  const hold = { because: "outage", since: at, until: at + OUTAGE_PAUSE_MS, message: message.slice(0, 2000) } as const;
  transition.emit({ type: "effect-held", step: transition.run.cursor, key, hold });
}

function endWith(transition: Transition, failure: FailureRequest): void {
  const { activity } = currentStep(transition.run);
  if (mayRunOn(activity) || mayBeSpent(activity)) transition.stopWith(failure);
  else transition.fail(failure);
}

/** The reply may be what was lost: a job may run, a merge may have landed. The run sees what became of it before it ends. */
function mayRunOn(activity: Activity): boolean {
  if (activity.is === "job") return true;
  return activity.is === "effect" && (activity.effect.request.do === "start-job" || activity.effect.request.do === "merge");
}

/** An earlier try of a call failed: its reply may be what was lost, and what it spent is settled before the run ends (F:B1). */
function mayBeSpent(activity: Activity): boolean {
  return activity.is === "effect" && activity.effect.request.do === "ask-agent" && activity.effect.tries > 0;
}

/** Asks no step kind: one of them may be what threw. What is in flight is seen to end first, unless that is where it threw. */
function decideDefect(transition: Transition, { code, message }: Extract<Command, { command: "defect" }>): void {
  const { phase } = transition.run;
  const failure: FailureRequest = { kind: "processing", code, message, detail: null };
  if (phase.is === "live") endWith(transition, failure);
  else if (phase.is === "stopping") transition.fail(failure);
}

function decideRelease(transition: Transition): void {
  const held = heldEffect(transition.run);
  if (held !== null) {
    transition.emit({ type: "effect-released", step: transition.run.cursor, key: held.key });
    return;
  }
  if (transition.actor.type === "human") requirePaused(transition.run, held);
}

function decideStop(transition: Transition, command: Extract<Command, { command: "stop" }>): void {
  const { run } = transition;
  requireLive(run);
  if (run.phase.is === "stopping") return;
  if (command.as === "failed") return transition.stopWith({ kind: "cancelled", code: "stopped", message: command.reason, detail: null });
  transition.emit({
    type: "stop-requested",
    then: { is: "cancelled", reason: command.reason.slice(0, 2000) },
  });
}

/** Only a run that rests: with something in flight, that ends first, and the forge is asked again. */
function decideLanded(transition: Transition, merged: MergeRecord): void {
  if (changeAtRest(transition.run) !== null) transition.landed(merged);
}

/** A merge that landed before the stop is recorded all the same: the task is done, whatever becomes of its run. */
function decideStopped(transition: Transition, { at, merged = null, unseen = null }: Extract<Command, { command: "stopped" }>): void {
  const { phase } = transition.run;
  if (phase.is !== "stopping") return;
  if (merged !== null) transition.recordMerge(merged);
  if (unseen !== null) return transition.emit({ type: "run-failed", failure: unseenEnd(transition, phase.then, unseen, at) });
  if (phase.then.is === "cancelled") return transition.emit({ type: "run-cancelled", reason: phase.then.reason });
  const { failure } = phase.then;
  transition.emit({ type: "run-failed", failure: { ...failure, hint: transition.hint(failure) } });
}

/** The failure of a run whose call in flight could not be seen to end: a cancelled one fails as well, so that a person sees it. */
function unseenEnd(transition: Transition, then: StopOutcome, { key, kind }: JobRef, at: number): RunFailure {
  const known = { kind: "cancelled", code: "job_unseen", step: transition.run.cursor } as const;
  const why = then.is === "failed" ? then.failure.message : then.reason;
  const message = `${why}; the end of its ${kind} job (${key}) could not be observed (agents.stopJob): it may still run`;
  return { ...known, message: message.slice(0, 4000), detail: null, hint: transition.hint(known), at };
}
