/** @packageDocumentation The shapes Millrace reads and writes: zod schemas and the types inferred from them. */
export {
  actorSchema,
  agentKindSchema,
  commitShaSchema,
  digestSchema,
  idSchema,
  jsonSchema,
  timestampSchema,
  unitSchema,
} from "./shared/scalars.schema.js";
export { deedSchema } from "./shared/deed.schema.js";
export type { Deed } from "./shared/deed.schema.js";
export type { Actor, CommitSha, Digest, JsonValue } from "./shared/scalars.schema.js";
export {
  checkSchema,
  commentSeveritySchema,
  companionAssessmentSchema,
  mergeAssessmentSchema,
  mergeRecordSchema,
  pullRequestRefSchema,
  repositoryRefSchema,
  reviewCommentSchema,
  verdictSchema,
  workObservationSchema,
} from "./run/evidence.schema.js";
export type {
  Check,
  CommentSeverity,
  CompanionAssessment,
  MergeAssessment,
  MergeRecord,
  PullRequestRef,
  RepositoryRef,
  ReviewComment,
  Verdict,
  WorkObservation,
} from "./run/evidence.schema.js";
export {
  blueprintSchema,
  estimateAnswerSchema,
  onCallAssessmentSchema,
  reviewAnswerSchema,
  specificationSchema,
  testReportSchema,
} from "./run/artifacts.schema.js";
export type { Blueprint, OnCallAssessment, ReviewAnswer, Specification, TestReport } from "./run/artifacts.schema.js";
export { estimateBarSchema, estimateSchema } from "./run/estimate.schema.js";
export type { Estimate, EstimateBar } from "./run/estimate.schema.js";
export { budgetSchema, MIN_RESERVATION_MICROS } from "./spend/entity.schema.js";
export type { Budget } from "./spend/entity.schema.js";
export { settingsViewSchema, taskLimitSchema, workspaceSettingsSchema } from "./settings/entity.schema.js";
export type { SettingsView, TaskLimit, WorkspaceSettings } from "./settings/entity.schema.js";
export { putTaskLimitSchema, updateSettingsSchema } from "./settings/requests.schema.js";
export { auditExportSchema, auditItemSchema, eventPageSchema } from "./audit/entity.schema.js";
export type { AuditExport, AuditItem, EventPage } from "./audit/entity.schema.js";
export { eventsOfAudit } from "./audit/events.schema.js";
export { retentionPolicySchema, retentionPreviewSchema, retentionViewSchema } from "./retention/entity.schema.js";
export type { RetentionPolicy, RetentionPreview, RetentionView } from "./retention/entity.schema.js";
export { eventsOfRetention } from "./retention/events.schema.js";
export { mailSchema, mailTemplateSchema } from "./mails/entity.schema.js";
export type { Mail, MailTemplate } from "./mails/entity.schema.js";
export { eventsOfSettings } from "./settings/events.schema.js";
export {
  reviewFindingSchema,
  reviewItemSchema,
  reviewSchema,
  reviewSeveritySchema,
  reviewWithItemsSchema,
} from "./reviews/entity.schema.js";
export type { Review, ReviewFinding, ReviewItem, ReviewSeverity, ReviewWithItems } from "./reviews/entity.schema.js";
export { eventsOfReviews } from "./reviews/events.schema.js";
export { findingAnswerSchema } from "./reviews/requests.schema.js";
export type { FindingAnswer } from "./reviews/requests.schema.js";
export { workspaceSchema } from "./workspaces/entity.schema.js";
export type { Workspace } from "./workspaces/entity.schema.js";
export { workspaceSnapshotSchema } from "./workspaces/snapshot.schema.js";
export type { WorkspaceSnapshot } from "./workspaces/snapshot.schema.js";
export { eventsOfDeletedWorkspaces, eventsOfWorkspaces } from "./workspaces/events.schema.js";
export {
  agentConfigSchema,
  blockLevelSchema,
  blockSchema,
  blockStatusSchema,
  checkPolicySchema,
  cloudProviderSchema,
  finalDocumentSchema,
  instanceSizeSchema,
  overrideSchema,
  positionSchema,
  serviceTestingSchema,
  serviceTypeSchema,
  sizeSchema,
  taskFieldsSchema,
  taskTypeSchema,
} from "./board/entity.schema.js";
export type {
  AgentConfig,
  Block,
  BlockLevel,
  BlockStatus,
  CheckPolicy,
  CloudProvider,
  FinalDocument,
  InstanceSize,
  Override,
  Position,
  ServiceTesting,
  ServiceType,
  Size,
  TaskFields,
  TaskType,
} from "./board/entity.schema.js";
export {
  catalogueItemSchema,
  directorySchema,
  layoutSchema,
  mountSchema,
  sharedServiceSchema,
  shownMountSchema,
} from "./sharing/entity.schema.js";
export type { CatalogueItem, Layout, Mount, SharedService, ShownMount } from "./sharing/entity.schema.js";
export { eventsOfDirectory, eventsOfSharing } from "./sharing/events.schema.js";
export { eventsOfBoard } from "./board/events.schema.js";
export { serviceMapSchema } from "./board-scan/entity.schema.js";
export type { ServiceMap } from "./board-scan/entity.schema.js";
export { eventsOfBoardScan } from "./board-scan/events.schema.js";
export { addModuleSchema, addTaskSchema, boardLanesSchema, boardSortSchema, updateBlockSchema } from "./board/requests.schema.js";
export type { AddModule, AddTask, BoardLanes, BoardSort, UpdateBlock } from "./board/requests.schema.js";
export { blockDetailSchema, boardCountSchema, boardPageSchema, runSummarySchema, taskCardSchema } from "./board/view.schema.js";
export type { BlockDetail, BoardCount, BoardPage, TaskCard, TaskRunSummary } from "./board/view.schema.js";
export { mergePresetSchema, storedPresetSchema } from "./merge-presets/entity.schema.js";
export type { MergePreset, StoredPreset } from "./merge-presets/entity.schema.js";
export { eventsOfPresets } from "./merge-presets/events.schema.js";
export { createPresetSchema, updatePresetSchema } from "./merge-presets/requests.schema.js";
export type { CreatePreset, PresetView, UpdatePreset } from "./merge-presets/requests.schema.js";
export {
  createFragmentSchema,
  foldedFragmentsSchema,
  fragmentDefaultsSchema,
  fragmentSchema,
  resolvedFragmentSchema,
  updateFragmentSchema,
} from "./fragments/entity.schema.js";
export type {
  CreateFragment,
  FoldedFragments,
  Fragment,
  FragmentDefaults,
  FragmentInput,
  FragmentTier,
  ResolvedFragment,
  UpdateFragment,
} from "./fragments/entity.schema.js";
export { eventsOfFragmentDefaults, eventsOfFragments } from "./fragments/events.schema.js";
export { catalogueModelSchema } from "./models/entity.schema.js";
export type { CatalogueModel, ModelDefaultView, ModelWay } from "./models/entity.schema.js";
export { eventsOfModels } from "./models/events.schema.js";
export { eventsOfPipelines } from "./pipelines/events.schema.js";
export { createPipelineSchema } from "./pipelines/requests.schema.js";
export type {
  AgentKindView,
  PipelineCosts,
  PipelineFormat,
  PipelineOrigin,
  PipelineVersions,
  PipelineView,
} from "./pipelines/requests.schema.js";
export {
  consensusSchema,
  gatingSchema,
  pipelineIssueSchema,
  pipelineLabelsSchema,
  pipelineOrganizationSchema,
  pipelineSchema,
  pipelineStepSchema,
  stepDefinitionSchema,
  storedPipelineSchema,
} from "./pipelines/entity.schema.js";
export type {
  Consensus,
  Gating,
  Pipeline,
  PipelineInput,
  PipelineIssue,
  PipelineOrganization,
  PipelineStep,
  StepDefinition,
  StoredPipeline,
} from "./pipelines/entity.schema.js";
export {
  RUN_SHAPE_VERSION,
  activitySchema,
  approvalRecordSchema,
  attachmentSchema,
  briefSchema,
  effectKeySchema,
  effectRequestSchema,
  effectSchema,
  failureKindSchema,
  holdSchema,
  BUILT_IN_WAITS,
  humanWaitSchema,
  waitNameSchema,
  jobRefSchema,
  outputRefSchema,
  participantSchema,
  phaseSchema,
  revisionSchema,
  stepStateSchema,
  runFailureSchema,
  runSchema,
  stepSchema,
  stopOutcomeSchema,
} from "./run/entity.schema.js";
export type {
  Activity,
  ApprovalRecord,
  Attachment,
  Brief,
  Effect,
  EffectRequest,
  FailureKind,
  Hold,
  HumanWait,
  JobRef,
  OutputRef,
  Participant,
  Phase,
  Revision,
  StepState,
  Run,
  RunInput,
  RunFailure,
  Step,
  StopOutcome,
} from "./run/entity.schema.js";
export { EVENT_SHAPE_VERSION } from "./shared/event-record.schema.js";
export { humanAnswerSchema, runEventRecordSchema, runEventSchema, stepFactSchema } from "./run/events.schema.js";
export type { HumanAnswer, RunEvent, RunEventBody, RunEventType, StepFact } from "./run/events.schema.js";
export {
  accountEventRecordSchema,
  accountEventSchema,
  boardEventRecordSchema,
  boardEventSchema,
  hostEventRecordSchema,
  hostEventSchema,
} from "./events.schema.js";
export type { AccountEvent, AccountEventBody, HostEvent, HostEventBody } from "./events.schema.js";
export { eventsOfAccounts } from "./accounts/events.schema.js";
export {
  accountDetailsSchema,
  accountSchema,
  memberSchema,
  membershipSchema,
  ownAccountSchema,
  rolesSchema,
} from "./accounts/entity.schema.js";
export type { Account, AccountDetails, Member, Membership, OwnAccount } from "./accounts/entity.schema.js";
export {
  acceptedInvitationSchema,
  invitationSchema,
  invitationStatusSchema,
  peekedInvitationSchema,
  sentInvitationSchema,
  storedInvitationSchema,
} from "./invitations/entity.schema.js";
export type {
  AcceptedInvitation,
  Invitation,
  InvitationStatus,
  PeekedInvitation,
  SentInvitation,
  StoredInvitation,
} from "./invitations/entity.schema.js";
export { eventsOfInvitations } from "./invitations/events.schema.js";
export { eventsOfUsers } from "./users/events.schema.js";
export { emailSchema, identitySchema, meSchema, passwordSchema, personNameSchema, userSchema } from "./users/entity.schema.js";
export type { Identity, Me, User } from "./users/entity.schema.js";
export type { UpdateMe } from "./users/requests.schema.js";
export { eventsOfSignIn, eventsOfTokens } from "./sign-in/events.schema.js";
export { apiTokenSchema, sessionSchema, signInConfigurationSchema } from "./sign-in/entity.schema.js";
export type { ApiToken, Session, SignInConfiguration } from "./sign-in/entity.schema.js";
export type { CreateToken } from "./sign-in/requests.schema.js";
export { capabilityTable, roleSchema, tokenScopeSchema } from "./shared/role.schema.js";
export type { CapabilityTraits, Role, TokenScope } from "./shared/role.schema.js";
export { pageFields, pageSchema } from "./shared/page.schema.js";
export type { BoardEvent, BoardEventBody } from "./events.schema.js";
export { BUILT_IN_NOTIFICATION_TYPES, notificationSchema, notificationTypeSchema } from "./notifications/entity.schema.js";
export type { Notification } from "./notifications/entity.schema.js";
export { eventsOfNotifications, notificationEventSchema } from "./notifications/events.schema.js";
export type { NotificationEvent } from "./notifications/events.schema.js";
export { errorCodeSchema, errorEnvelopeSchema, errorTable } from "./shared/errors.schema.js";
export type { ErrorCode, ErrorEnvelope, ErrorTraits } from "./shared/errors.schema.js";
export { capabilitySchema } from "./shared/capability.schema.js";
export type { Capability } from "./shared/capability.schema.js";
export { humanReplySchema } from "./run/requests.schema.js";
export type { HumanReply } from "./run/requests.schema.js";
export { COMMON_ERRORS } from "./shared/operation.js";
export type { Operation, Operations } from "./shared/operation.js";
export { operations } from "./operations.js";
export type { OperationName } from "./operations.js";
export { describedEventSchema, describedSchema, eventTextSchema, timelineEntrySchema, toneSchema } from "./views/described-event.schema.js";
export type { EventDescription, DescribedEvent, EventText, TimelineEntry, Tone } from "./views/described-event.schema.js";
export {
  helperViewSchema,
  loopViewSchema,
  ratingViewSchema,
  reviewViewSchema,
  stepStateViewSchema,
  testReportViewSchema,
  verdictViewSchema,
} from "./views/step-state-view.schema.js";
export type {
  HelperView,
  LoopView,
  RatingView,
  ReviewView,
  StepStateView,
  TestReportView,
  VerdictView,
} from "./views/step-state-view.schema.js";
export { runReasonSchema } from "./views/run-reason.schema.js";
export type { RunReason } from "./views/run-reason.schema.js";
export {
  costViewSchema,
  runStatusSchema,
  runViewSchema,
  stepStatusSchema,
  stepViewSchema,
  waitViewSchema,
} from "./views/run-view.schema.js";
export type { CostView, RunStatus, RunView, StepStatus, StepView, WaitView } from "./views/run-view.schema.js";
export { possibleActionSchema, runActionsSchema } from "./views/run-actions.schema.js";
export type { PossibleAction, RunActions } from "./views/run-actions.schema.js";
export { runEvidenceSchema } from "./views/run-evidence.schema.js";
export type { RunEvidence } from "./views/run-evidence.schema.js";
export { runPreviewSchema } from "./views/run-preview.schema.js";
export type { RunPreview } from "./views/run-preview.schema.js";
export { configurationEntrySchema, hostMetricsSchema, hostPartSchema, sweepStateSchema } from "./host/operations.js";
export type { ConfigurationEntry, HostMetrics, HostPart, SweepState } from "./host/operations.js";
