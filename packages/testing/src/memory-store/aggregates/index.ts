/** Every aggregate, once in each list. The compiler finds a change without a handler, and a missing read. */
import type { Changes, StoreReads } from "@millrace/kernel";
import type { MemoryHandlers } from "../draft.js";
import type { MemoryTables } from "../tables.js";
import { activationChanges, activationReads } from "./activations.js";
import { blockChanges, blockReads } from "./blocks.js";
import { deliveryChanges, deliveryReads } from "./deliveries.js";
import { eventChanges, eventReads } from "./events.js";
import { notificationChanges, notificationReads } from "./notifications.js";
import { outputChanges, outputReads } from "./outputs.js";
import { fragmentChanges, fragmentReads } from "./fragments.js";
import { fragmentDefaultChanges, fragmentDefaultReads } from "./fragment-defaults.js";
import { modelDefaultChanges, modelDefaultReads } from "./model-defaults.js";
import { pipelineLabelChanges, pipelineLabelReads } from "./pipeline-labels.js";
import { pipelineChanges, pipelineReads } from "./pipelines.js";
import { presetChanges, presetReads } from "./presets.js";
import { reviewChanges, reviewReads } from "./reviews.js";
import { runChanges, runReads } from "./runs.js";
import { spendChanges, spendReads } from "./spend.js";
import { usageChanges, usageReads } from "./usage.js";
import { wakeUpChanges } from "./wakeups.js";
import { workspaceChanges, workspaceReads } from "./workspaces.js";
import { landingChanges, landingReads } from "./landings.js";
import { machineJobChanges, machineJobReads } from "./machine-jobs.js";
import { platformEventChanges, platformEventReads } from "./platform-events.js";
import { requestChanges, requestReads } from "./requests.js";

/** Applies every change, by its tag. */
export const changeHandlers: MemoryHandlers<Changes> = {
  ...workspaceChanges,
  ...blockChanges,
  ...pipelineChanges,
  ...pipelineLabelChanges,
  ...modelDefaultChanges,
  ...fragmentChanges,
  ...fragmentDefaultChanges,
  ...presetChanges,
  ...runChanges,
  ...eventChanges,
  ...outputChanges,
  ...notificationChanges,
  ...reviewChanges,
  ...spendChanges,
  ...usageChanges,
  ...activationChanges,
  ...wakeUpChanges,
  ...deliveryChanges,
  ...landingChanges,
  ...machineJobChanges,
  ...platformEventChanges,
  ...requestChanges,
};

/** The reads of the store port. */
export function storeReads(tables: MemoryTables): StoreReads {
  return {
    workspaces: workspaceReads(tables),
    blocks: blockReads(tables),
    pipelines: pipelineReads(tables),
    pipelineLabels: pipelineLabelReads(tables),
    modelDefaults: modelDefaultReads(tables),
    fragments: fragmentReads(tables),
    fragmentDefaults: fragmentDefaultReads(tables),
    presets: presetReads(tables),
    runs: runReads(tables),
    events: eventReads(tables),
    outputs: outputReads(tables),
    notifications: notificationReads(tables),
    reviews: reviewReads(tables),
    spend: spendReads(tables),
    usage: usageReads(tables),
    activations: activationReads(tables),
    deliveries: deliveryReads(tables),
    landings: landingReads(tables),
    machineJobs: machineJobReads(tables),
    platformEvents: platformEventReads(tables),
    requests: requestReads(tables),
  };
}
