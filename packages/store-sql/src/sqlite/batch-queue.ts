/**
 * Group commit: runs the batches of one turn of the event loop in one transaction, which waits for the disk once.
 *
 * Owns: the waiting batches and their answers. Does not own: transactions, which are `SqliteConnection`'s.
 * 1. A caller learns that its batch landed only after the COMMIT that contains it.
 * 2. A refused batch does not affect the others: the group is rolled back and each runs alone, in the same order. That is
 *    rare and costs no more than never having grouped them; savepoints would be paid for by every group.
 * 3. Batches run in the order in which they were added.
 * 4. A batch does not wait for company: a group holds the batches added until the event loop turns or the next read runs.
 */
import { isMillraceError } from "@millrace/kernel";
import type { CommitStatement } from "../commit/commit-statement.js";

interface Waiting {
  readonly statements: readonly CommitStatement[];
  readonly resolve: () => void;
  readonly reject: (error: unknown) => void;
}

/** Batches of a group at most: a burst should not hold the event loop, or the database's write lock, for long. */
const MAX_GROUP = 64;

export class BatchQueue {
  readonly #run: (statements: readonly CommitStatement[]) => void;
  #waiting: Waiting[] = [];

  /** `run` runs all its statements in one transaction, or throws and has run none. */
  constructor(run: (statements: readonly CommitStatement[]) => void) {
    this.#run = run;
  }

  add(statements: readonly CommitStatement[]): Promise<void> {
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    this.#waiting.push({ statements, resolve, reject });
    if (this.#waiting.length === 1) setImmediate(() => this.#next());
    return promise;
  }

  /** Runs all waiting batches now: the connection is about to be read, or closed. */
  flush(): void {
    while (this.#waiting.length > 0) this.#commit(this.#take());
  }

  #next(): void {
    if (this.#waiting.length === 0) return;
    this.#commit(this.#take());
    if (this.#waiting.length > 0) setImmediate(() => this.#next());
  }

  #take(): readonly Waiting[] {
    const group = this.#waiting.slice(0, MAX_GROUP);
    this.#waiting = this.#waiting.slice(MAX_GROUP);
    return group;
  }

  #commit(group: readonly Waiting[]): void {
    if (group.length > 1 && this.#together(group)) return;
    for (const one of group) this.#alone(one);
  }

  /** False when a batch was refused: each then runs alone, to learn which one and why. */
  #together(group: readonly Waiting[]): boolean {
    try {
      this.#run(group.flatMap(({ statements }) => statements));
    } catch (error) {
      if (!isMillraceError(error, "database_busy")) return false;
      // Waiting for the lock blocked the event loop once, for all of them.
      for (const { reject } of group) reject(error);
      return true;
    }
    for (const { resolve } of group) resolve();
    return true;
  }

  #alone({ statements, resolve, reject }: Waiting): void {
    try {
      this.#run(statements);
      resolve();
    } catch (error) {
      reject(error);
    }
  }
}
