/** Common part of retry and restart: a new run with an old one's definitions, and its results before a step. */
import type { Run } from "@millrace/contracts";
import { requireLastRun } from "../rules/actions.logic.js";
import { stepsFrom, takenUpAt } from "../rules/retry-plan.logic.js";
import type { Engine } from "../turn/engine.js";
import { learnOfBlock } from "../turn/landing.js";
import type { RunAddress } from "../turn/run-session.js";
import { beginRun, prepareRun, readInputFor, type Initiator, type PreparedRun, type RunPlan } from "./new-run.js";

export interface TakeUpRequest extends RunAddress, Initiator {}

/** Everything that may refuse taking an old run up at step `from` (0-based), while that run is still as it was. Its change may have landed. */
export async function prepareTakeUp(engine: Engine, old: Run, from: number, by: Initiator): Promise<PreparedRun> {
  const task = await learnOfBlock(engine, old);
  if (task !== null) requireLastRun(old, task);
  const plan = planOf(engine, old, from);
  return prepareRun(engine, plan, await readInputFor(engine, old, plan.steps), by);
}

/** `old` may have moved since it was prepared: its results are taken as they are now. */
export async function takeUp(engine: Engine, old: Run, from: number, prepared: PreparedRun, by: Initiator): Promise<Run> {
  const plan = planOf(engine, old, from);
  return beginRun(engine, { ...prepared, plan }, await readInputFor(engine, old, plan.steps), by);
}

function planOf({ ports, registries }: Engine, old: Run, wanted: number): RunPlan {
  const from = ports.environments.isOn ? takenUpAt(old, wanted, registries.stepKinds) : wanted;
  return {
    pipeline: old.pipeline,
    steps: stepsFrom(old, from, registries),
    cursor: from,
    supersedes: old.id,
    pullRequest: old.pullRequest,
    estimate: old.estimate,
  };
}
