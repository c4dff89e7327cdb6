/**
 * Reads that are asked for in one turn of the event loop, in one packet: the server and this process wake each other once.
 *
 * 1. A read is answered as of a moment after it was asked for.
 * 2. The same read asked for twice in a turn is sent once; both get its rows.
 * 3. Nothing waits for company: a packet is who asked before the event loop came round.
 * 4. A read that fails does not touch the others; with a lost connection all of its packet fail.
 */
import type { QueryConfig } from "pg";

/** `error` null: it was answered. */
export interface Answer {
  readonly error: unknown;
  readonly rows: readonly Readonly<Record<string, unknown>>[];
}

interface Waiting {
  readonly query: QueryConfig;
  readonly answer: Promise<Answer>;
  readonly resolve: (answer: Promise<Answer>) => void;
}

/** Reads of a packet: the last of them waits for the others. */
const MAX_PACKET = 64;

export class ReadQueue {
  readonly #ask: (queries: readonly QueryConfig[], until: number) => Promise<readonly Answer[]>;
  #waiting = new Map<string, Waiting>();
  #until = 0;

  /** `ask` sends all of its queries and answers in their order; `until` is how long it may look for a connection. */
  constructor(ask: (queries: readonly QueryConfig[], until: number) => Promise<readonly Answer[]>) {
    this.#ask = ask;
  }

  add(query: QueryConfig & { readonly name: string }, until: number): Promise<Answer> {
    const key = JSON.stringify([query.name, query.values]);
    const same = this.#waiting.get(key);
    if (same !== undefined) return same.answer;
    const { promise, resolve } = Promise.withResolvers<Answer>();
    this.#waiting.set(key, { query, answer: promise, resolve });
    this.#until = Math.max(this.#until, until);
    if (this.#waiting.size === 1) setImmediate(() => this.#send());
    if (this.#waiting.size === MAX_PACKET) this.#send();
    return promise;
  }

  #send(): void {
    if (this.#waiting.size === 0) return;
    const packet = [...this.#waiting.values()];
    this.#waiting = new Map();
    const answers = this.#ask(
      packet.map(({ query }) => query),
      this.#until,
    );
    for (const [index, { resolve }] of packet.entries()) resolve(answers.then((all) => all[index] ?? unanswered()));
  }
}

function unanswered(): never {
  throw new TypeError("a packet has an answer for each of its reads");
}
