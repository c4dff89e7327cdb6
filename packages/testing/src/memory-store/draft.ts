import type { MemoryTables } from "./tables.js";

/** Applies every change of an aggregate to a draft, by its tag. A refusal is thrown; the caller undoes the draft. */
export type MemoryHandlers<AggregateChanges> = {
  readonly [Tag in keyof AggregateChanges]: (draft: Draft, change: AggregateChanges[Tag]) => void;
};

/**
 * The writes of one commit, each with its undo. Changes are applied in order, so that a later one
 * sees the earlier ones, exactly as in a transaction; the first refusal undoes all of them.
 */
export class Draft {
  readonly tables: MemoryTables;
  /** Time of the commit, in epoch ms. */
  readonly now: number;
  readonly #undo: (() => void)[] = [];
  readonly #checks: (() => void)[] = [];

  constructor(tables: MemoryTables, now: number) {
    this.tables = tables;
    this.now = now;
  }

  set<Key, Row>(table: Map<Key, Row>, key: Key, row: Row): void {
    const before = table.get(key);
    this.#undo.push(before === undefined ? () => table.delete(key) : () => table.set(key, before));
    table.set(key, row);
  }

  /** Undone, the row is at the end of its table: nothing here may rely on the order of rows that can be deleted. */
  delete<Key, Row>(table: Map<Key, Row>, key: Key): void {
    const before = table.get(key);
    if (before === undefined) return;
    this.#undo.push(() => table.set(key, before));
    table.delete(key);
  }

  /** Checks after all changes are applied: the order of a commit's changes is the caller's. */
  defer(check: () => void): void {
    this.#checks.push(check);
  }

  finish(): void {
    for (const check of this.#checks) check();
  }

  undo(): void {
    for (const step of this.#undo.toReversed()) step();
  }
}
