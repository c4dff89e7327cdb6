import type { Store } from "@millrace/kernel";
import { createPlanner } from "./commit/plan.js";
import type { SqlConnection } from "./connection.js";
import { activationReads } from "./reads/activation-reads.js";
import { blockReads, pipelineReads, presetReads, workspaceReads } from "./reads/board-reads.js";
import { eventReads } from "./reads/event-reads.js";
import { notificationReads, outputReads } from "./reads/keyed-reads.js";
import { reviewReads } from "./reads/review-reads.js";
import { runReads } from "./reads/run-reads.js";
import { spendReads, usageReads } from "./reads/spend-reads.js";

/** The store port over any SQL connection. */
export function createSqlStore(connection: SqlConnection): Store {
  const plan = createPlanner(connection);
  return {
    workspaces: workspaceReads(connection),
    blocks: blockReads(connection),
    pipelines: pipelineReads(connection),
    presets: presetReads(connection),
    runs: runReads(connection),
    outputs: outputReads(connection),
    notifications: notificationReads(connection),
    reviews: reviewReads(connection),
    spend: spendReads(connection),
    activations: activationReads(connection),
    usage: usageReads(connection),
    events: eventReads(connection),
    async commit(changes) {
      const steps = changes.flatMap(plan);
      if (steps.length === 0) return;
      await connection.batch([...steps.filter(({ atEnd }) => atEnd !== true), ...steps.filter(({ atEnd }) => atEnd === true)]);
    },
  };
}
