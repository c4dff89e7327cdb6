/** Lists are sorted on demand: this store is for tests, not for a million rows. */
import type { Page } from "@millrace/kernel";
import { MillraceError } from "@millrace/kernel";
import { copyOf } from "./copy.logic.js";

/** Rows of a page at most. */
export const MAX_PAGE = 200;

/** One page of sorted rows, as copies. `after` may name a row that no longer matches: its position in the order counts. */
export function paged<Row extends { readonly id: string }>(
  sorted: readonly Row[],
  page: Page,
  matches: (row: Row) => boolean = () => true,
): readonly Row[] {
  const limit = checkLimit(page.limit, MAX_PAGE);
  const { after } = page;
  const position = after === undefined ? -1 : sorted.findIndex((row) => row.id === after);
  if (after !== undefined && position < 0) {
    throw new MillraceError("validation", `'${after}' is not a row of this list`, {
      fix: "Pass the id of the last row of the page before, or leave it out to start again.",
      details: { after },
    });
  }
  return copyOf(
    sorted
      .slice(position + 1)
      .filter(matches)
      .slice(0, limit),
  );
}

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

/** A copy of a row, or null. */
export function copyOrNull<T>(value: T | undefined): T | null {
  return value === undefined ? null : copyOf(value);
}

export function oldestFirst(
  a: { readonly createdAt: number; readonly id: string },
  b: { readonly createdAt: number; readonly id: string },
): number {
  return a.createdAt - b.createdAt || byId(a, b);
}

export function byId(a: { readonly id: string }, b: { readonly id: string }): number {
  return compare(a.id, b.id);
}

export function compare(a: string, b: string): number {
  if (a === b) return 0;
  return a < b ? -1 : 1;
}
