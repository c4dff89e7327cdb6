/**
 * Writes the latest of a series of values: one write at a time, and those that came meanwhile but the last are left out, so that a talkative
 * agent costs no more than the disk can take. A failed write is ignored; the next value is written again.
 */
export class LatestValue<T> {
  readonly #write: (value: T) => Promise<void>;
  #next: { readonly value: T } | null = null;
  #writing: Promise<void> | null = null;

  constructor(write: (value: T) => Promise<void>) {
    this.#write = write;
  }

  set(value: T): void {
    this.#next = { value };
    this.#writing ??= this.#drain();
  }

  /** Resolves when the latest value was written. */
  async idle(): Promise<void> {
    await this.#writing;
  }

  async #drain(): Promise<void> {
    for (let next = this.#next; next !== null; next = this.#next) {
      this.#next = null;
      await this.#write(next.value).catch(() => {});
    }
    this.#writing = null;
  }
}
