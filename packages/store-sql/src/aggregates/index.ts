/** Every aggregate, once in each list. The compiler finds a change without a handler, and a missing read. */
import type { Changes, Clock, RunReads, StoreReads } from "@millrace/kernel";
import type { ChangeHandlers } from "../commit/commit-statement.js";
import type { SqlBuilder, SqlConnection } from "../connection.js";
import { commitGuardMigrations } from "../schema/commit-guards/migration.js";
import { inOrder, type Migration } from "../schema/migration.js";
import { activationChanges } from "./activations/changes.js";
import { activationMigrations } from "./activations/migration.js";
import { activationReads } from "./activations/reads.js";
import { blockChanges } from "./blocks/changes.js";
import { blockMigrations } from "./blocks/migration.js";
import { blockReads } from "./blocks/reads.js";
import { deliveryChanges } from "./deliveries/changes.js";
import { deliveryMigrations } from "./deliveries/migration.js";
import { deliveryReads } from "./deliveries/reads.js";
import { eventChanges } from "./events/changes.js";
import { eventMigrations } from "./events/migration.js";
import { eventReads } from "./events/reads.js";
import { notificationChanges } from "./notifications/changes.js";
import { notificationMigrations } from "./notifications/migration.js";
import { notificationReads } from "./notifications/reads.js";
import { outputChanges } from "./outputs/changes.js";
import { outputMigrations } from "./outputs/migration.js";
import { outputReads } from "./outputs/reads.js";
import { fragmentDefaultChanges } from "./fragment-defaults/changes.js";
import { fragmentDefaultMigrations } from "./fragment-defaults/migration.js";
import { fragmentDefaultReads } from "./fragment-defaults/reads.js";
import { fragmentChanges } from "./fragments/changes.js";
import { fragmentMigrations } from "./fragments/migration.js";
import { fragmentReads } from "./fragments/reads.js";
import { modelDefaultChanges } from "./model-defaults/changes.js";
import { modelDefaultMigrations } from "./model-defaults/migration.js";
import { modelDefaultReads } from "./model-defaults/reads.js";
import { pipelineLabelChanges } from "./pipeline-labels/changes.js";
import { pipelineLabelMigrations } from "./pipeline-labels/migration.js";
import { pipelineLabelReads } from "./pipeline-labels/reads.js";
import { pipelineChanges } from "./pipelines/changes.js";
import { pipelineMigrations } from "./pipelines/migration.js";
import { pipelineReads } from "./pipelines/reads.js";
import { presetChanges } from "./presets/changes.js";
import { presetMigrations } from "./presets/migration.js";
import { presetReads } from "./presets/reads.js";
import { pullRequestMigrations } from "./pull-requests/migration.js";
import { reviewChanges } from "./reviews/changes.js";
import { reviewMigrations } from "./reviews/migration.js";
import { reviewReads } from "./reviews/reads.js";
import { runChanges } from "./runs/changes.js";
import { runMigrations } from "./runs/migration.js";
import { runReads } from "./runs/reads.js";
import { spendChanges } from "./spend/changes.js";
import { spendMigrations } from "./spend/migration.js";
import { spendReads } from "./spend/reads.js";
import { usageChanges } from "./usage/changes.js";
import { usageMigrations } from "./usage/migration.js";
import { usageReads } from "./usage/reads.js";
import { wakeUpChanges } from "./wakeups/changes.js";
import { wakeUpMigrations } from "./wakeups/migration.js";
import { workspaceChanges } from "./workspaces/changes.js";
import { workspaceMigrations } from "./workspaces/migration.js";
import { workspaceReads } from "./workspaces/reads.js";
import { landingChanges } from "./landings/changes.js";
import { landingMigrations } from "./landings/migration.js";
import { landingReads } from "./landings/reads.js";
import { machineJobChanges } from "./machine-jobs/changes.js";
import { machineJobMigrations } from "./machine-jobs/migration.js";
import { machineJobReads } from "./machine-jobs/reads.js";
import { platformEventChanges } from "./platform-events/changes.js";
import { platformEventMigrations } from "./platform-events/migration.js";
import { platformEventReads } from "./platform-events/reads.js";
import { requestChanges } from "./requests/changes.js";
import { requestMigrations } from "./requests/migration.js";
import { requestReads } from "./requests/reads.js";

/** All migrations, in the order in which they run. */
export const migrations: readonly Migration[] = inOrder([
  ...commitGuardMigrations,
  ...workspaceMigrations,
  ...blockMigrations,
  ...pipelineMigrations,
  ...pipelineLabelMigrations,
  ...modelDefaultMigrations,
  ...fragmentMigrations,
  ...fragmentDefaultMigrations,
  ...presetMigrations,
  ...runMigrations,
  ...eventMigrations,
  ...outputMigrations,
  ...notificationMigrations,
  ...reviewMigrations,
  ...spendMigrations,
  ...usageMigrations,
  ...activationMigrations,
  ...wakeUpMigrations,
  ...pullRequestMigrations,
  ...deliveryMigrations,
  ...landingMigrations,
  ...machineJobMigrations,
  ...platformEventMigrations,
  ...requestMigrations,
]);

/** The statements of every change. */
export function changeHandlers(builder: SqlBuilder, clock: Clock): ChangeHandlers<Changes> {
  return {
    ...workspaceChanges(builder),
    ...blockChanges(builder, clock),
    ...pipelineChanges(builder),
    ...pipelineLabelChanges(builder),
    ...modelDefaultChanges(builder),
    ...fragmentChanges(builder),
    ...fragmentDefaultChanges(builder),
    ...presetChanges(builder),
    ...runChanges(builder),
    ...eventChanges(builder),
    ...outputChanges(builder),
    ...notificationChanges(builder),
    ...reviewChanges(builder),
    ...spendChanges(builder),
    ...usageChanges(builder),
    ...activationChanges(builder),
    ...wakeUpChanges(builder, clock),
    ...deliveryChanges(builder),
    ...landingChanges(builder),
    ...machineJobChanges(builder),
    ...platformEventChanges(builder),
    ...requestChanges(builder),
  };
}

/** The reads of the store port. */
export function storeReads(connection: SqlConnection, runContext: RunReads["context"]): StoreReads {
  return {
    workspaces: workspaceReads(connection),
    blocks: blockReads(connection),
    pipelines: pipelineReads(connection),
    pipelineLabels: pipelineLabelReads(connection),
    modelDefaults: modelDefaultReads(connection),
    fragments: fragmentReads(connection),
    fragmentDefaults: fragmentDefaultReads(connection),
    presets: presetReads(connection),
    runs: runReads(connection, runContext),
    events: eventReads(connection),
    outputs: outputReads(connection),
    notifications: notificationReads(connection),
    reviews: reviewReads(connection),
    spend: spendReads(connection),
    usage: usageReads(connection),
    activations: activationReads(connection),
    deliveries: deliveryReads(connection),
    landings: landingReads(connection),
    machineJobs: machineJobReads(connection),
    platformEvents: platformEventReads(connection),
    requests: requestReads(connection),
  };
}
