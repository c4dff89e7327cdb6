/** Every aggregate, once in each list. The compiler finds a change without a handler, and a missing read. */
import type { Changes, StoreReads } from "@millrace/kernel";
import type { MemoryHandlers } from "../draft.js";
import type { MemoryTables } from "../tables.js";
import { auditReads } from "./audit.js";
import { accountChanges, accountReads } from "./accounts.js";
import { activationChanges, activationReads } from "./activations.js";
import { blockChanges, blockReads } from "./blocks.js";
import { deliveryChanges, deliveryReads } from "./deliveries.js";
import { dependencyChanges, dependencyReads } from "./dependencies.js";
import { eventChanges, eventReads } from "./events.js";
import { invitationChanges, invitationReads } from "./invitations.js";
import { mailChanges, mailReads } from "./mails.js";
import { membershipChanges, membershipReads } from "./memberships.js";
import { notificationChanges, notificationReads } from "./notifications.js";
import { outputChanges, outputReads } from "./outputs.js";
import { fragmentChanges, fragmentReads } from "./fragments.js";
import { fragmentDefaultChanges, fragmentDefaultReads } from "./fragment-defaults.js";
import { modelDefaultChanges, modelDefaultReads } from "./model-defaults.js";
import { pipelineLabelChanges, pipelineLabelReads } from "./pipeline-labels.js";
import { pipelineChanges, pipelineReads } from "./pipelines.js";
import { presetChanges, presetReads } from "./presets.js";
import { isExpiredRead, retentionChanges, retentionReads } from "./retention.js";
import { reviewChanges, reviewReads } from "./reviews.js";
import { runChanges, runReads } from "./runs.js";
import { spendChanges, spendReads } from "./spend.js";
import { serviceChanges, serviceReads } from "./services.js";
import { mountChanges, mountReads } from "./mounts.js";
import { removalChanges, removalReads } from "./removals.js";
import { usageChanges, usageReads } from "./usage.js";
import { wakeUpChanges } from "./wakeups.js";
import { workspaceChanges, workspaceErasure, workspaceReads } from "./workspaces.js";
import { landingChanges, landingReads } from "./landings.js";
import { machineJobChanges, machineJobReads } from "./machine-jobs.js";
import { platformEventChanges, platformEventReads } from "./platform-events.js";
import { userChanges, userReads } from "./users.js";
import { mailProofChanges, mailProofReads } from "./mail-proofs.js";
import { sessionChanges, sessionReads } from "./sessions.js";
import { apiTokenChanges, apiTokenReads } from "./api-tokens.js";
import { attemptChanges, attemptReads } from "./attempts.js";
import { signInStateChanges, signInStateReads } from "./sign-in-states.js";
import { requestChanges, requestReads } from "./requests.js";

/** Applies every change, by its tag. */
export const changeHandlers: MemoryHandlers<Changes> = {
  ...workspaceChanges,
  ...workspaceErasure,
  ...accountChanges,
  ...membershipChanges,
  ...invitationChanges,
  ...blockChanges,
  ...pipelineChanges,
  ...pipelineLabelChanges,
  ...modelDefaultChanges,
  ...fragmentChanges,
  ...fragmentDefaultChanges,
  ...presetChanges,
  ...runChanges,
  ...retentionChanges,
  ...eventChanges,
  ...outputChanges,
  ...notificationChanges,
  ...reviewChanges,
  ...spendChanges,
  ...usageChanges,
  ...activationChanges,
  ...wakeUpChanges,
  ...deliveryChanges,
  ...mailChanges,
  ...dependencyChanges,
  ...removalChanges,
  ...serviceChanges,
  ...mountChanges,
  ...landingChanges,
  ...machineJobChanges,
  ...platformEventChanges,
  ...requestChanges,
  ...userChanges,
  ...mailProofChanges,
  ...sessionChanges,
  ...apiTokenChanges,
  ...attemptChanges,
  ...signInStateChanges,
};

/** The reads of the store port. */
export function storeReads(tables: MemoryTables): StoreReads {
  return {
    workspaces: workspaceReads(tables),
    accounts: accountReads(tables),
    memberships: membershipReads(tables),
    invitations: invitationReads(tables),
    blocks: blockReads(tables),
    pipelines: pipelineReads(tables),
    pipelineLabels: pipelineLabelReads(tables),
    modelDefaults: modelDefaultReads(tables),
    fragments: fragmentReads(tables),
    fragmentDefaults: fragmentDefaultReads(tables),
    presets: presetReads(tables),
    runs: runReads(tables),
    events: { ...eventReads(tables), isExpired: isExpiredRead(tables) },
    retention: retentionReads(tables),
    audit: auditReads(tables),
    outputs: outputReads(tables),
    notifications: notificationReads(tables),
    reviews: reviewReads(tables),
    spend: spendReads(tables),
    usage: usageReads(tables),
    activations: activationReads(tables),
    deliveries: deliveryReads(tables),
    mails: mailReads(tables),
    dependencies: dependencyReads(tables),
    removals: removalReads(tables),
    services: serviceReads(tables),
    mounts: mountReads(tables),
    landings: landingReads(tables),
    machineJobs: machineJobReads(tables),
    platformEvents: platformEventReads(tables),
    requests: requestReads(tables),
    users: userReads(tables),
    mailProofs: mailProofReads(tables),
    sessions: sessionReads(tables),
    apiTokens: apiTokenReads(tables),
    attempts: attemptReads(tables),
    signInStates: signInStateReads(tables),
  };
}
