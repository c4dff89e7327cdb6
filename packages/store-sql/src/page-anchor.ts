import { unknownAfter } from "./page.logic.js";

/** Positions before every row of a list that is oldest first, and of one that is newest first. */
export const OLDEST: Anchor = { anchor_at: -1, anchor_id: "" };
export const NEWEST: Anchor = { anchor_at: Number.MAX_SAFE_INTEGER, anchor_id: "" };

/** Start of a page: the position of the last row of the page before. */
export type Anchor = { readonly anchor_at: number; readonly anchor_id: string };

/**
 * Position of the row `after`; `start` without one.
 * @throws MillraceError `validation` when it is no row of the list.
 */
export async function anchorOf(
  after: string | undefined,
  start: Anchor,
  find: (id: string) => Promise<readonly { readonly created_at: number }[]>,
): Promise<Anchor> {
  if (after === undefined) return start;
  const [row] = await find(after);
  if (row === undefined) throw unknownAfter(after);
  return { anchor_at: row.created_at, anchor_id: after };
}
