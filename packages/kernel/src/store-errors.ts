/** Refusals that every store words alike, so that people read the same on every database. */
import type { Block } from "@millrace/contracts";
import { MillraceError } from "./errors.js";
import type { RunLimit } from "./store/runs.port.js";

/** `task_limit`: the service has `max` live runs already. */
export function taskLimitReached(limit: RunLimit): MillraceError {
  const what = limit.taskType === null ? "tasks" : `tasks of type '${limit.taskType}'`;
  return new MillraceError("task_limit", `${limit.max} ${what} of this service are running already: that is its limit`, {
    fix: "Wait until one ends, stop one, or raise the workspace's task limit.",
    details: { serviceId: limit.serviceId, max: limit.max, ...(limit.taskType === null ? {} : { taskType: limit.taskType }) },
  });
}

/** A cap in words, by the kind of its scope; the setting that changes it is `budget.<kind>`. */
const CAPS: Readonly<Record<string, string>> = { month: "monthly budget", task: "budget per task", run: "budget per run" };

/** `budget_exhausted`: a reservation does not fit under the cap of `scope`. `maxMicros` in millionths. */
export function budgetExhausted(scope: string, maxMicros: number): MillraceError {
  const [of = "", name = ""] = scope.split("/");
  const cap = (maxMicros / 1_000_000).toFixed(2);
  return new MillraceError(
    "budget_exhausted",
    `the ${CAPS[of] ?? `budget of ${of}`} of ${cap} does not cover another call of ${of} ${name}`,
    {
      fix: `Raise it with: millrace config set budget.${of} <amount>`,
      details: { scope, maxMicros },
    },
  );
}

/** `review_frozen`: findings of a review that is being worked on, or is closed, cannot be answered. */
export function reviewFrozen(reviewId: string): MillraceError {
  return new MillraceError("review_frozen", `review '${reviewId}' is being worked on or closed: its findings cannot be answered now`, {
    fix: "Look at the review again; answer the findings of its latest iteration.",
    details: { reviewId },
  });
}

/** `stale_revision`: a block that moved on meanwhile cannot be given back to the plan. */
export function blockInUse(blockId: string, runId: string): MillraceError {
  return new MillraceError("stale_revision", `block '${blockId}' is not as run '${runId}' left it any more`, {
    fix: "Load it again and decide again.",
    details: { blockId, runId },
  });
}

/** `stale_revision`: the block has changed since it was read at revision `expected`; `revision` is the one it has now, where that is known. */
export function blockChanged(blockId: string, expected: number, revision?: number): MillraceError {
  return new MillraceError("stale_revision", `block '${blockId}' is not at revision ${expected} any more`, {
    fix: "Load it again and decide again.",
    details: { blockId, expected, ...(revision === undefined ? {} : { revision }) },
  });
}

/** `limit_reached`: a board has as many blocks of a level as it may have. */
export function boardFull({ level }: Pick<Block, "level">, max: number): MillraceError {
  const what = level === "task" ? "open tasks" : `${level}s`;
  return new MillraceError("limit_reached", `the board has ${max} ${what} already: that is its limit`, {
    fix: level === "task" ? "Finish or remove some first, or use another board." : "Remove one first, or use another board.",
    details: { level, max },
  });
}

/** `conflict`: another module of the service has that name in its map. */
export function blueprintKeyTaken(blockId: string): MillraceError {
  return new MillraceError("conflict", `the service has a module already that its map calls like block '${blockId}'`, {
    fix: "Read the modules again and decide again.",
    details: { blockId },
  });
}

/** `conflict`: another block of its level and parent stands at the position of a new one. */
export function placeTaken({ id, parentId }: Pick<Block, "id" | "parentId">): MillraceError {
  return new MillraceError("conflict", `the position of block '${id}' is taken`, {
    fix: "Choose another position.",
    details: { blockId: id, parentId },
  });
}

/** `run_in_progress`: a live run works on the block. */
export function runInProgress(blockId: string): MillraceError {
  return new MillraceError("run_in_progress", `block '${blockId}' has a live run already`, {
    fix: `wait until it ends, or stop it first: millrace stop ${blockId}`,
    details: { blockId },
  });
}

/** `not_found`: a block that was taken off the board gets no new run. */
export function blockRemoved(blockId: string): MillraceError {
  return new MillraceError("not_found", `block '${blockId}' was removed from the board`, {
    fix: "add a new task for further work",
    details: { blockId },
  });
}

/** `conflict`: a merged block gets no new run. */
export function blockMerged(blockId: string): MillraceError {
  return new MillraceError("conflict", `block '${blockId}' is merged already`, {
    fix: "add a new task for further work",
    details: { blockId },
  });
}

/** `validation`: a commit names two scopes, which may lie in different databases. */
export function mixedScopes(one: string, other: string): MillraceError {
  return new MillraceError("validation", `a commit changes one workspace or the host, not '${one}' and '${other}'`, {
    fix: "Commit the changes of each by themselves.",
    details: { scopes: [one, other] },
  });
}

/** `validation`: a cursor that this log never gave out. The message quotes at most 100 characters of it. */
export function unknownCursor(cursor: string): MillraceError {
  return new MillraceError("validation", `'${cursor.slice(0, 100)}' is not a position of this event log`, {
    fix: "Pass the cursor of an event that was read from this log, or start again from its beginning.",
  });
}

/** Refusal to fold answers into a document while findings are open. */
export function findingsOpen(reviewId: string): MillraceError {
  return new MillraceError("validation", `a finding of the review '${reviewId}' is open`, {
    fix: "answer, resolve or dismiss it first",
    details: { reviewId },
  });
}

/** `stale_revision`: a workspace, or its settings, changed since they were read. */
export function staleWorkspace(id: string, what: "workspace" | "settings of workspace"): MillraceError {
  return new MillraceError("stale_revision", `${what} '${id}' changed since it was read`, {
    fix: "Load it again and decide again.",
    details: { id },
  });
}

/** `limit_reached`: the account has `max` workspaces already. */
export function workspaceLimitReached(max: number): MillraceError {
  return new MillraceError("limit_reached", `the account has ${max} workspaces: that is its limit`, {
    fix: "Delete a workspace that is not needed any more, or use another account.",
    details: { count: "workspaces", max },
  });
}

/** `validation`: a text that is no position of a list. */
export function unknownPosition(after: string): MillraceError {
  return new MillraceError("validation", `'${after}' is no position of this list`, {
    fix: "Pass what the page before gave, or leave it out to start again.",
    details: { after },
  });
}

/** `conflict`: a workspace that still has rows is not removed. */
export function workspaceInUse(id: string): MillraceError {
  return new MillraceError("conflict", `workspace '${id}' still has rows: they are erased first`, {
    fix: "Erase them, and remove it again.",
    details: { id },
  });
}
