import type { Claim, Clock } from "@millrace/kernel";
import type { RunKey } from "@millrace/store-sql/postgres";

/** The leases this process holds, and its work in flight that relies on them. */
export interface HeldLeases {
  /** True while this process holds the run and the lease has not ended. */
  has(run: RunKey): boolean;
  /** Records new or renewed claims and returns them. */
  add(claims: readonly Claim[]): readonly Claim[];
  drop(run: RunKey): void;
  /** Runs `work`, which relies on these runs being held; `drained` waits for it. */
  during<T>(runs: readonly RunKey[], work: () => Promise<T>): Promise<T>;
  /** Resolves when no work that relies on the run is in flight. Never rejects. */
  drained(run: RunKey): Promise<void>;
}

export function createHeldLeases(clock: Clock): HeldLeases {
  const leaseUntil = new Map<string, number>();
  const inFlight = new Map<string, Set<Promise<unknown>>>();
  return {
    has: (run) => (leaseUntil.get(keyOf(run)) ?? Number.NEGATIVE_INFINITY) > clock.now(),
    add(claims) {
      for (const claim of claims) leaseUntil.set(keyOf(claim), claim.leaseUntil);
      return claims;
    },
    drop: (run) => void leaseUntil.delete(keyOf(run)),
    async during(runs, work) {
      const done = work();
      const keys = runs.map(keyOf);
      for (const key of keys) inFlight.set(key, (inFlight.get(key) ?? new Set()).add(done));
      try {
        return await done;
      } finally {
        for (const key of keys) {
          const others = inFlight.get(key);
          others?.delete(done);
          if (others?.size === 0) inFlight.delete(key);
        }
      }
    },
    async drained(run) {
      const work = inFlight.get(keyOf(run));
      if (work !== undefined) await Promise.allSettled(work);
    },
  };
}

function keyOf({ workspaceId, runId }: RunKey): string {
  return `${workspaceId}/${runId}`;
}
