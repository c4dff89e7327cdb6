/**
 * Wake-ups that pg-boss delivers (ADR 17).
 *
 * Owns: when a job is enqueued, and which leases this process holds. Does not own: the rows (`@millrace/store-sql`).
 * 1. The row of a wake-up is the truth: when a run is due, which owner has claimed it, until when. A job only names the row to claim.
 * 2. A commit that makes a run due enqueues its job in the same transaction, unless this process holds the run: then `release` gives
 *    the row back and enqueues what is due next, in one transaction.
 * 3. A job for a run that another process holds is dropped: the release of that process enqueues another one.
 * 4. A due row without a job (its worker died, the queue was lost) is found by a sweep of the rows: whenever the queue is empty, and
 *    every `sweepMs` when it is not.
 */
import { hasPassed, isOfWorkspace, type Change, type Claim, type WakeUps } from "@millrace/kernel";
import type { DueRun, PostgresQuery, PostgresStore, StoreWithMore } from "@millrace/store-sql/postgres";
import { createHeldLeases } from "./held-leases.js";
import type { RunQueue } from "./run-queue.js";
import type { Signals } from "./signals.js";

export interface QueuedWakeUpsOptions {
  readonly sql: Pick<PostgresStore, "store" | "wakeups" | "handOver">;
  readonly queue: RunQueue;
  readonly signals: Pick<Signals, "notifyDue" | "announce">;
  readonly clock: { now(): number };
  /** Time between two sweeps of the rows while the queue is never empty, in ms. Default 5,000. */
  readonly sweepMs?: number;
}

/** The store whose commits enqueue what they make due, and the wake-ups that consume the queue. */
export interface QueuedWakeUps {
  readonly store: StoreWithMore;
  readonly wakeups: WakeUps;
}

const SWEEP_MS = 5000;

export function createQueuedWakeUps(options: QueuedWakeUpsOptions): QueuedWakeUps {
  const { sql, queue, signals, clock, sweepMs = SWEEP_MS } = options;
  const leases = createHeldLeases(clock);
  let sweptAt = Number.NEGATIVE_INFINITY;

  const claimFromQueue = (request: Parameters<WakeUps["claim"]>[0]): Promise<readonly Claim[]> =>
    sql.handOver(async (rows, query) => {
      const runs = await queue.dequeue(query, request.limit);
      if (runs.length === 0) return [];
      const claims = await rows.claim(request, runs);
      // Jobs that came early: the run was moved later since, or the sender's clock was a little ahead of this one.
      if (claims.length < runs.length) await queue.enqueue(query, await rows.early(request.now, runs));
      return claims;
    });

  return {
    store: {
      ...sql.store,
      async commit(changes, { contextOf, more = [] } = {}) {
        const ofWorkspace = isOfWorkspace(changes) ? changes : [];
        const woken = ofWorkspace.flatMap(wakeUpOf);
        const held = woken.filter((run) => leases.has(run));
        const enqueued = woken.filter((run) => !held.includes(run));
        const context = await leases.during(held, async () => {
          const jobs = enqueued.length === 0 ? [] : await queue.enqueueStatements(enqueued);
          const isDue = enqueued.some(({ dueAt }) => dueAt <= clock.now());
          return sql.store.commit(changes, { contextOf, more: [...more, ...jobs, ...(isDue ? [signals.notifyDue] : [])] });
        });
        for (const workspaceId of new Set(ofWorkspace.flatMap(workspaceWithEvents))) signals.announce(workspaceId);
        return context;
      },
    },
    wakeups: {
      ...sql.wakeups,
      async claim(request) {
        // The queue hands out any run: named ones are claimed by their rows alone, and a job that names a claimed row is dropped.
        if (request.only !== undefined) return leases.add(await sql.wakeups.claim(request));
        const claims = request.limit >= 1 && request.leaseMs > 0 ? await claimFromQueue(request) : [];
        const isSweepDue = hasPassed(sweptAt + sweepMs, request.now, sweepMs);
        if (claims.length > 0 && !(isSweepDue && claims.length < request.limit)) return leases.add(claims);
        sweptAt = request.now;
        const swept = await sql.wakeups.claim({ ...request, limit: request.limit - claims.length });
        return leases.add([...claims, ...swept]);
      },
      async renew(claim, leaseUntil) {
        const renewed = await sql.wakeups.renew(claim, leaseUntil);
        if (renewed) leases.add([{ ...claim, leaseUntil }]);
        else leases.drop(claim);
        return renewed;
      },
      async release(claim) {
        // From now on commits of this process enqueue again. Jobs they skipped while it held the lease are covered by the row read below.
        leases.drop(claim);
        await leases.drained(claim);
        await sql.handOver(async (rows, query) => {
          const next = await rows.release(claim);
          if (next !== null) await enqueueAndNotify(query, next);
        });
      },
      releaseOwner: (owner) =>
        sql.handOver(async (rows, query) => {
          const runs = await rows.releaseOwner(owner);
          await queue.enqueue(query, runs);
          if (runs.length > 0) await query(signals.notifyDue.sql, signals.notifyDue.values);
          return runs.length;
        }),
      nudge: (workspaceId, runId, at) =>
        sql.handOver(async (rows, query) => {
          const moved = await rows.nudge({ workspaceId, runId }, at);
          if (moved && !leases.has({ workspaceId, runId })) await enqueueAndNotify(query, { workspaceId, runId, dueAt: at });
          return moved;
        }),
    },
  };

  async function enqueueAndNotify(query: PostgresQuery, run: DueRun): Promise<void> {
    await queue.enqueue(query, [run]);
    if (run.dueAt <= clock.now()) await query(signals.notifyDue.sql, signals.notifyDue.values);
  }
}

function wakeUpOf(change: Change): readonly DueRun[] {
  return change.change === "wake" ? [{ workspaceId: change.workspaceId, runId: change.runId, dueAt: change.at }] : [];
}

/** The workspace whose log the change may add to; none if it adds to no log. */
function workspaceWithEvents(change: Change): readonly string[] {
  switch (change.change) {
    case "append-run-events":
    case "append-board-event":
    case "resolve-notification":
    case "escalate-notification":
      return [change.workspaceId];
    case "raise-notification":
      return [change.notification.workspaceId];
    default:
      return [];
  }
}
