/** Refusals about dependencies, worded alike by every store. */
import { MillraceError } from "./errors.js";
import { MAX_DEPENDENCIES } from "./store/dependencies.port.js";

/** `cycle`: the task would wait for itself. `path` goes from the task to itself; a store knows its ends only. */
export function dependencyCycle(path: readonly string[]): MillraceError {
  return new MillraceError("cycle", `a task would wait for itself: ${path.join(" waits for ")}`, {
    fix: "remove one of these dependencies first",
    details: { path: [...path] },
  });
}

/** `already_exists`: the task waits for that one already. */
export function dependencyThere(blockId: string, onId: string): MillraceError {
  return new MillraceError("already_exists", `task '${blockId}' waits for '${onId}' already`, { details: { blockId, onId } });
}

/** `limit_reached`: the task waits for as many as it may. */
export function tooManyDependencies(blockId: string): MillraceError {
  return new MillraceError("limit_reached", `task '${blockId}' waits for ${MAX_DEPENDENCIES} others, and may for no more`, {
    fix: "remove a dependency first, or depend on a task that waits for the others",
    details: { blockId, count: "dependencies", limit: MAX_DEPENDENCIES },
  });
}
