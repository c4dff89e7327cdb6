/**
 * The wake-ups of a run that pg-boss delivers (ADR 17).
 *
 * 1. The row of a wake-up is the truth: when a run is due and who works on it until when. A job only says which row to look at.
 * 2. Whoever makes a run due sends its job in the same transaction, except for the process that works on it: its release gives the run
 *    back and sends what is due then, in one transaction.
 * 3. A job for a run that somebody works on is dropped: that one's release sends another.
 * 4. What is due and was sent by nobody (its worker died, its queue was lost) is found by looking at the rows themselves: when the queue
 *    is empty, and every few seconds when it is not.
 */
import type { Change, Claim, WakeUps } from "@millrace/kernel";
import type { DueRun, PostgresStore, StoreWithMore } from "@millrace/store-sql/postgres";
import { createHolds } from "./holds.js";
import type { RunQueue } from "./run-queue.js";
import type { Signals } from "./signals.js";

export interface QueuedWakeUpsOptions {
  readonly sql: Pick<PostgresStore, "store" | "wakeups" | "handOver">;
  readonly queue: RunQueue;
  readonly signals: Pick<Signals, "dueStep" | "announce">;
  readonly clock: { now(): number };
  /** How long rows that nobody sent wait while the queue is never empty, in ms. Default 5,000. */
  readonly sweepMs?: number;
}

/** The store whose commits send what they make due, and the queue's other end. */
export interface QueuedWakeUps {
  readonly store: StoreWithMore;
  readonly wakeups: WakeUps;
}

const SWEEP_MS = 5000;

export function queuedWakeUps(options: QueuedWakeUpsOptions): QueuedWakeUps {
  const { sql, queue, signals, clock, sweepMs = SWEEP_MS } = options;
  const holds = createHolds(clock);
  let sweptAt = Number.NEGATIVE_INFINITY;

  const fromQueue = (request: Parameters<WakeUps["claim"]>[0]): Promise<readonly Claim[]> =>
    sql.handOver(async (rows, query) => {
      const runs = await queue.take(query, request.limit);
      if (runs.length === 0) return [];
      const claims = await rows.claim(request, runs);
      // Moved later since, or sent by a clock a little ahead of ours.
      if (claims.length < runs.length) await queue.send(query, await rows.early(request.now, runs));
      return claims;
    });

  return {
    store: {
      ...sql.store,
      async commit(changes, { contextOf, more = [] } = {}) {
        const woken = changes.flatMap(wakeUpOf);
        const held = woken.filter((run) => holds.has(run));
        const sent = woken.filter((run) => !held.includes(run));
        const around = await holds.during(held, async () => {
          const steps = sent.length === 0 ? [] : await queue.sends(sent);
          const isDue = sent.some(({ dueAt }) => dueAt <= clock.now());
          return sql.store.commit(changes, { contextOf, more: [...more, ...steps, ...(isDue ? [signals.dueStep] : [])] });
        });
        for (const workspaceId of new Set(changes.flatMap(workspaceWithEvents))) signals.announce(workspaceId);
        return around;
      },
    },
    wakeups: {
      ...sql.wakeups,
      async claim(request) {
        const claims = request.limit >= 1 && request.leaseMs > 0 ? await fromQueue(request) : [];
        const isTime = request.now - sweptAt >= sweepMs;
        if (claims.length > 0 && !(isTime && claims.length < request.limit)) return holds.take(claims);
        sweptAt = request.now;
        const swept = await sql.wakeups.claim({ ...request, limit: request.limit - claims.length });
        return holds.take([...claims, ...swept]);
      },
      async renew(claim, leaseUntil) {
        const renewed = await sql.wakeups.renew(claim, leaseUntil);
        if (renewed) holds.take([{ ...claim, leaseUntil }]);
        else holds.drop(claim);
        return renewed;
      },
      async release(claim) {
        // From here on this process sends again; what it did not send before is in the row by then.
        holds.drop(claim);
        await holds.settled(claim);
        await sql.handOver(async (rows, query) => {
          const next = await rows.release(claim);
          if (next !== null) await hand(query, next);
        });
      },
      async releaseDead(isDead) {
        const dead: string[] = [];
        await sql.wakeups.releaseDead((owner) => {
          if (isDead(owner)) dead.push(owner);
          // Given back below, together with the jobs that say so.
          return false;
        });
        let released = 0;
        for (const owner of dead) {
          released += await sql.handOver(async (rows, query) => {
            const runs = await rows.releaseOwner(owner);
            await queue.send(query, runs);
            if (runs.length > 0) await query(signals.dueStep.sql, signals.dueStep.values);
            return runs.length;
          });
        }
        return released;
      },
      nudge: (workspaceId, runId, at) =>
        sql.handOver(async (rows, query) => {
          const moved = await rows.nudge({ workspaceId, runId }, at);
          if (moved && !holds.has({ workspaceId, runId })) await hand(query, { workspaceId, runId, dueAt: at });
          return moved;
        }),
    },
  };

  async function hand(query: Parameters<RunQueue["send"]>[0], run: DueRun): Promise<void> {
    await queue.send(query, [run]);
    if (run.dueAt <= clock.now()) await query(signals.dueStep.sql, signals.dueStep.values);
  }
}

function wakeUpOf(change: Change): readonly DueRun[] {
  return change.change === "wake" ? [{ workspaceId: change.workspaceId, runId: change.runId, dueAt: change.at }] : [];
}

function workspaceWithEvents(change: Change): readonly string[] {
  return change.change === "append-run-events" || change.change === "append-board-event" ? [change.workspaceId] : [];
}
