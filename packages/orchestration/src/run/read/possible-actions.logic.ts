/** What can be done with a run now: the guards of the actions, asked without acting. */
import type { Block, PossibleAction, Run, RunActions } from "@millrace/contracts";
import { isMillraceError } from "@millrace/kernel";
import { heldEffect, openWait } from "../model/due.logic.js";
import { requireLastRun, requireLive, requireMergeable, requireOpenWait, requirePaused } from "../rules/actions.logic.js";
import { retryIndex } from "../rules/retry-plan.logic.js";

/** `task`: the block that the run is of, as it is now. */
export function possibleActions(run: Run, task: Block): RunActions {
  return {
    stop: ask(() => requireLive(run)),
    cancel: { can: true },
    retry: ask(() => {
      retryIndex(run);
      requireLastRun(run, task);
    }),
    restart: ask(() => requireLastRun(run, task)),
    resume: ask(() => void requirePaused(run, heldEffect(run))),
    answer: ask(() => void requireOpenWait(run, openWait(run), null)),
    merge: ask(() => void requireMergeable(task)),
  };
}

function ask(guard: () => void): PossibleAction {
  try {
    guard();
    return { can: true };
  } catch (error) {
    if (!isMillraceError(error)) throw error;
    return { can: false, code: error.code, because: error.message, fix: error.fix };
  }
}
