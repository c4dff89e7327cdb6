import type {
  Account,
  Block,
  Fragment,
  FragmentDefaults,
  Membership,
  Mount,
  Notification,
  Review,
  ReviewItem,
  StoredInvitation,
  StoredPipeline,
  StoredPreset,
  User,
  Workspace,
} from "@millrace/contracts";
import type {
  Activation,
  AuditEntry,
  ChannelProgress,
  Delivery,
  FragmentOwner,
  Dependency,
  DirectoryEntry,
  Removal,
  ServiceShare,
  Departure,
  Landing,
  ModelDefault,
  OrganizedPipeline,
  LoggedEvent,
  QueuedMail,
  RunRecord,
  SpendTotal,
  SettledUsage,
  LoggedAccountEvent,
  LoggedHostEvent,
  MachineJob,
  RememberedRequest,
  MailProof,
  SignInState,
  StoredApiToken,
  StoredIdentity,
  StoredSession,
} from "@millrace/kernel";

export interface MemoryLanding extends Landing {
  readonly ticket: number;
}

export interface MemoryAuditEntry extends AuditEntry {
  readonly workspaceId: string;
}

export interface MemoryInvitation {
  readonly invitation: StoredInvitation;
  readonly tokenDigest: string;
}

export interface MemoryWakeUp {
  readonly workspaceId: string;
  readonly runId: string;
  readonly at: number;
  readonly setAt: number;
  readonly owner: string | null;
  readonly leaseUntil: number;
}

/** Tables by `keyOf`; the events by their position, which is their cursor as a number. */
export interface MemoryTables {
  readonly workspaces: Map<string, Workspace>;
  readonly accounts: Map<string, Account>;
  readonly memberships: Map<string, Membership>;
  /** By id. */
  readonly invitations: Map<string, MemoryInvitation>;
  readonly departures: Map<string, Departure>;
  readonly blocks: Map<string, Block>;
  /** Number of a block in the order of the inserts, and when it was written last, by its key. */
  readonly blockNumbers: Map<string, { readonly sequence: number; readonly updatedAt: number }>;
  readonly pipelines: Map<string, { readonly workspaceId: string; readonly pipeline: StoredPipeline }>;
  readonly pipelineLabels: Map<string, { readonly workspaceId: string; readonly said: OrganizedPipeline }>;
  readonly modelDefaults: Map<string, { readonly workspaceId: string; readonly own: ModelDefault }>;
  readonly fragments: Map<string, { readonly workspaceId: string | null; readonly owner: FragmentOwner; readonly fragment: Fragment }>;
  readonly hiddenFragments: Map<string, { readonly workspaceId: string | null; readonly owner: FragmentOwner; readonly id: string }>;
  /** By workspace. */
  readonly fragmentDefaults: Map<string, FragmentDefaults>;
  readonly presets: Map<string, StoredPreset>;
  readonly runs: Map<string, RunRecord>;
  /** Keys of the runs and the parts of them that were removed. */
  readonly trimmed: Map<string, true>;
  /** Keys of the runs of which nothing is removed. */
  readonly held: Map<string, true>;
  /** Position in the log of the last event that was removed, by key of the workspace. */
  readonly logStarts: Map<string, number>;
  /** Key of the one live run, by key of the block. */
  readonly liveRuns: Map<string, string>;
  /** Null: removed. Positions have no gaps. */
  readonly events: Map<number, LoggedEvent | null>;
  /** Position of an event, by key of the run and its sequence. */
  readonly sequences: Map<string, number>;
  /** By position. Null: erased. */
  readonly audit: Map<number, MemoryAuditEntry | null>;
  readonly outputs: Map<string, { readonly runId: string; readonly text: string }>;
  readonly notifications: Map<string, Notification>;
  readonly usage: Map<string, SettledUsage>;
  /** By scope. */
  readonly spend: Map<string, SpendTotal>;
  /** What a run has reserved, and in which scopes. */
  readonly reservations: Map<string, { readonly micros: number; readonly scopes: readonly string[] }>;
  readonly reviews: Map<string, Review>;
  readonly reviewItems: Map<string, ReviewItem>;
  readonly activations: Map<string, Activation>;
  readonly wakeups: Map<string, MemoryWakeUp>;
  /** By name of the channel. */
  readonly channels: Map<string, ChannelProgress>;
  readonly deliveries: Map<string, Delivery>;
  /** By key. */
  readonly mails: Map<string, QueuedMail>;
  readonly dependencies: Map<string, Dependency>;
  /** By id. */
  readonly services: Map<string, DirectoryEntry>;
  /** By the ids of service and board. */
  readonly shares: Map<string, ServiceShare>;
  readonly mounts: Map<string, Mount>;
  readonly removals: Map<string, Removal>;
  readonly landings: Map<string, MemoryLanding>;
  readonly machineJobs: Map<string, MachineJob>;
  /** By position. */
  readonly accountEvents: Map<number, LoggedAccountEvent>;
  /** By position. */
  readonly hostEvents: Map<number, LoggedHostEvent>;
  readonly requests: Map<string, RememberedRequest>;
  readonly users: Map<string, User>;
  /** By provider and subject. */
  readonly identities: Map<string, StoredIdentity>;
  readonly mailProofs: Map<string, MailProof>;
  readonly sessions: Map<string, StoredSession>;
  readonly apiTokens: Map<string, StoredApiToken>;
  /** By key of the counter. */
  readonly attempts: Map<string, { readonly startedAt: number; readonly count: number }>;
  readonly signInStates: Map<string, SignInState>;
}

export function emptyTables(): MemoryTables {
  return {
    workspaces: new Map(),
    accounts: new Map(),
    memberships: new Map(),
    invitations: new Map(),
    departures: new Map(),
    blocks: new Map(),
    blockNumbers: new Map(),
    pipelines: new Map(),
    pipelineLabels: new Map(),
    modelDefaults: new Map(),
    fragments: new Map(),
    hiddenFragments: new Map(),
    fragmentDefaults: new Map(),
    presets: new Map(),
    runs: new Map(),
    trimmed: new Map(),
    held: new Map(),
    logStarts: new Map(),
    liveRuns: new Map(),
    events: new Map(),
    sequences: new Map(),
    audit: new Map(),
    outputs: new Map(),
    notifications: new Map(),
    usage: new Map(),
    spend: new Map(),
    reservations: new Map(),
    reviews: new Map(),
    reviewItems: new Map(),
    activations: new Map(),
    wakeups: new Map(),
    channels: new Map(),
    deliveries: new Map(),
    mails: new Map(),
    dependencies: new Map(),
    services: new Map(),
    shares: new Map(),
    mounts: new Map(),
    removals: new Map(),
    landings: new Map(),
    machineJobs: new Map(),
    accountEvents: new Map(),
    hostEvents: new Map(),
    requests: new Map(),
    users: new Map(),
    identities: new Map(),
    mailProofs: new Map(),
    sessions: new Map(),
    apiTokens: new Map(),
    attempts: new Map(),
    signInStates: new Map(),
  };
}

/** Key of a row inside its workspace. */
export function keyOf(workspaceId: string, ...rest: readonly (string | number)[]): string {
  return JSON.stringify([workspaceId, ...rest]);
}
