/**
 * A turn that always leaves the run somewhere (F:C6). What the world throws goes to the driver, which comes back later; what the engine
 * itself throws would be thrown again at every try, so the run ends failed, with a notification.
 * 1. A decision that throws ends the run by a command that asks no step kind.
 * 2. A run that cannot be read, or that even that command cannot end, is ended by a write that decodes nothing.
 * 3. A run that a newer Millrace wrote is left to it (`stored_shape_newer`).
 */
import { isMillraceError, logFailure } from "@millrace/kernel";
import { ENGINE } from "../../platform/actor.logic.js";
import type { TurnResult } from "./commit.js";
import { DecisionDefect } from "./defect.js";
import { endUnreadable } from "./end-unreadable.js";
import type { Engine } from "./engine.js";
import type { RunSession } from "./run-session.js";
import { turn } from "./turn.js";

export async function boundedTurn(engine: Engine, session: RunSession): Promise<TurnResult> {
  try {
    return await turn(engine, session);
  } catch (error) {
    if (isMillraceError(error, "stored_shape_invalid")) return endUnreadable(engine, session.address, error);
    if (!(error instanceof DecisionDefect)) throw error;
    return endDefective(engine, session, error);
  }
}

async function endDefective(engine: Engine, session: RunSession, defect: DecisionDefect): Promise<TurnResult> {
  const { runId } = session.address;
  logFailure(engine.ports.log, "decision-failed", defect.cause, { runId });
  const at = engine.ports.clock.now();
  try {
    return await session.execute({ command: "defect", at, actor: ENGINE, ...failureOf(defect) });
  } catch (error) {
    if (!(error instanceof DecisionDefect)) throw error;
    return endUnreadable(engine, session.address, defect.cause);
  }
}

function failureOf({ cause }: DecisionDefect): { readonly code: string; readonly message: string } {
  const text = cause instanceof Error ? cause.message : "unknown error";
  const fix = isMillraceError(cause) && cause.fix !== null ? `; ${cause.fix}` : "";
  return { code: "decision_failed", message: `the engine could not decide what comes next: ${text}${fix}` };
}
