import { MillraceError } from "@millrace/kernel";

/**
 * The limit, if it is a whole number in `1..max`.
 * @throws MillraceError `validation`.
 */
export function checkLimit(limit: number, max: number): number {
  if (Number.isInteger(limit) && limit >= 1 && limit <= max) return limit;
  throw new MillraceError("validation", `limit must be a whole number from 1 to ${max}, not ${limit}`, {
    fix: `Ask for 1 to ${max} rows a page.`,
    details: { limit, max },
  });
}

/** Error of an `after` that names no row: an empty page would look like the end of the list. */
export function unknownAfter(after: string): MillraceError {
  return new MillraceError("validation", `'${after}' is not a row of this list`, {
    fix: "Pass the id of the last row of the page before, or leave it out to start again.",
    details: { after },
  });
}

export const MAX_PAGE = 200;
export const MAX_EVENTS = 1000;
