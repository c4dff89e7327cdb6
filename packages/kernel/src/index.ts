/** @packageDocumentation Ports, the domain error, digests: the vocabulary every package of Millrace shares. */
export { MillraceError, assertFound, isMillraceError, notFound } from "./errors.js";
export type { MillraceErrorOptions } from "./errors.js";
export { fileUnusable, nullWhenMissing, throwUnwritable } from "./file-errors.js";
export { LONGEST_TIMER_MS } from "./longest-timer.js";
export { AgentCallError, isAgentCallError } from "./agent-call-error.js";
export {
  findingsOpen,
  blockChanged,
  blockInUse,
  blockMerged,
  blockRemoved,
  blueprintKeyTaken,
  boardFull,
  budgetExhausted,
  placeTaken,
  reviewFrozen,
  runInProgress,
  staleWorkspace,
  unknownPosition,
  workspaceInUse,
  taskLimitReached,
  unknownCursor,
  workspaceLimitReached,
} from "./store-errors.js";
export { modelCatalogueOff } from "./ports/model-catalogue.port.js";
export type { ModelCatalogue } from "./ports/model-catalogue.port.js";
export { alreadyExists, inUse, limitReached, rowChanged } from "./row-errors.js";
export {
  emailTaken,
  identityTaken,
  lastIdentity,
  proofInvalid,
  staleUser,
  tokenLimitReached,
  tooManyAttempts,
  userKeptOut,
} from "./people-errors.js";
export { dependencyCycle, dependencyThere, tooManyDependencies } from "./dependency-errors.js";
export { folderTaken, mountMoved, mountThere, serviceShown, serviceTaken, tooManyMounts } from "./sharing-errors.js";
export { blockHoldsBlocks } from "./removal-errors.js";
export { lastOwner, memberExists, ownedLimitReached, pendingExists, pendingLimitReached, staleRecord } from "./account-errors.js";
export { trustOf } from "./clean-environment.logic.js";
export { isoTime, monthOf, nextMonth } from "./calendar.logic.js";
export { hasPassed, latestStamp } from "./has-passed.logic.js";
export { logFailure } from "./log-failure.js";
export { createRedact, redactAll } from "./redact.js";
export type { Redact } from "./redact.js";
export { canonicalJson, digestJson, digestText } from "./digest.js";
export type { DigestText } from "./ports/digest.port.js";
export type { Log } from "./ports/log.port.js";
export type { Clock, IdSource, Sleep } from "./ports/time.port.js";
export type {
  AccountScopeChanges,
  Change,
  Changes,
  ChangesByScope,
  ChangeSet,
  CommitOptions,
  HostScopeChanges,
  Scope,
  Store,
  StoreReads,
  WorkspaceScopeChanges,
} from "./store/index.js";
export { assertOneScope, isOfWorkspace } from "./store/one-scope.js";
export type { Page } from "./store/page.port.js";
export { auditOfAccount, auditOfBoard, auditOfRun } from "./store/audit.logic.js";
export type { AuditEntry, AuditFilter, AuditPage, AuditReads, AuditedEvent } from "./store/audit.port.js";
export type { Amount, RetentionChanges, RetentionReads, RunPart } from "./store/retention.port.js";
export { positionOf, readPosition } from "./store/position.js";
export type { Position } from "./store/position.js";
export type { AccountChanges, AccountReads, Departure, MembershipChanges, MembershipReads } from "./store/accounts.port.js";
export type { InvitationChanges, InvitationPurgeChanges, InvitationQuery, InvitationReads } from "./store/invitations.port.js";
export type { Activation, ActivationChanges, ActivationReads } from "./store/activations.port.js";
export type { BlockChanges, BlockFilter, BlockPage, BlockPatch, BlockReads, BlockWithRun } from "./store/blocks.port.js";
export type { ChannelProgress, Delivery, DeliveryChanges, DeliveryReads } from "./store/deliveries.port.js";
export type { MailChanges, MailReads, QueuedMail } from "./store/mails.port.js";
export { LOG_START } from "./store/events.port.js";
export type { Cursor, EventChanges, EventReads, LoggedBoardEvent, LoggedEvent } from "./store/events.port.js";
export type { NotificationChanges, NotificationReads } from "./store/notifications.port.js";
export type { OutputChanges, OutputReads } from "./store/outputs.port.js";
export type { FragmentDefaultChanges, FragmentDefaultReads } from "./store/fragment-defaults.port.js";
export type { FragmentChanges, FragmentOwner, FragmentReads, OwnedFragments } from "./store/fragments.port.js";
export type { ModelDefault, ModelDefaultChanges, ModelDefaultReads } from "./store/model-defaults.port.js";
export type { OrganizedPipeline, PipelineLabelChanges, PipelineLabelReads } from "./store/pipeline-labels.port.js";
export type { NamingTask, PipelineChanges, PipelineReads } from "./store/pipelines.port.js";
export type { PresetChanges, PresetReads } from "./store/presets.port.js";
export type { Removal, RemovalChanges, RemovalReads } from "./store/removals.port.js";
export { MAX_MOUNTS } from "./store/mounts.port.js";
export type { MountChanges, MountedHome, MountingBoard, MountReads } from "./store/mounts.port.js";
export type { DirectoryEntry, ServiceChanges, ServiceReads, ServiceShare } from "./store/services.port.js";
export { MAX_DEPENDENCIES } from "./store/dependencies.port.js";
export type { Dependency, DependencyChanges, DependencyReads } from "./store/dependencies.port.js";
export type { PullRequestLedger, StoredCheck, StoredPullRequest } from "./store/pull-requests.port.js";
export type { ReviewChanges, ReviewReads } from "./store/reviews.port.js";
export type {
  LiveCounts,
  RunAddressRow,
  RunChanges,
  RunContext,
  RunContextQuery,
  RunLimit,
  RunReads,
  RunRecord,
  RunSummary,
} from "./store/runs.port.js";
export type { SpendCap, SpendChanges, SpendReads, SpendTotal } from "./store/spend.port.js";
export type { SettledUsage, UsageChanges, UsageReads, UsageRow } from "./store/usage.port.js";
export type { WakeUpChanges } from "./store/wakeups.port.js";
export type { WorkspaceChanges, WorkspaceErasure, WorkspacePatch, WorkspaceReads } from "./store/workspaces.port.js";
export type { Landing, LandingChanges, LandingPosition, LandingReads } from "./store/landings.port.js";
export type { ApiTokenChanges, ApiTokenReads, StoredApiToken, TokenOwner } from "./store/api-tokens.port.js";
export type { AttemptChanges, AttemptLimit, AttemptReads } from "./store/attempts.port.js";
export type { MailProof, MailProofChanges, MailProofReads } from "./store/mail-proofs.port.js";
export type { SessionChanges, SessionReads, StoredSession } from "./store/sessions.port.js";
export type { SignInState, SignInStateChanges, SignInStateReads } from "./store/sign-in-states.port.js";
export type { StoredIdentity, UserChanges, UserReads } from "./store/users.port.js";
export type { MachineJob, MachineJobChanges, MachineJobReads } from "./store/machine-jobs.port.js";
export type {
  AccountEventChanges,
  HostEventChanges,
  LoggedAccountEvent,
  LoggedHostEvent,
  PlatformEventReads,
} from "./store/platform-events.port.js";
export type { RememberedRequest, RequestChanges, RequestKey, RequestReads, ScopeRef } from "./store/requests.port.js";
export type {
  Environments,
  FiledIssue,
  Incidents,
  ModelAccess,
  ModelStatus,
  OutsideServices,
  ProvisionedEnvironment,
  ReleaseEvidence,
  ReleaseHealth,
  ReleaseSignal,
  Tracker,
} from "./ports/services.port.js";
export type { DeliveryResult, NotificationChannel, NotificationDelivery } from "./ports/notification-channel.port.js";
export type { MailDelivery, Mailer } from "./ports/mailer.port.js";
export type { Claim, RunKey, WakeUps } from "./ports/wakeups.port.js";
export type {
  AgentAnswer,
  AgentExecutor,
  AgentRequest,
  AgentQuestion,
  AgentTask,
  CompletionContract,
  JobHandle,
  JobOutcome,
  JobProgress,
  JobStatus,
  RequestRate,
  TokenCounts,
  TokenUsage,
} from "./ports/agent.port.js";
export { NOTHING_SPENT } from "./ports/agent.port.js";
export { modelProxyOff, webSearchOff } from "./ports/model-proxy.port.js";
export type {
  ModelDoor,
  ModelDoorRecord,
  ModelGrant,
  ModelProxy,
  ModelSpend,
  ModelWireFormat,
  WebSearch,
  WebSearchHit,
} from "./ports/model-proxy.port.js";
export type { IdentityProvider, ProviderProfile, SignInBinding } from "./ports/identity-provider.port.js";
export type { PasswordHasher } from "./ports/password-hasher.port.js";
export type { PersonCheck, PersonClaim } from "./ports/person-check.port.js";
export type { Forge, MergedPullRequest, MergeResult, PullRequestState, UpdateResult } from "./ports/forge.port.js";
export type { Checkout, TreeObservation, Worktrees } from "./ports/worktrees.port.js";
export type { CommandRequest, CommandResult, CommandRunner } from "./ports/commands.port.js";
export type {
  Sandbox,
  SandboxCommand,
  SandboxDoor,
  SandboxedProcess,
  SandboxExamination,
  SandboxExit,
  SandboxLimits,
  SandboxProfile,
} from "./ports/sandbox.port.js";
export { taskBranch } from "./task-branch.js";
