/**
 * The store: many reads, one write.
 *
 * Owns: durable state and its guards. Does not own: any rule about statuses, phases or permissions.
 * 1. Reads are per aggregate and answered by an index; none reads a workspace to answer about one run.
 * 2. `commit` is the only write. All of its changes land, or none does. They belong to one scope: one workspace, one account or the host.
 * 3. A guard is part of a change (`expected` revision, at most one live run per block). A failed guard
 *    rejects with `stale_revision` or `run_in_progress` and nothing is written.
 * 4. An id of another workspace reads as missing.
 * 5. The event log gives each event one position; a reader that resumes from a cursor never misses and
 *    never repeats one.
 */
import type { AccountChanges, AccountReads, MembershipChanges, MembershipReads } from "./accounts.port.js";
import type { ActivationChanges, ActivationReads } from "./activations.port.js";
import type { BlockChanges, BlockReads } from "./blocks.port.js";
import type { DeliveryChanges, DeliveryReads } from "./deliveries.port.js";
import type { AuditReads } from "./audit.port.js";
import type { DependencyChanges, DependencyReads } from "./dependencies.port.js";
import type { MountChanges, MountReads } from "./mounts.port.js";
import type { ServiceChanges, ServiceReads } from "./services.port.js";
import type { RemovalChanges, RemovalReads } from "./removals.port.js";
import type { EventChanges, EventReads } from "./events.port.js";
import type { MailChanges, MailReads } from "./mails.port.js";
import type { InvitationChanges, InvitationPurgeChanges, InvitationReads } from "./invitations.port.js";
import type { NotificationChanges, NotificationReads } from "./notifications.port.js";
import type { OutputChanges, OutputReads } from "./outputs.port.js";
import type { FragmentDefaultChanges, FragmentDefaultReads } from "./fragment-defaults.port.js";
import type { FragmentChanges, FragmentReads } from "./fragments.port.js";
import type { ModelDefaultChanges, ModelDefaultReads } from "./model-defaults.port.js";
import type { PipelineLabelChanges, PipelineLabelReads } from "./pipeline-labels.port.js";
import type { PipelineChanges, PipelineReads } from "./pipelines.port.js";
import type { PresetChanges, PresetReads } from "./presets.port.js";
import type { ReviewChanges, ReviewReads } from "./reviews.port.js";
import type { OneScope, TaggedChange } from "./change-types.js";
import type { RetentionChanges, RetentionReads } from "./retention.port.js";
import type { RunChanges, RunContext, RunContextQuery, RunReads } from "./runs.port.js";
import type { SpendChanges, SpendReads } from "./spend.port.js";
import type { UsageChanges, UsageReads } from "./usage.port.js";
import type { WakeUpChanges } from "./wakeups.port.js";
import type { WorkspaceChanges, WorkspaceErasure, WorkspaceReads } from "./workspaces.port.js";
import type { LandingChanges, LandingReads } from "./landings.port.js";
import type { MachineJobChanges, MachineJobReads } from "./machine-jobs.port.js";
import type { ApiTokenChanges, ApiTokenReads } from "./api-tokens.port.js";
import type { AttemptChanges, AttemptReads } from "./attempts.port.js";
import type { MailProofChanges, MailProofReads } from "./mail-proofs.port.js";
import type { SessionChanges, SessionReads } from "./sessions.port.js";
import type { SignInStateChanges, SignInStateReads } from "./sign-in-states.port.js";
import type { UserChanges, UserReads } from "./users.port.js";
import type { AccountEventChanges, HostEventChanges, PlatformEventReads } from "./platform-events.port.js";
import type { RequestChanges, RequestReads } from "./requests.port.js";

/** Payloads of the changes of one workspace: its board, its runs and everything that belongs to them. Each aggregate is named in one scope, but for fragments and remembered requests, which are in the scope of their owner or of what they changed. */
export interface WorkspaceScopeChanges
  extends
    WorkspaceChanges,
    WorkspaceErasure,
    BlockChanges,
    DependencyChanges,
    RemovalChanges,
    MountChanges,
    PipelineChanges,
    PipelineLabelChanges,
    ModelDefaultChanges,
    FragmentChanges,
    FragmentDefaultChanges,
    PresetChanges,
    RunChanges,
    RetentionChanges,
    EventChanges,
    OutputChanges,
    NotificationChanges,
    ReviewChanges,
    SpendChanges,
    UsageChanges,
    ActivationChanges,
    LandingChanges,
    WakeUpChanges,
    RequestChanges {}

