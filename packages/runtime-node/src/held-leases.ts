import type { Claim, Clock } from "@millrace/kernel";
import type { RunKey } from "@millrace/store-sql/postgres";

/** The runs this process works on, and its commits about them that are on their way. */
export interface Holds {
  /** Its lease has not run out. */
  has(run: RunKey): boolean;
  take(claims: readonly Claim[]): readonly Claim[];
  drop(run: RunKey): void;
  /** Does `work`, which relies on these runs being held, and lets `settled` wait for it. */
  during<T>(runs: readonly RunKey[], work: () => Promise<T>): Promise<T>;
  /** Resolves when no work that relied on the run is on its way. Never rejects. */
  settled(run: RunKey): Promise<void>;
}

export function createHolds(clock: Clock): Holds {
  const until = new Map<string, number>();
  const working = new Map<string, Set<Promise<unknown>>>();
  return {
    has: (run) => (until.get(nameOf(run)) ?? Number.NEGATIVE_INFINITY) > clock.now(),
    take(claims) {
      for (const claim of claims) until.set(nameOf(claim), claim.leaseUntil);
      return claims;
    },
    drop: (run) => void until.delete(nameOf(run)),
    async during(runs, work) {
      const done = work();
      const names = runs.map(nameOf);
      for (const name of names) working.set(name, (working.get(name) ?? new Set()).add(done));
      try {
        return await done;
      } finally {
        for (const name of names) {
          const others = working.get(name);
          others?.delete(done);
          if (others?.size === 0) working.delete(name);
        }
      }
    },
    async settled(run) {
      const others = working.get(nameOf(run));
      if (others !== undefined) await Promise.allSettled(others);
    },
  };
}

function nameOf({ workspaceId, runId }: RunKey): string {
  return `${workspaceId}/${runId}`;
}
