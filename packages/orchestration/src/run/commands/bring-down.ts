import type { Actor, Run } from "@millrace/contracts";
import { MillraceError } from "@millrace/kernel";
import { isLive } from "../model/due.logic.js";
import type { Engine } from "../turn/engine.js";
import { loadRun, RunSession, type RunAddress } from "../turn/run-session.js";
import { boundedTurn } from "../turn/bounded-turn.js";
import { stop } from "./stop.js";

/** Turns that one stop may take. */
const MAX_STOP_TURNS = 50;

/**
 * Stops a live run and sees it end.
 * @throws MillraceError `conflict` when it does not end, or while a merge of it is under way in this process.
 */
export async function bringDown(engine: Engine, request: RunAddress & { readonly actor: Actor }, reason: string): Promise<Run> {
  let run = await loadRun(engine, request);
  if (!isLive(run)) return run;
  if (run.phase.is === "live") run = await stop(engine, { ...request, as: "cancelled", reason });
  for (let turns = 0; isLive(run) && turns < MAX_STOP_TURNS; turns += 1) {
    await boundedTurn(engine, new RunSession(engine, request, { isDriver: true }));
    run = await loadRun(engine, request);
    if (isLive(run) && engine.inFlight.isMerging(run.id))
      throw new MillraceError("conflict", `the merge of run '${run.id}' is under way: its stop waits for the outcome`, {
        fix: "look again in a moment, with: millrace show",
      });
  }
  if (isLive(run)) throw new MillraceError("conflict", `run '${run.id}' did not stop`, { fix: "look at its job with: millrace logs" });
  return run;
}