/** Payloads of the changes of one account. */
export interface AccountScopeChanges
  extends AccountChanges, MembershipChanges, InvitationChanges, AccountEventChanges, FragmentChanges, ServiceChanges, RequestChanges {}

/**
 * Payloads of the changes of the host: what it keeps about all the workspaces of a store, and its users. It may change accounts in the same
 * commit, because a user is made with a personal account: both lie in the directory of the host.
 */
export interface HostScopeChanges
  extends
    AccountScopeChanges,
    DeliveryChanges,
    MachineJobChanges,
    MailChanges,
    InvitationPurgeChanges,
    UserChanges,
    MailProofChanges,
    SessionChanges,
    ApiTokenChanges,
    AttemptChanges,
    SignInStateChanges,
    HostEventChanges {}

/** The scopes of changes. A workspace may lie in another database than accounts and the host, so no commit spans a workspace and another. */
export interface ChangesByScope {
  readonly workspace: WorkspaceScopeChanges;
  readonly account: AccountScopeChanges;
  readonly host: HostScopeChanges;
}

/** Scope of a commit, and of each of its changes and events: one workspace, one account, or the host. */
export type Scope = keyof ChangesByScope;

/** Payload of every change, by its tag. A store has a handler for each: the compiler finds a missing one. */
export interface Changes extends WorkspaceScopeChanges, AccountScopeChanges, HostScopeChanges {}

/** One change. `Change` is any of a workspace, `Change<"insert-run">` the one with that tag. */
export type Change<Tag extends keyof Changes = keyof WorkspaceScopeChanges> = TaggedChange<Changes, Tag>;

/** Changes that all belong to one scope, as a commit takes them. */
export type ChangeSet = OneScope<ChangesByScope>;

/** Options of a commit. */
export interface CommitOptions {
  /** Context of a run to return as of just after the commit, in the same round trip. Default: none. */
  readonly contextOf?: RunContextQuery | undefined;
}

/** The reads of every aggregate. */
export interface StoreReads {
  readonly workspaces: WorkspaceReads;
  readonly accounts: AccountReads;
  readonly memberships: MembershipReads;
  readonly invitations: InvitationReads;
  readonly blocks: BlockReads;
  readonly dependencies: DependencyReads;
  readonly removals: RemovalReads;
  readonly services: ServiceReads;
  readonly mounts: MountReads;
  readonly pipelines: PipelineReads;
  readonly pipelineLabels: PipelineLabelReads;
  readonly modelDefaults: ModelDefaultReads;
  readonly fragments: FragmentReads;
  readonly fragmentDefaults: FragmentDefaultReads;
  readonly presets: PresetReads;
  readonly runs: RunReads;
  readonly retention: RetentionReads;
  readonly events: EventReads;
  readonly audit: AuditReads;
  readonly outputs: OutputReads;
  readonly notifications: NotificationReads;
  readonly reviews: ReviewReads;
  readonly spend: SpendReads;
  readonly usage: UsageReads;
  readonly activations: ActivationReads;
  readonly deliveries: DeliveryReads;
  readonly mails: MailReads;
  readonly landings: LandingReads;
  readonly machineJobs: MachineJobReads;
  readonly platformEvents: PlatformEventReads;
  readonly requests: RequestReads;
  readonly users: UserReads;
  readonly mailProofs: MailProofReads;
  readonly sessions: SessionReads;
  readonly apiTokens: ApiTokenReads;
  readonly attempts: AttemptReads;
  readonly signInStates: SignInStateReads;
}

/** The reads of every aggregate, and the one write. */
export interface Store extends StoreReads {
  /**
   * The only write. Its changes belong to one workspace, one account or the host. If `contextOf` is given, also returns that run context as of just after the commit. Null if it was not requested or
   * the store cannot do so; call `runs.context` then. A commit without changes writes and returns nothing.
   * @throws MillraceError `validation` for changes of two workspaces or scopes; `stale_revision`, `run_in_progress`, `task_limit`,
   * `budget_exhausted`, `review_frozen`, `conflict`, `not_found`, `already_exists`, `in_use`, `limit_reached`, `last_owner`,
   * `proof_invalid`, `rate_limited`, `sign_in_refused`, `database_*`.
   */
  commit(changes: ChangeSet, options?: CommitOptions): Promise<RunContext | null>;
}
