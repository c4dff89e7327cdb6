/** Refusals every store words alike, so that people read the same whatever database they are on. */
import { MillraceError } from "./errors.js";
import type { RunLimit } from "./store/runs.port.js";

export function taskLimitReached(limit: RunLimit): MillraceError {
  const what = limit.taskType === null ? "tasks" : `tasks of type '${limit.taskType}'`;
  return new MillraceError("task_limit", `${limit.max} ${what} of this service are running already: that is its limit`, {
    fix: "Wait until one ends, stop one, or raise the workspace's task limit.",
    details: { serviceId: limit.serviceId, max: limit.max, ...(limit.taskType === null ? {} : { taskType: limit.taskType }) },
  });
}

export function budgetExhausted(scope: string, maxMicros: number): MillraceError {
  const [of = "", name = ""] = scope.split("/");
  return new MillraceError("budget_exhausted", `the budget of ${of} ${name} (${maxMicros / 1_000_000}) does not cover another call`, {
    fix: "Raise the budget and resume the run, or wait until the period ends.",
    details: { scope, maxMicros },
  });
}

export function reviewFrozen(reviewId: string): MillraceError {
  return new MillraceError("review_frozen", `review '${reviewId}' is being worked on or settled: its findings cannot be answered now`, {
    fix: "Look at the review again; answer the findings of its latest iteration.",
    details: { reviewId },
  });
}

/** A block that went on meanwhile cannot be given back. */
export function blockInUse(blockId: string, runId: string): MillraceError {
  return new MillraceError("stale_revision", `block '${blockId}' is not as run '${runId}' left it any more`, {
    fix: "Load it again and decide again.",
    details: { blockId, runId },
  });
}

/** What has landed is not worked on again. */
export function blockMerged(blockId: string): MillraceError {
  return new MillraceError("conflict", `block '${blockId}' is merged already`, {
    fix: "add a new task for further work",
    details: { blockId },
  });
}

/** A commit spans one workspace: two may lie in different databases. */
export function mixedScopes(one: string, other: string): MillraceError {
  return new MillraceError("validation", `a commit changes one workspace, not '${one}' and '${other}'`, {
    fix: "Commit the changes of each workspace by themselves.",
    details: { workspaces: [one, other] },
  });
}

export function unknownCursor(cursor: string): MillraceError {
  return new MillraceError("validation", `'${cursor.slice(0, 100)}' is not a position of this event log`, {
    fix: "Pass the cursor of an event that was read from this log, or start again from its beginning.",
  });
}
