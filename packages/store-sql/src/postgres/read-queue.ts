/**
 * Sends the reads of one turn of the event loop in one packet: the server and this process wake each other once.
 *
 * 1. A read is answered as of a moment after it was added.
 * 2. The same read added twice in a turn is sent once; both callers get its rows.
 * 3. A read does not wait for company: a packet holds the reads added in one turn of the event loop.
 * 4. A read that fails does not affect the others; with a lost connection all reads of its packet fail.
 */
import type { QueryConfig } from "pg";

/** The rows, or the error; `error` is null for an answer. */
export interface Answer {
  readonly error: unknown;
  readonly rows: readonly Readonly<Record<string, unknown>>[];
}

interface Waiting {
  readonly query: QueryConfig;
  readonly answer: Promise<Answer>;
  readonly resolve: (answer: Promise<Answer>) => void;
}

/** Reads of a packet at most: the last of them waits for the others. */
const MAX_PACKET = 64;

export class ReadQueue {
  readonly #ask: (queries: readonly QueryConfig[], until: number) => Promise<readonly Answer[]>;
  #waiting = new Map<string, Waiting>();
  #until = 0;

  /** `ask` sends its queries in one packet and answers in their order; it may look for a connection until `until`. */
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
