/** Every aggregate, once in each list. The compiler finds a change without a handler, and a missing read. */
import type { Changes, Clock, RunReads, StoreReads } from "@millrace/kernel";
import type { ChangeHandlers } from "../commit/commit-statement.js";
import type { SqlBuilder, SqlConnection } from "../connection.js";
import { commitGuardMigrations } from "../schema/commit-guards/migration.js";
import { inOrder, type Migration } from "../schema/migration.js";
import { tablesOfWorkspaces } from "../schema/tables-of-workspaces.js";
import { auditMigrations } from "./audit/migration.js";
import { auditOfWorkspaces } from "./audit/reads.js";
import { accountChanges } from "./accounts/changes.js";
import { accountMigrations } from "./accounts/migration.js";
import { accountReads } from "./accounts/reads.js";
import { activationChanges } from "./activations/changes.js";
import { activationMigrations } from "./activations/migration.js";
import { activationReads } from "./activations/reads.js";
import { blockChanges } from "./blocks/changes.js";
import { blockMigrations } from "./blocks/migration.js";
import { blockReads } from "./blocks/reads.js";
import { deliveryChanges } from "./deliveries/changes.js";
import { deliveryMigrations } from "./deliveries/migration.js";
import { deliveryReads } from "./deliveries/reads.js";
import { mountChanges } from "./mounts/changes.js";
import { mountMigrations } from "./mounts/migration.js";
import { mountReads } from "./mounts/reads.js";
import { serviceChanges } from "./services/changes.js";
import { serviceMigrations } from "./services/migration.js";
import { serviceReads } from "./services/reads.js";
import { removalChanges } from "./removals/changes.js";
import { removalMigrations } from "./removals/migration.js";
import { removalReads } from "./removals/reads.js";
import { dependencyChanges } from "./dependencies/changes.js";
import { dependencyMigrations } from "./dependencies/migration.js";
import { dependencyReads } from "./dependencies/reads.js";
import { eventChanges } from "./events/changes.js";
import { eventMigrations } from "./events/migration.js";
import { eventReads } from "./events/reads.js";
import { invitationChanges } from "./invitations/changes.js";
import { invitationMigrations } from "./invitations/migration.js";
import { invitationReads } from "./invitations/reads.js";
import { mailChanges } from "./mails/changes.js";
import { mailMigrations } from "./mails/migration.js";
import { mailReads } from "./mails/reads.js";
import { membershipChanges } from "./memberships/changes.js";
import { membershipMigrations } from "./memberships/migration.js";
import { membershipReads } from "./memberships/reads.js";
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
import { retentionChanges } from "./retention/changes.js";
import { retentionMigrations } from "./retention/migration.js";
import { isExpiredRead, retentionReads } from "./retention/reads.js";
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
import { workspaceErasure } from "./workspaces/erase.js";
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
import { auditOfAccounts, platformEventReads } from "./platform-events/reads.js";
import { userChanges } from "./users/changes.js";
import { userMigrations } from "./users/migration.js";
import { userReads } from "./users/reads.js";
import { mailProofChanges } from "./mail-proofs/changes.js";
import { mailProofMigrations } from "./mail-proofs/migration.js";
import { mailProofReads } from "./mail-proofs/reads.js";
import { sessionChanges } from "./sessions/changes.js";
import { sessionMigrations } from "./sessions/migration.js";
import { sessionReads } from "./sessions/reads.js";
import { apiTokenChanges } from "./api-tokens/changes.js";
import { apiTokenMigrations } from "./api-tokens/migration.js";
import { apiTokenReads } from "./api-tokens/reads.js";
import { attemptChanges } from "./attempts/changes.js";
import { attemptMigrations } from "./attempts/migration.js";
import { attemptReads } from "./attempts/reads.js";
import { signInStateChanges } from "./sign-in-states/changes.js";
import { signInStateMigrations } from "./sign-in-states/migration.js";
import { signInStateReads } from "./sign-in-states/reads.js";
import { requestChanges } from "./requests/changes.js";
import { requestMigrations } from "./requests/migration.js";
import { requestReads } from "./requests/reads.js";

