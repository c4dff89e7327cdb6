/** pg-boss as the queue of due runs (ADR 17). A job names the run to claim and carries nothing else. */
import { logFailure, MillraceError, type Log } from "@millrace/kernel";
import type { BoundStatement, DueRun, PostgresQuery, RunKey, SqlValue } from "@millrace/store-sql/postgres";
import { PgBoss, type Db } from "pg-boss";
import { z } from "zod";

export interface RunQueue {
  /** The statements that enqueue a job for each of these runs, for the transaction of a caller. */
  enqueueStatements(runs: readonly DueRun[]): Promise<readonly BoundStatement[]>;
  /** Enqueues a job for each of these runs in the transaction of `query`. */
  enqueue(query: PostgresQuery, runs: readonly DueRun[]): Promise<void>;
  /** Takes up to `limit` due jobs and deletes them in the transaction of `query`: a rollback leaves them in the queue. */
  dequeue(query: PostgresQuery, limit: number): Promise<readonly RunKey[]>;
  stop(): Promise<void>;
}

const QUEUE = "due-runs";
const jobSchema = z.object({ workspaceId: z.string(), runId: z.string() });
const valuesSchema = z.array(z.union([z.string(), z.number(), z.null()]));
/** A run may sleep for months; the sweep finds a run whose job has expired. */
const YEAR_S = 365 * 24 * 3600;

/**
 * Opens the queue in a schema of its own, which is made when missing.
 *
 * @throws MillraceError `unavailable` when the database cannot be reached.
 */
export async function openRunQueue(options: {
  readonly schema: string;
  readonly query: PostgresQuery;
  readonly log: Log;
}): Promise<RunQueue> {
  const { query, log } = options;
  // Without pg-boss's maintenance timers: a job is fetched and deleted in one transaction, so no job ever expires, is archived or is retried.
  const boss = new PgBoss({ schema: options.schema, db: database(query), supervise: false, schedule: false });
  boss.on("error", (error) => logFailure(log, "queue-failed", error));
  const stop = (): Promise<void> => boss.stop({ graceful: false, close: false });
  try {
    await boss.start();
    await boss.createQueue(QUEUE, { policy: "standard", retentionSeconds: YEAR_S });
  } catch (error) {
    await stop().catch(() => undefined);
    throw error;
  }
  const insert = (db: Db, runs: readonly DueRun[]): Promise<unknown> =>
    boss.insert(
      QUEUE,
      runs.map(({ workspaceId, runId, dueAt }) => ({ data: { workspaceId, runId }, startAfter: new Date(dueAt) })),
      { db },
    );
  return {
    async enqueueStatements(runs) {
      const statements: BoundStatement[] = [];
      const recorder = database(async (text, values = []) => {
        statements.push({ sql: text, values: bindable(values) });
        return { rows: [] };
      });
      await insert(recorder, runs);
      return statements;
    },
    async enqueue(within, runs) {
      if (runs.length > 0) await insert(database(within), runs);
    },
    async dequeue(within, limit) {
      const db = database(within);
      const jobs = await boss.fetch(QUEUE, { batchSize: limit, db });
      if (jobs.length === 0) return [];
      await boss.deleteJob(
        QUEUE,
        jobs.map(({ id }) => id),
        { db },
      );
      const runs = new Map(jobs.map(({ data }) => jobSchema.parse(data)).map((run) => [`${run.workspaceId}/${run.runId}`, run]));
      return [...runs.values()];
    },
    stop,
  };
}

function database(query: PostgresQuery): Db {
  return {
    async executeSql(text, values = []) {
      const { rows } = await query(text, values);
      return { rows: [...rows] };
    },
  };
}

function bindable(values: readonly unknown[]): readonly SqlValue[] {
  const parsed = valuesSchema.safeParse(values);
  if (parsed.success) return parsed.data;
  throw new MillraceError("internal", "the queue binds a value that a commit cannot carry");
}
