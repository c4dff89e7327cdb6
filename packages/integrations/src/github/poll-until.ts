/** Calls `read` until it returns something other than null, at most `times` (default 20) times; null if the last call still did. */
export type PollUntil = <T>(read: () => Promise<T | null>, times?: number) => Promise<T | null>;

const MAX_READS = 20;

/** `wait` resolves after that many ms; `intervalMs` is the pause between two reads. */
export function createPollUntil(wait: (ms: number) => Promise<void>, intervalMs: number): PollUntil {
  return async (read, times = MAX_READS) => {
    for (let reads = 0; reads < times; reads += 1) {
      if (reads > 0) await wait(intervalMs);
      const result = await read();
      if (result !== null) return result;
    }
    return null;
  };
}
