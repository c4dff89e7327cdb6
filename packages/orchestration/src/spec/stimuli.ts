/** Commands for the decider, bound to the current state of the run. */
import type { HumanAnswer, Run } from "@millrace/contracts";
import { currentStep, openWait } from "../run/model/due.logic.js";
import type { Command, EffectResult } from "../run/model/command.js";
import { ENGINE } from "../platform/actor.logic.js";
import { testUser } from "./defaults.js";

/** Makes the commands for the state that `run` is in at `now` (ms). */
export type Stimulus = (run: Run, now: number) => readonly Command[];

/** Key of the effect or job in the run's state; empty when there is none. */
export function keyOf(run: Run): string {
  const { activity } = currentStep(run);
  return activity.is === "effect" ? activity.effect.key : activity.is === "job" ? activity.job.key : "";
}

/** The effect or job in the state returns. `lookedMs`: time in which it was looked at so far, in ms; default: not known. */
export function returns(result: EffectResult, lookedMs?: number): Stimulus {
  return (run, at) => [
    { command: "returned", at, actor: ENGINE, key: keyOf(run), result, ...(lookedMs === undefined ? {} : { lookedMs }) },
  ];
}

/** The job that the run asks for is started, and returns. */
export function jobReturns(result: EffectResult): Stimulus {
  return (run, at) => [
    ...returns({ of: "start-job", handle: { key: keyOf(run), ref: "ref", model: null } })(run, at),
    ...returns(result)(run, at),
  ];
}

/** The effect, or the poll of the job, fails. `passing`: it is worth trying again. Default code: `model_failed`. */
export function fails(passing: boolean, code = "model_failed"): Stimulus {
  return (run, at) => [{ command: "failed", at, actor: ENGINE, key: keyOf(run), code, message: "broken", passing }];
}

/** The time of the pause has come. */
export function releases(): Stimulus {
  return (_run, at) => [{ command: "release", at, actor: ENGINE }];
}

/** The job or gate was waited for longer than its patience. */
export function timesOut(message = "too long"): Stimulus {
  return (run, at) => [{ command: "timed-out", at, actor: ENGINE, key: keyOf(run), message }];
}

/** A user who saw what the open wait shows answers it. Default: `testUser`. */
export function answers(answer: HumanAnswer, userId: string = testUser.id): Stimulus {
  return (run, at) => {
    const wait = openWait(run);
    return [{ command: "answer", at, actor: { type: "human", id: userId }, wait: wait?.id ?? "", subject: wait?.subject ?? "", answer }];
  };
}

/** `testUser` stops the run. */
export function stops(as: "failed" | "cancelled", reason = "enough"): Stimulus {
  return (_run, at) => [{ command: "stop", at, actor: testUser, as, reason }];
}

/** Whatever a stopping run had in flight has ended. */
export function hasStopped(): Stimulus {
  return (_run, at) => [{ command: "stopped", at, actor: ENGINE }];
}
