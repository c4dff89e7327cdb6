import type { Run } from "@millrace/contracts";
import { retryIndex } from "../rules/retry-plan.logic.js";
import type { Engine } from "../turn/engine.js";
import { loadRun } from "../turn/run-session.js";
import { prepareTakeUp, takeUp, type TakeUpRequest } from "./take-up.js";

/**
 * Takes a failed run up again at its first unfinished step, as a new run.
 * @throws MillraceError `conflict` unless it failed, and as `start`.
 */
export async function retry(engine: Engine, request: TakeUpRequest): Promise<Run> {
  const old = await loadRun(engine, request);
  const from = retryIndex(old);
  return takeUp(engine, old, from, await prepareTakeUp(engine, old, from, request), request);
}
