/**
 * Commits of this process on a few connections: those that wait while others are on their way share a transaction.
 *
 * Owns: who waits, and who is told what. Does not own: transactions, which are `PostgresConnection`'s.
 * 1. A caller is told that its commit is in only after the transaction that has it has ended.
 * 2. A refused commit does not touch the others: the transaction is undone and each runs alone. That is rare; savepoints would be paid
 *    for by every group.
 * 3. With a lost connection, what happened to every commit of its group is unknown.
 * 4. A lone commit waits for nobody. Several wait for a free lane: the disk is waited for once for all of them, and the server keeps fewer
 *    connections warm.
 */
import type { QueryConfig } from "pg";
import type { Step } from "../connection.js";
import type { Answer } from "./read-queue.js";

/** The steps of one commit, and what is asked when they are in. */
export interface Commit {
  readonly steps: readonly Step[];
  readonly then: QueryConfig | null;
}

/** What became of a commit: it is in, with the answer to what was asked then; or not, or nobody knows. */
export type Outcome<Failure> = Failed<Failure> | { readonly is: "in"; readonly answer: Answer | null };

/** What became of several in one transaction: their answers, in their order. */
export type GroupOutcome<Failure> = Failed<Failure> | { readonly is: "in"; readonly answers: readonly (Answer | null)[] };

export interface Failed<Failure> {
  readonly is: "failed";
  readonly failure: Failure;
}

interface Waiting<Failure> {
  readonly commit: Commit;
  readonly resolve: (outcome: Outcome<Failure> | Promise<Outcome<Failure>>) => void;
}

export interface CommitQueueOptions<Failure> {
  /** One attempt of a transaction. Never rejects for what the server says. */
  readonly together: (commits: readonly Commit[]) => Promise<GroupOutcome<Failure>>;
  /** A commit by itself, sent again for as long as it loses to others. */
  readonly alone: (commit: Commit) => Promise<Outcome<Failure>>;
  /** It may have happened: nobody may send it again. */
  readonly isUnknown: (failure: Failure) => boolean;
}

/** Groups on their way at a time. While the server works on one, this process works on the next. */
const LANES = 2;
/** So that a burst does not make one long transaction, which holds readers of the log back. */
const MAX_GROUP = 32;

export class CommitQueue<Failure> {
  readonly #options: CommitQueueOptions<Failure>;
  #waiting: Waiting<Failure>[] = [];
  #lanes = 0;
  #isCalled = false;

  constructor(options: CommitQueueOptions<Failure>) {
    this.#options = options;
  }

  /** What became of it. Rejects only when there is no connection to send it on. */
  add(commit: Commit): Promise<Outcome<Failure>> {
    const { promise, resolve } = Promise.withResolvers<Outcome<Failure>>();
    this.#waiting.push({ commit, resolve });
    this.#call();
    return promise;
  }

  #call(): void {
    if (this.#isCalled || this.#lanes >= LANES) return;
    this.#isCalled = true;
    setImmediate(() => {
      this.#isCalled = false;
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
      if (this.#waiting.length > 0) this.#call();
    });
    if (this.#waiting.length > 0) this.#call();
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
      else if (outcome.is === "in") resolve({ is: "in", answer: outcome.answers[index] ?? null });
      else resolve(isUnknown(outcome.failure) ? outcome : alone(commit));
    }
  }
}
