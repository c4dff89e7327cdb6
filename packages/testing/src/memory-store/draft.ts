import type { MemoryTables } from "./tables.js";

/**
 * The writes of one commit, each with what undoes it. Changes are applied in order, so that a later one
 * sees the earlier ones, exactly as in a transaction; the first refusal takes all of them back.
 */
export class Draft {
  readonly tables: MemoryTables;
  readonly #undo: (() => void)[] = [];
  readonly #checks: (() => void)[] = [];

  constructor(tables: MemoryTables) {
    this.tables = tables;
  }

  set<Key, Row>(table: Map<Key, Row>, key: Key, row: Row): void {
    const before = table.get(key);
    this.#undo.push(before === undefined ? () => table.delete(key) : () => table.set(key, before));
    table.set(key, row);
  }

  /** The row comes back at the end of its table: nothing here may rely on the order of rows that can be deleted. */
  delete<Key, Row>(table: Map<Key, Row>, key: Key): void {
    const before = table.get(key);
    if (before === undefined) return;
    this.#undo.push(() => table.set(key, before));
    table.delete(key);
  }

  /** Checked when everything is applied: the order of a commit's changes is the caller's. */
  atEnd(check: () => void): void {
    this.#checks.push(check);
  }

  finish(): void {
    for (const check of this.#checks) check();
  }

  undo(): void {
    for (const step of this.#undo.toReversed()) step();
  }
}
