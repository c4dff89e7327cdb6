/**
 * Group commit: commits of this process that wait while others are on their way share a transaction.
 *
 * Owns: the waiting commits and their answers. Does not own: transactions, which are `PostgresConnection`'s.
 * 1. A caller learns that its commit landed only after its transaction has ended.
 * 2. A refused commit does not affect the others: the transaction is rolled back and each runs alone. That is rare; savepoints would be
 *    paid for by every group.
 * 3. When the connection is lost, the outcome of every commit of its group is unknown.
 * 4. A lone commit does not wait for company. Several wait for a free lane: they share one wait for the disk, and the server keeps fewer
 *    connections warm.
 */
import type { QueryConfig } from "pg";
import type { CommitStatement } from "../commit/commit-statement.js";
import type { Answer } from "./read-queue.js";

/** The statements of one commit, and the read that follows them. */
export interface Commit {
  readonly statements: readonly CommitStatement[];
  readonly read: QueryConfig | null;
}

/** Outcome of a commit: it landed, with the answer to its read; or it failed, perhaps with an unknown outcome. */
export type Outcome<Failure> = Failed<Failure> | { readonly is: "landed"; readonly answer: Answer | null };

/** Outcome of several commits in one transaction: their answers, in their order. */
export type GroupOutcome<Failure> = Failed<Failure> | { readonly is: "landed"; readonly answers: readonly (Answer | null)[] };

export interface Failed<Failure> {
  readonly is: "failed";
  readonly failure: Failure;
}

interface Waiting<Failure> {
  readonly commit: Commit;
  readonly resolve: (outcome: Outcome<Failure> | Promise<Outcome<Failure>>) => void;
}

export interface CommitQueueOptions<Failure> {
  /** Tries one transaction, once. Rejects only when there is no connection to send it on. */
  readonly together: (commits: readonly Commit[]) => Promise<GroupOutcome<Failure>>;
  /** Runs one commit by itself, again for as long as it loses to others. */
  readonly alone: (commit: Commit) => Promise<Outcome<Failure>>;
  /** True when the commit may have landed: it must not be sent again. */
  readonly isUnknown: (failure: Failure) => boolean;
}

/** Groups under way at a time. While the server works on one, this process prepares the next. */
const LANES = 2;
/** Commits of a group at most: a long transaction holds readers of the log back. */
const MAX_GROUP = 32;

export class CommitQueue<Failure> {
  readonly #options: CommitQueueOptions<Failure>;
  #waiting: Waiting<Failure>[] = [];
  #lanes = 0;
  #isScheduled = false;

  constructor(options: CommitQueueOptions<Failure>) {
    this.#options = options;
  }

  /** Rejects only when there is no connection to send it on. */
  add(commit: Commit): Promise<Outcome<Failure>> {
    const { promise, resolve } = Promise.withResolvers<Outcome<Failure>>();
    this.#waiting.push({ commit, resolve });
    this.#schedule();
    return promise;
  }

  #schedule(): void {
    if (this.#isScheduled || this.#lanes >= LANES) return;
    this.#isScheduled = true;
    setImmediate(() => {
      this.#isScheduled = false;
      this.#next();
    });
  }

  #next(): void {
    if (this.#waiting.length === 0 || this.#lanes >= LANES) return;
    const group = this.#waiting.slice(0, MAX_GROUP);
    this.#waiting = this.#waiting.slice(MAX_GROUP);
    this.#lanes += 1;
    void this.#land(group).finally(() => {
      this.#lanes -= 1;
      if (this.#waiting.length > 0) this.#schedule();
    });
    if (this.#waiting.length > 0) this.#schedule();
  }

  async #land(group: readonly Waiting<Failure>[]): Promise<void> {
    const { together, alone, isUnknown } = this.#options;
    const [first] = group;
    if (group.length === 1 && first !== undefined) {
      const landed = alone(first.commit);
      first.resolve(landed);
      await landed.catch(() => null);
      return;
    }
    const outcome = await together(group.map(({ commit }) => commit)).catch((error: unknown) => ({ is: "unsent" as const, error }));
    for (const [index, { commit, resolve }] of group.entries()) {
      if (outcome.is === "unsent") resolve(Promise.reject(outcome.error));
      else if (outcome.is === "landed") resolve({ is: "landed", answer: outcome.answers[index] ?? null });
      else resolve(isUnknown(outcome.failure) ? outcome : alone(commit));
    }
  }
}
