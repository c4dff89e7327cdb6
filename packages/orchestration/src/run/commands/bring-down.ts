import type { Actor } from "@millrace/contracts";
import { isMillraceError, MillraceError } from "@millrace/kernel";
import { isLive } from "../model/due.logic.js";
import type { Engine } from "../turn/engine.js";
import { loadRun, RunSession, type RunAddress } from "../turn/run-session.js";
import { endUnreadable } from "../turn/end-unreadable.js";
import { boundedTurn } from "../turn/bounded-turn.js";
import { stop } from "./stop.js";

/** Turns that one stop may take. */
const MAX_STOP_TURNS = 50;

/** Address of the run, and who brings it down. */
export interface BringDownRequest extends RunAddress {
  readonly actor: Actor;
}

/**
 * Stops a live run and sees it end. One that cannot be read is ended as failed.
 * @throws MillraceError `conflict` when it does not end, or while a merge of it is under way in this process; `stored_shape_newer`.
 */
export async function bringDown(engine: Engine, request: BringDownRequest, reason: string): Promise<void> {
  try {
    await stopAndSee(engine, request, reason);
  } catch (error) {
    if (!isMillraceError(error, "stored_shape_invalid")) throw error;
    await endUnreadable(engine, request, error);
  }
}

async function stopAndSee(engine: Engine, request: BringDownRequest, reason: string): Promise<void> {
  let run = await loadRun(engine, request);
  if (!isLive(run)) return;
  if (run.phase.is === "live") run = await stop(engine, { ...request, as: "cancelled", reason });
  for (let turns = 0; isLive(run) && turns < MAX_STOP_TURNS; turns += 1) {
    await boundedTurn(engine, new RunSession(engine, request, { isDriver: true }));
    run = await loadRun(engine, request);
    if (isLive(run) && engine.inFlight.isMerging(run.id))
      throw new MillraceError("conflict", `the merge of run '${run.id}' is under way: its stop waits for the outcome`, {
        fix: `look again in a moment, with: millrace show ${run.id}`,
      });
  }
  if (isLive(run))
    throw new MillraceError("conflict", `run '${run.id}' did not stop`, {
      fix: `look at its job with: millrace logs ${run.id}`,
    });
}
