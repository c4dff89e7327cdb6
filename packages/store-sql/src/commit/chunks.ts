import type { Dialect } from "../dialect.js";

/** Rows of one statement at most. A statement is compiled for every number of rows; this keeps them few. */
const MAX_ROWS = 32;

/** Items in lists of as many as one statement may have rows, given the parameters each row binds. */
export function chunksFor<Item>(
  { maxParameters }: Dialect,
  parametersPerRow: number,
  items: readonly Item[],
): readonly (readonly Item[])[] {
  const size = Math.max(1, Math.min(MAX_ROWS, Math.floor(maxParameters / parametersPerRow)));
  return Array.from({ length: Math.ceil(items.length / size) }, (_, index) => items.slice(index * size, (index + 1) * size));
}
