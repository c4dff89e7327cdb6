import type { Run } from "@millrace/contracts";
import { restartIndex } from "../rules/retry-plan.logic.js";
import type { Engine } from "../turn/engine.js";
import { learnOfRun } from "../turn/landing.js";
import { loadRun } from "../turn/run-session.js";
import { bringDown } from "./bring-down.js";
import { prepareTakeUp, takeUp, type TakeUpRequest } from "./take-up.js";

/** `step`: 0-based. */
export interface RestartRequest extends TakeUpRequest {
  readonly step: number;
}

/**
 * Runs a run's pipeline again from a step, as a new run. What could refuse that is asked first; then a live run is stopped.
 * @throws MillraceError `validation` for an index out of range, and as `start`.
 */
export async function restart(engine: Engine, request: RestartRequest): Promise<Run> {
  const before = await loadRun(engine, request);
  const index = restartIndex(before, request.step);
  await learnOfRun(engine, before);
  const prepared = await prepareTakeUp(engine, before, index, request);
  await bringDown(engine, request, `restarted from step ${index + 1}`);
  const old = await loadRun(engine, request);
  return takeUp(engine, old, restartIndex(old, index), prepared, request);
}
