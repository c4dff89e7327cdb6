/**
 * Batches that are asked for in one turn of the event loop, in one transaction: the disk is waited for once.
 *
 * Owns: who waits, and who is told what. Does not own: transactions, which are `SqliteConnection`'s.
 * 1. A caller is told that its batch is in only after the commit that has it.
 * 2. A refused batch does not touch the others: the group is rolled back and each runs alone, in the same order. That is
 *    rare and costs no more than never having grouped them; savepoints would be paid for by every group.
 * 3. Batches run in the order in which they were asked for.
 * 4. Nothing waits for company: a group is who asked before the event loop came round or the next statement was run.
 */
import { isMillraceError } from "@millrace/kernel";
import type { Step } from "../connection.js";

interface Waiting {
  readonly steps: readonly Step[];
  readonly resolve: () => void;
  readonly reject: (error: unknown) => void;
}

/** So that a burst does not keep the event loop, or the database's write lock, for long. */
const MAX_GROUP = 64;

export class BatchQueue {
  readonly #run: (steps: readonly Step[]) => void;
  #waiting: Waiting[] = [];

  /** `run` does all of its steps in one transaction, or throws and has done none. */
  constructor(run: (steps: readonly Step[]) => void) {
    this.#run = run;
  }

  add(steps: readonly Step[]): Promise<void> {
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    this.#waiting.push({ steps, resolve, reject });
    if (this.#waiting.length === 1) setImmediate(() => this.#next());
    return promise;
  }

  /** Runs whatever waits, now: the connection is about to be read, or closed. */
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

  /** False when each has to learn alone whose fault it was and what it means. */
  #together(group: readonly Waiting[]): boolean {
    try {
      this.#run(group.flatMap(({ steps }) => steps));
    } catch (error) {
      if (!isMillraceError(error, "database_busy")) return false;
      // Waiting for the lock has blocked the event loop once, for all of them.
      for (const { reject } of group) reject(error);
      return true;
    }
    for (const { resolve } of group) resolve();
    return true;
  }

  #alone({ steps, resolve, reject }: Waiting): void {
    try {
      this.#run(steps);
      resolve();
    } catch (error) {
      reject(error);
    }
  }
}
