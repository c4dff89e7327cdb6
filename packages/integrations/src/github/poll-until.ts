/** Looks until there is something to see; null when there was nothing after the last look. */
export type Settle = <T>(look: () => Promise<T | null>) => Promise<T | null>;

const LOOKS = 20;

/** `wait` resolves after that many ms. */
export function createSettle(wait: (ms: number) => Promise<void>, pauseMs: number): Settle {
  return async (look) => {
    for (let looks = 0; looks < LOOKS; looks += 1) {
      if (looks > 0) await wait(pauseMs);
      const seen = await look();
      if (seen !== null) return seen;
    }
    return null;
  };
}
