/**
 * The rows of wake-ups, for a queue in the same database that delivers them (ADR 17). Every method is one statement of the caller's
 * transaction.
 */
import type { Claim } from "@millrace/kernel";
import { z } from "zod";

/** Runs one statement. Rejects with the driver's own errors. */
export type PostgresQuery = (text: string, values?: readonly unknown[]) => Promise<{ readonly rows: readonly unknown[] }>;

/** Primary key of a run: ids are unique inside a workspace only. */
export interface RunKey {
  readonly workspaceId: string;
  readonly runId: string;
}

/** A run, and when it is due, in epoch ms. */
export interface DueRun extends RunKey {
  readonly dueAt: number;
}

/** Statements on the wake-ups table for queues that keep the order themselves: rows are the truth, the queue only speeds up. */
export interface WakeUpRows {
  /** Claims those of `runs` that are due at `now` and unclaimed, oldest first. */
  claim(
    request: { readonly owner: string; readonly now: number; readonly leaseMs: number },
    runs: readonly RunKey[],
  ): Promise<readonly Claim[]>;
  /** Those of `runs` that are unclaimed and due later than `now`. */
  early(now: number, runs: readonly RunKey[]): Promise<readonly DueRun[]>;
  /** Gives a claim back if it is still its owner's; when the run is due next, null when it has no wake-up. */
  release(claim: Claim): Promise<DueRun | null>;
  /** Gives back all that an owner holds; when each is due. */
  releaseOwner(owner: string): Promise<readonly DueRun[]>;
  /** Moves a run's wake-up to `at` if it is later; false when the run has none. */
  nudge(run: RunKey, at: number): Promise<boolean>;
}

const rowSchema = z.object({ workspace_id: z.string(), run_id: z.string(), due_at: z.number() });

const AMONG = "(select unnest($1::text[]) as workspace_id, unnest($2::text[]) as run_id) as wanted";
const IS_WANTED = "wakeups.workspace_id = wanted.workspace_id and wakeups.run_id = wanted.run_id";
const ROW = "wakeups.workspace_id, wakeups.run_id, wakeups.due_at";

export function wakeUpRows(query: PostgresQuery): WakeUpRows {
  const rows = async (text: string, values: readonly unknown[]): Promise<readonly DueRun[]> =>
    (await query(text, values)).rows.map((row) => {
      const { workspace_id: workspaceId, run_id: runId, due_at: dueAt } = rowSchema.parse(row);
      return { workspaceId, runId, dueAt };
    });
  const among = (runs: readonly RunKey[]): readonly unknown[] => [
    runs.map(({ workspaceId }) => workspaceId),
    runs.map(({ runId }) => runId),
  ];
  return {
    async claim({ owner, now, leaseMs }, runs) {
      const leaseUntil = now + leaseMs;
      const claimed = await rows(
        `update wakeups set owner = $3, lease_until = $4 from ${AMONG} where ${IS_WANTED} and due_at <= $5 and (owner is null or lease_until <= $5) returning ${ROW}`,
        [...among(runs), owner, leaseUntil, now],
      );
      return claimed.toSorted((a, b) => a.dueAt - b.dueAt).map(({ workspaceId, runId }) => ({ workspaceId, runId, owner, leaseUntil }));
    },
    early: (now, runs) =>
      rows(`select ${ROW} from wakeups join ${AMONG} on ${IS_WANTED} where due_at > $3 and (owner is null or lease_until <= $3)`, [
        ...among(runs),
        now,
      ]),
    async release({ workspaceId, runId, owner }) {
      // Also reads a run that another owner holds by now: its release may have come before the last write of this one.
      const [row] = await rows(
        `update wakeups set owner = case when owner = $3 then null else owner end, lease_until = case when owner = $3 then null else lease_until end where workspace_id = $1 and run_id = $2 returning ${ROW}`,
        [workspaceId, runId, owner],
      );
      return row ?? null;
    },
    releaseOwner: (owner) => rows(`update wakeups set owner = null, lease_until = null where owner = $1 returning ${ROW}`, [owner]),
    async nudge({ workspaceId, runId }, at) {
      const found = await rows(`update wakeups set due_at = least(due_at, $3) where workspace_id = $1 and run_id = $2 returning ${ROW}`, [
        workspaceId,
        runId,
        at,
      ]);
      return found.length > 0;
    },
  };
}
