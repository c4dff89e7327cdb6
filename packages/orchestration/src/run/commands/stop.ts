import type { Actor, Run } from "@millrace/contracts";
import type { Engine } from "../turn/engine.js";
import type { RunAddress } from "../turn/run-session.js";
import { runCommand } from "./run-command.js";

/** Input of `stop`: the run, who stops it, and what it becomes once its job was seen to end (promise P9). */
export interface StopRequest extends RunAddress {
  /** `failed` can be retried, `cancelled` gives the block back to the plan. */
  readonly as: "failed" | "cancelled";
  readonly reason: string;
  readonly actor: Actor;
}

/**
 * Asks a run to stop. It is `stopping` until the exit of what it had in flight was observed (promise P9).
 * @throws MillraceError `not_found`, `run_not_live`.
 */
export async function stop(engine: Engine, request: StopRequest): Promise<Run> {
  const { as, reason, actor } = request;
  const run = await runCommand(engine, request, { command: "stop", at: engine.ports.clock.now(), actor, as, reason });
  engine.inFlight.abort(request.runId);
  return run;
}
