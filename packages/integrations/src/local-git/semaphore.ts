/** Counting semaphore with fair order: permits are granted in the order of the calls. */
export interface Semaphore {
  /** Waits for a permit; null if the signal fires first. Disposing the permit releases it. */
  readonly acquire: (signal: AbortSignal) => Promise<Disposable | null>;
}

/** `permits` is the number of holders at the same time. */
export function createSemaphore(permits: number): Semaphore {
  let free = permits;
  const waiting: (() => void)[] = [];
  const permit = (): Disposable => ({
    [Symbol.dispose]() {
      const next = waiting.shift();
      // The permit passes to the next waiter directly, so that a later call cannot take it first.
      if (next === undefined) free += 1;
      else next();
    },
  });
  return {
    acquire(signal) {
      if (signal.aborted) return Promise.resolve(null);
      if (free > 0) {
        free -= 1;
        return Promise.resolve(permit());
      }
      return new Promise((resolve) => {
        const granted = () => {
          signal.removeEventListener("abort", aborted);
          resolve(permit());
        };
        const aborted = () => {
          waiting.splice(waiting.indexOf(granted), 1);
          resolve(null);
        };
        signal.addEventListener("abort", aborted, { once: true });
        waiting.push(granted);
      });
    },
  };
}
