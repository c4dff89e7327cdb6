/** Refusals of rows that people keep: names that are taken, limits of a list, older revisions. Every store words them alike. */
import { MillraceError } from "./errors.js";

/** `already_exists`: a thing of that id or name is there. */
export function alreadyExists(entity: string, name: string): MillraceError {
  return new MillraceError("already_exists", `${entity} '${name}' exists already`, {
    fix: "choose another one, or change the one that is there",
    details: { entity, name },
  });
}

/** `limit_reached`: `what` are as many as there may be. */
export function limitReached(what: string, max: number): MillraceError {
  return new MillraceError("limit_reached", `there are ${max} ${what} already: that is the limit`, {
    fix: "remove one that is not needed any more",
    details: { what, max },
  });
}

/** `in_use`: something still names it. `by` says what, where it is known. */
export function inUse(entity: string, id: string, by: Readonly<Record<string, string | number | readonly string[]>> = {}): MillraceError {
  return new MillraceError("in_use", `${entity} '${id}' is in use`, {
    fix: `name another ${entity} in its place`,
    details: {
      entity,
      id,
      ...Object.fromEntries(Object.entries(by).map(([name, value]) => [name, typeof value === "object" ? [...value] : value])),
    },
  });
}

/** `stale_revision`: the thing has changed since it was read at revision `expected`. */
export function rowChanged(entity: string, id: string, expected: number): MillraceError {
  return new MillraceError("stale_revision", `${entity} '${id}' is not at revision ${expected} any more`, {
    fix: "read it again and decide again",
    details: { entity, id, expected },
  });
}
