export interface Slots {
  /** Waits for a free slot; null when the signal fires first. Disposing the slot frees it. */
  readonly take: (signal: AbortSignal) => Promise<Disposable | null>;
}

/** At most `count` holders at a time, first come first served. */
export function createSlots(count: number): Slots {
  let free = count;
  const waiting: (() => void)[] = [];
  const slot = (): Disposable => ({
    [Symbol.dispose]() {
      const next = waiting.shift();
      // The slot is handed over, not freed: a newcomer must not slip in between.
      if (next === undefined) free += 1;
      else next();
    },
  });
  return {
    take(signal) {
      if (signal.aborted) return Promise.resolve(null);
      if (free > 0) {
        free -= 1;
        return Promise.resolve(slot());
      }
      return new Promise((resolve) => {
        const granted = () => {
          signal.removeEventListener("abort", aborted);
          resolve(slot());
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
