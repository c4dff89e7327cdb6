/** Keyed queue: tasks with the same key run one after the other, in call order; other tasks run concurrently. */
export interface KeyedQueue {
  /** Resolves or rejects as `task` does. A task that failed does not stop the ones queued behind it. */
  run<T>(key: string, task: () => Promise<T>): Promise<T>;
}

/** The queue lives in this process only; it holds nothing for a key without tasks. */
export function createKeyedQueue(): KeyedQueue {
  const tails = new Map<string, Promise<unknown>>();
  return {
    run(key, task) {
      const previous = tails.get(key) ?? Promise.resolve();
      const result = previous.then(task, task);
      const tail = result
        .catch(() => undefined)
        .finally(() => {
          if (tails.get(key) === tail) tails.delete(key);
        });
      tails.set(key, tail);
      return result;
    },
  };
}
