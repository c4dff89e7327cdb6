/** Runs tasks of one key one after the other, of different keys side by side. */
export class KeyedQueue {
  readonly #last = new Map<string, Promise<unknown>>();

  run<T>(key: string, task: () => Promise<T>): Promise<T> {
    const previous = this.#last.get(key) ?? Promise.resolve();
    const next = previous.then(task, task);
    this.#last.set(key, next);
    const forget = (): void => {
      if (this.#last.get(key) === next) this.#last.delete(key);
    };
    next.then(forget, forget);
    return next;
  }

  /** Resolves when nothing is running. */
  async idle(): Promise<void> {
    await Promise.allSettled(this.#last.values());
  }
}
