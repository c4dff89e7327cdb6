import type { Claim, Clock, RunKey, WakeUpChanges, WakeUps } from "@millrace/kernel";
import { hasPassed, latestStamp, MillraceError } from "@millrace/kernel";
import type { MemoryHandlers } from "../draft.js";
import { compare } from "../paging.js";
import { needsRun } from "../row-checks.js";
import { keyOf, type MemoryTables, type MemoryWakeUp } from "../tables.js";

export const wakeUpChanges: MemoryHandlers<WakeUpChanges> = {
  wake(draft, { workspaceId, runId, at }) {
    const { wakeups } = draft.tables;
    const key = keyOf(workspaceId, runId);
    const free = { workspaceId, runId, owner: null, leaseUntil: 0 };
    needsRun(draft, workspaceId, runId);
    draft.set(wakeups, key, { ...(wakeups.get(key) ?? free), at, setAt: draft.now });
  },
  unwake: (draft, { workspaceId, runId }) => draft.delete(draft.tables.wakeups, keyOf(workspaceId, runId)),
};

/** A run with a lease that has not ended is not handed out, not even to its owner. */
export function memoryWakeUps({ wakeups }: MemoryTables, clock: Clock): WakeUps {
  const put = (row: MemoryWakeUp): void => void wakeups.set(keyOf(row.workspaceId, row.runId), row);
  const held = (claim: Claim): MemoryWakeUp | null => {
    const row = wakeups.get(keyOf(claim.workspaceId, claim.runId));
    return row !== undefined && row.owner === claim.owner ? row : null;
  };
  const rowsOf = (only: readonly RunKey[] | undefined): readonly MemoryWakeUp[] =>
    only === undefined
      ? [...wakeups.values()]
      : only.flatMap(({ workspaceId, runId }) => {
          const row = wakeups.get(keyOf(workspaceId, runId));
          return row === undefined ? [] : [row];
        });
  return {
    async claim({ owner, now, leaseMs, limit, only }) {
      if (!Number.isInteger(limit) || limit < 1 || !(leaseMs > 0)) {
        throw new MillraceError(
          "validation",
          `a claim needs a limit of at least 1 and a lease longer than 0 ms, not ${limit} and ${leaseMs}`,
          {
            fix: "Do not claim when there are no free hands.",
          },
        );
      }
      const due = rowsOf(only)
        .filter((row) => row.at <= now && isFree(row, now))
        .toSorted(byDue);
      const leaseUntil = now + leaseMs;
      return due.slice(0, limit).map((row) => {
        put({ ...row, owner, leaseUntil });
        return { workspaceId: row.workspaceId, runId: row.runId, owner, leaseUntil };
      });
    },
    async renew(claim, leaseUntil) {
      const row = held(claim);
      if (row !== null) put({ ...row, leaseUntil });
      return row !== null;
    },
    async release(claim) {
      const row = held(claim);
      if (row !== null) put({ ...row, owner: null });
    },
    async leaseOwners() {
      return [...new Set([...wakeups.values()].flatMap(({ owner }) => (owner === null ? [] : [owner])))];
    },
    async releaseOwner(owner) {
      const rows = [...wakeups.values()].filter((row) => row.owner === owner);
      for (const row of rows) put({ ...row, owner: null });
      return rows.length;
    },
    async realign({ now, leaseMs }) {
      const early = [...wakeups.values()].filter(({ setAt }) => setAt > latestStamp(now));
      for (const row of early) put({ ...row, at: Math.min(row.at, now), setAt: now });
      const long = [...wakeups.values()].filter((row) => !isFree(row, now) && hasPassed(row.leaseUntil, now, leaseMs));
      for (const row of long) put({ ...row, leaseUntil: now + leaseMs / 2 });
      return early.length + long.length;
    },
    async nextDueAt(only) {
      const now = clock.now();
      const free = rowsOf(only)
        .filter((row) => isFree(row, now))
        .map((row) => row.at);
      return free.length === 0 ? null : Math.min(...free);
    },
    async nudge(workspaceId, runId, at) {
      const row = wakeups.get(keyOf(workspaceId, runId));
      if (row !== undefined && row.at > at) put({ ...row, at });
      return row !== undefined;
    },
  };
}

function isFree(row: MemoryWakeUp, now: number): boolean {
  return row.owner === null || row.leaseUntil <= now;
}

function byDue(a: MemoryWakeUp, b: MemoryWakeUp): number {
  return a.at - b.at || compare(a.workspaceId, b.workspaceId) || compare(a.runId, b.runId);
}
