/** Writes the newest of the values it is given: at most one write runs and one value waits, however many arrive. */
export interface NewestWriter<T> {
  put(value: T): void;
  /** Resolves when nothing waits and no write runs. Never rejects. */
  idle(): Promise<void>;
}

/** Values are for display: a failed write is ignored. */
export function newestWriter<T>(write: (value: T) => Promise<void>): NewestWriter<T> {
  let waiting: { readonly value: T } | null = null;
  let running: Promise<void> | null = null;
  const drain = async (): Promise<void> => {
    for (let next = waiting; next !== null; next = waiting) {
      waiting = null;
      await write(next.value).catch(() => {});
    }
    running = null;
  };
  return {
    put(value) {
      waiting = { value };
      running ??= drain();
    },
    idle: () => running ?? Promise.resolve(),
  };
}
