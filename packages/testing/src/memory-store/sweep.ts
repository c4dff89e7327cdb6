import { checkLimit, MAX_PAGE } from "./paging.js";

/** Removes rows that are over, at most `limit` (1..200) of them; returns how many. */
export function sweep<Row>(table: Map<string, Row>, isOver: (row: Row) => boolean, limit: number): number {
  const over = [...table].filter(([, row]) => isOver(row)).slice(0, checkLimit(limit, MAX_PAGE));
  for (const [key] of over) table.delete(key);
  return over.length;
}
