/** Another engine that does steps durably. */
export interface Peer {
  readonly name: string;
  /** Seconds that `runs` runs of `STEPS_PER_RUN` steps that do nothing take, `atOnce` at a time. */
  run(runs: number, atOnce: number): Promise<number>;
}

/** Connections of each engine's pool: one for each run at a time, and a few for what it does beside them. */
export const POOL_SIZE = 20;

/** Seconds until `count` pieces of work are done, `atOnce` at a time. */
export async function timed(count: number, atOnce: number, work: () => Promise<void>): Promise<number> {
  let left = count;
  const started = performance.now();
  const hand = async (): Promise<void> => {
    while (left-- > 0) await work();
  };
  await Promise.all(Array.from({ length: atOnce }, hand));
  return (performance.now() - started) / 1000;
}