/** All migrations, in the order in which they run. */
export const migrations: readonly Migration[] = inOrder([
  ...commitGuardMigrations,
  ...workspaceMigrations,
  ...accountMigrations,
  ...membershipMigrations,
  ...invitationMigrations,
  ...blockMigrations,
  ...pipelineMigrations,
  ...pipelineLabelMigrations,
  ...modelDefaultMigrations,
  ...fragmentMigrations,
  ...fragmentDefaultMigrations,
  ...presetMigrations,
  ...runMigrations,
  ...eventMigrations,
  ...auditMigrations,
  ...retentionMigrations,
  ...outputMigrations,
  ...notificationMigrations,
  ...reviewMigrations,
  ...spendMigrations,
  ...usageMigrations,
  ...activationMigrations,
  ...wakeUpMigrations,
  ...pullRequestMigrations,
  ...deliveryMigrations,
  ...mailMigrations,
  ...dependencyMigrations,
  ...removalMigrations,
  ...serviceMigrations,
  ...mountMigrations,
  ...landingMigrations,
  ...machineJobMigrations,
  ...platformEventMigrations,
  ...requestMigrations,
  ...userMigrations,
  ...mailProofMigrations,
  ...sessionMigrations,
  ...apiTokenMigrations,
  ...attemptMigrations,
  ...signInStateMigrations,
]);

/** The statements of every change. */
export function changeHandlers(builder: SqlBuilder, clock: Clock): ChangeHandlers<Changes> {
  return {
    ...workspaceChanges(builder),
    ...blockChanges(builder, clock),
    ...workspaceErasure(builder, () => tablesOfWorkspaces(migrations, builder.db, builder.dialect)),
    ...accountChanges(builder),
    ...membershipChanges(builder),
    ...invitationChanges(builder),
    ...pipelineChanges(builder),
    ...pipelineLabelChanges(builder),
    ...modelDefaultChanges(builder),
    ...fragmentChanges(builder),
    ...fragmentDefaultChanges(builder),
    ...presetChanges(builder),
    ...runChanges(builder),
    ...retentionChanges(builder),
    ...eventChanges(builder),
    ...outputChanges(builder),
    ...notificationChanges(builder),
    ...reviewChanges(builder),
    ...spendChanges(builder),
    ...usageChanges(builder),
    ...activationChanges(builder),
    ...wakeUpChanges(builder, clock),
    ...deliveryChanges(builder),
    ...mailChanges(builder),
    ...dependencyChanges(builder),
    ...removalChanges(builder),
    ...serviceChanges(builder),
    ...mountChanges(builder),
    ...landingChanges(builder),
    ...machineJobChanges(builder),
    ...platformEventChanges(builder),
    ...requestChanges(builder),
    ...userChanges(builder),
    ...mailProofChanges(builder),
    ...sessionChanges(builder),
    ...apiTokenChanges(builder),
    ...attemptChanges(builder),
    ...signInStateChanges(builder),
  };
}

/** The reads of the store port. */
export function storeReads(connection: SqlConnection, runContext: RunReads["context"]): StoreReads {
  return {
    workspaces: workspaceReads(connection, () => tablesOfWorkspaces(migrations, connection.db, connection.dialect)),
    accounts: accountReads(connection),
    memberships: membershipReads(connection),
    invitations: invitationReads(connection),
    blocks: blockReads(connection),
    pipelines: pipelineReads(connection),
    pipelineLabels: pipelineLabelReads(connection),
    modelDefaults: modelDefaultReads(connection),
    fragments: fragmentReads(connection),
    fragmentDefaults: fragmentDefaultReads(connection),
    presets: presetReads(connection),
    runs: runReads(connection, runContext),
    events: { ...eventReads(connection), isExpired: isExpiredRead(connection) },
    retention: retentionReads(connection),
    audit: { ofWorkspace: auditOfWorkspaces(connection), ofAccount: auditOfAccounts(connection) },
    outputs: outputReads(connection),
    notifications: notificationReads(connection),
    reviews: reviewReads(connection),
    spend: spendReads(connection),
    usage: usageReads(connection),
    activations: activationReads(connection),
    deliveries: deliveryReads(connection),
    mails: mailReads(connection),
    dependencies: dependencyReads(connection),
    removals: removalReads(connection),
    services: serviceReads(connection),
    mounts: mountReads(connection),
    landings: landingReads(connection),
    machineJobs: machineJobReads(connection),
    platformEvents: platformEventReads(connection),
    requests: requestReads(connection),
    users: userReads(connection),
    mailProofs: mailProofReads(connection),
    sessions: sessionReads(connection),
    apiTokens: apiTokenReads(connection),
    attempts: attemptReads(connection),
    signInStates: signInStateReads(connection),
  };
}
