import type { Change, CommitOptions, RunContext, Store } from "@millrace/kernel";
import { createPlanner } from "./commit/plan.js";
import type { SqlConnection } from "./connection.js";
import { activationReads } from "./reads/activation-reads.js";
import { blockReads, pipelineReads, presetReads, workspaceReads } from "./reads/board-reads.js";
import { eventReads } from "./reads/event-reads.js";
import { notificationReads, outputReads } from "./reads/keyed-reads.js";
import { reviewReads } from "./reads/review-reads.js";
import { runReads } from "./reads/run-reads.js";
import { spendReads, usageReads } from "./reads/spend-reads.js";
import { surroundingsOf } from "./reads/surroundings.js";
import type { BoundStatement } from "./statement.js";

export interface SqlCommitOptions extends CommitOptions {
  /** Statements that run after the changes, or none of both does. Like the port's, a commit without changes is nothing. Default none. */
  readonly more?: readonly BoundStatement[];
}

/** The store port, for a host that writes more in the same transaction: a queue in the same database. */
export interface StoreWithMore extends Store {
  commit(changes: readonly Change[], options?: SqlCommitOptions): Promise<RunContext | null>;
}

/** The store port over any SQL connection. */
export function createSqlStore(connection: SqlConnection): StoreWithMore {
  const plan = createPlanner(connection);
  const around = surroundingsOf(connection);
  return {
    workspaces: workspaceReads(connection),
    blocks: blockReads(connection),
    pipelines: pipelineReads(connection),
    presets: presetReads(connection),
    runs: { ...runReads(connection), context: around.read },
    outputs: outputReads(connection),
    notifications: notificationReads(connection),
    reviews: reviewReads(connection),
    spend: spendReads(connection),
    activations: activationReads(connection),
    usage: usageReads(connection),
    events: eventReads(connection),
    async commit(changes, { contextOf: look, more = [] } = {}) {
      const steps = plan(changes, more);
      if (steps.length === more.length) return null;
      if (look !== undefined) return around.of(look, await connection.batch(steps, around.asked(look)));
      await connection.batch(steps);
      return null;
    },
  };
}
