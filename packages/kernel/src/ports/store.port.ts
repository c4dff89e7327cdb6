/**
 * The store: many reads, one write.
 *
 * Owns: durable state and its guards. Does not own: any rule about statuses, phases or who may do what.
 * 1. Reads are per aggregate and answered by an index; none reads a workspace to answer about one run.
 * 2. `commit` is the only write. All of its changes land, or none does.
 * 3. A guard is part of a change (`expected` revision, at most one live run per block). A failed guard
 *    rejects with `stale_revision` or `run_in_progress` and nothing is written.
 * 4. An id of another workspace reads as missing.
 * 5. The event log gives each event one position; a reader that resumes from a cursor never misses and
 *    never repeats one.
 */
import type {
  Block,
  BoardEvent,
  Estimate,
  MergePreset,
  MergeRecord,
  Notification,
  Pipeline,
  PullRequestRef,
  Review,
  ReviewItem,
  RunEvent,
  ServiceTesting,
  FinalDocument,
  TaskType,
  Workspace,
  WorkspaceSettings,
} from "@millrace/contracts";

/** A run as stored: the columns the store can index, and the document only the engine reads. */
export interface RunRecord {
  readonly id: string;
  readonly workspaceId: string;
  readonly blockId: string;
  /** The service the block lives in, and the type of the task: what task limits count by. Set when the run is inserted, never changed. */
  readonly serviceId: string | null;
  readonly taskType: TaskType | null;
  /** `running` needs the driver, `waiting` needs a person, `paused` is held in front of an effect; these, and `stopping`, are live. */
  readonly status: "running" | "waiting" | "paused" | "stopping" | "done" | "failed" | "cancelled";
  readonly revision: number;
  readonly createdAt: number;
  readonly updatedAt: number;
  /** Shape version of `document`; the engine upcasts older ones and refuses newer ones. */
  readonly shapeVersion: number;
  /** JSON of a run. Whoever keeps it never looks inside: `fromRecord` of the engine upcasts and checks it, once, when it is read. */
  readonly document: unknown;
}

/** Position in the event log. Opaque: only the store that gave it knows its order. It stays valid as long as the log. */
export type Cursor = string;

/** Before the first event of any log. */
export const LOG_START: Cursor = "0";

export interface LoggedEvent {
  readonly cursor: Cursor;
  readonly workspaceId: string;
  /** Null for events of the board. */
  readonly runId: string | null;
  /** Position within the run, from 1; null for events of the board. */
  readonly sequence: number | null;
  readonly entry: RunEvent | BoardEvent;
}

export interface UsageRow {
  /** The effect that spent it; recording it twice counts once. */
  readonly key: string;
  readonly workspaceId: string;
  readonly runId: string;
  readonly kind: string;
  readonly model: string;
  readonly inputTokens: number;
  readonly outputTokens: number;
  /** In millionths of the price list's currency; null when the model has no known price. */
  readonly costMicros: number | null;
  readonly at: number;
}

/** What may change of a block. Only what is set is written. */
export interface BlockPatch {
  readonly status?: Block["status"];
  readonly progress?: number;
  readonly runId?: string | null;
  readonly pullRequest?: PullRequestRef | null;
  readonly merged?: MergeRecord;
  readonly description?: string;
  readonly estimate?: Estimate;
  readonly confidence?: number | null;
  readonly document?: FinalDocument | null;
  /** Of a service, on a person's word; no run changes it. */
  readonly testing?: ServiceTesting | null;
}

/** How many live runs there may be beside a new one: counted by an index, refused by the database. */
export interface RunLimit {
  readonly serviceId: string;
  /** Counts only runs of this type; null: of every type. */
  readonly taskType: TaskType | null;
  readonly max: number;
}

/** One cap on spending. `scope` names what it adds up: `month/2026-11`, `task/<block>`, `run/<run>`. */
export interface SpendCap {
  readonly scope: string;
  /** Null: nothing is refused, but what is spent in the scope is added up. */
  readonly maxMicros: number | null;
}

/** What a scope has seen so far. */
export interface SpendTotal {
  readonly settledMicros: number;
  readonly reservedMicros: number;
}

/** A personal credential, sealed by the host, that one run may use until it ends. */
export interface Activation {
  readonly workspaceId: string;
  readonly runId: string;
  /** Vendor the credential is for. */
  readonly vendor: string;
  /** Ciphertext; the store never sees what is in it. */
  readonly sealed: string;
  readonly expiresAt: number;
}

/** One change of a commit. */
export type Change =
  | { readonly change: "insert-workspace"; readonly workspace: Workspace }
  | { readonly change: "put-settings"; readonly workspaceId: string; readonly settings: WorkspaceSettings }
  | { readonly change: "insert-block"; readonly block: Block }
  | { readonly change: "patch-block"; readonly workspaceId: string; readonly id: string; readonly patch: BlockPatch }
  /** Fails with `not_found` when either is missing. */
  | { readonly change: "move-block"; readonly workspaceId: string; readonly id: string; readonly parentId: string }
  /** Gives a block back to the plan. Fails with `stale_revision` unless `runId` is its last run, that run has ended, and nothing has merged. */
  | { readonly change: "release-block"; readonly workspaceId: string; readonly id: string; readonly runId: string }
  | { readonly change: "put-pipeline"; readonly workspaceId: string; readonly pipeline: Pipeline }
  | { readonly change: "put-preset"; readonly preset: MergePreset }
  /**
   * Fails with `run_in_progress` while the block has another live run, with `conflict` when it is live and the block is merged, with
   * `task_limit` when there are `max` live runs of the limit already.
   */
  | { readonly change: "insert-run"; readonly record: RunRecord; readonly limit?: RunLimit | null }
  /** Fails with `stale_revision` unless the stored revision is `expected`. Never creates a run. */
  | { readonly change: "update-run"; readonly record: RunRecord; readonly expected: number }
  /** `firstSequence` is the position of the first of `events` in its run. A taken position fails with `stale_revision`. */
  | {
      readonly change: "append-run-events";
      readonly workspaceId: string;
      readonly runId: string;
      readonly firstSequence: number;
      readonly events: readonly RunEvent[];
    }
  | { readonly change: "append-board-event"; readonly workspaceId: string; readonly event: BoardEvent }
  /** Keyed: putting the same key again replaces the text. */
  | { readonly change: "put-output"; readonly workspaceId: string; readonly runId: string; readonly key: string; readonly text: string }
  /** Keyed: raising an open notification again keeps the first. */
  | { readonly change: "raise-notification"; readonly notification: Notification }
  | {
      readonly change: "resolve-notification";
      readonly workspaceId: string;
      readonly id: string;
      readonly as: "acted" | "dismissed";
      readonly at: number;
    }
  /** Opens what was open for too long as urgent; others stay as they are. */
  | { readonly change: "escalate-notification"; readonly workspaceId: string; readonly id: string }
  /** Adds its cost to every scope of `scopes`, once for its key. A null cost counts as what the run has reserved. */
  | { readonly change: "record-usage"; readonly usage: UsageRow; readonly scopes?: readonly string[] }
  /**
   * What the run has reserved becomes `micros` (0 gives it back), in every scope of `caps`. Fails with `budget_exhausted`, with
   * `details.scope`, when that takes a scope above its cap, or a reservation is kept in one that is above it. `isKept`: the run is thought
   * to hold just that already. A hint: it may be wrong, and costs time then.
   */
  | {
      readonly change: "reserve-spend";
      readonly workspaceId: string;
      readonly runId: string;
      readonly micros: number;
      readonly caps: readonly SpendCap[];
      readonly isKept?: boolean;
    }
  | { readonly change: "insert-review"; readonly review: Review; readonly items: readonly ReviewItem[] }
  /** Fails with `not_found`; with `stale_revision` unless its status is one of `from`. */
  | {
      readonly change: "set-review-status";
      readonly workspaceId: string;
      readonly id: string;
      readonly from: readonly Review["status"][];
      readonly status: Review["status"];
    }
  /** Fails with `not_found`; with `review_frozen` unless its review is `ready` or `exceeded`. */
  | {
      readonly change: "answer-review-item";
      readonly workspaceId: string;
      readonly reviewId: string;
      readonly id: string;
      readonly status: ReviewItem["status"];
      readonly reply: string | null;
    }
  /** Replaces the run's activation of that vendor. */
  | { readonly change: "put-activation"; readonly activation: Activation }
  | { readonly change: "delete-activations"; readonly workspaceId: string; readonly runId: string }
  /** Sets the run's one wake-up. The claim of the driver that holds it stays. */
  | { readonly change: "wake"; readonly workspaceId: string; readonly runId: string; readonly at: number }
  /** Removes the run's wake-up: it is finished or waits for a person. */
  | { readonly change: "unwake"; readonly workspaceId: string; readonly runId: string };

export interface Page {
  /** 1..200. */
  readonly limit: number;
  /** `nextAfter` of the page before; absent: from the start. */
  readonly after?: string | undefined;
}

export interface RunSummary {
  readonly id: string;
  readonly workspaceId: string;
  readonly blockId: string;
  readonly status: RunRecord["status"];
  readonly revision: number;
  readonly createdAt: number;
  readonly updatedAt: number;
}

/** A block to look around, and the run whose revision is wanted. */
export interface LookAround {
  readonly workspaceId: string;
  readonly blockId: string;
  readonly runId: string | null;
}

/** What is around a run, as one read sees it. */
export interface Surroundings {
  /** Of the run; null when there is none. */
  readonly revision: number | null;
  /** The block and what it sits in, from the inside out, up to its service; at most 8. Empty when it is not there. */
  readonly path: readonly Block[];
  readonly workspace: Workspace | null;
  /** The block's own, else the default of the workspace. */
  readonly preset: MergePreset | null;
}

export interface Store {
  readonly workspaces: { get(id: string): Promise<Workspace | null>; list(page: Page): Promise<readonly Workspace[]> };
  readonly blocks: {
    get(workspaceId: string, id: string): Promise<Block | null>;
    /** Children of a block, or the services of the board for `null`; oldest first. */
    children(workspaceId: string, parentId: string | null, page: Page): Promise<readonly Block[]>;
    /** The oldest module of exactly that title under a parent. */
    moduleByTitle(workspaceId: string, parentId: string, title: string): Promise<Block | null>;
    /** Everything an advance needs beside its run's document, in one trip. `runId` null: of no run. */
    surroundings(workspaceId: string, id: string, runId: string | null): Promise<Surroundings>;
  };
  readonly pipelines: {
    get(workspaceId: string, id: string): Promise<Pipeline | null>;
    list(workspaceId: string, page: Page): Promise<readonly Pipeline[]>;
  };
  readonly presets: {
    get(workspaceId: string, id: string): Promise<MergePreset | null>;
    getDefault(workspaceId: string): Promise<MergePreset | null>;
  };
  readonly runs: {
    get(workspaceId: string, id: string): Promise<RunRecord | null>;
    /** What is stored now, without the document: whether somebody else has moved a run since its last commit. */
    revision(workspaceId: string, id: string): Promise<number | null>;
    liveOfBlock(workspaceId: string, blockId: string): Promise<RunSummary | null>;
    /** Newest first. */
    list(
      workspaceId: string,
      filter: { readonly blockId?: string; readonly live?: boolean; readonly paused?: boolean },
      page: Page,
    ): Promise<readonly RunSummary[]>;
  };
  readonly outputs: {
    get(workspaceId: string, key: string): Promise<string | null>;
    getMany(workspaceId: string, keys: readonly string[]): Promise<ReadonlyMap<string, string>>;
  };
  readonly notifications: {
    open(workspaceId: string, page: Page): Promise<readonly Notification[]>;
    ofRun(workspaceId: string, runId: string): Promise<readonly Notification[]>;
    /** Open notifications of normal severity whose `urgentAt` has come, longest overdue first, over all workspaces. Finding none costs one look at an index. */
    overdue(now: number, limit: number): Promise<readonly Notification[]>;
  };
  readonly reviews: {
    get(workspaceId: string, id: string): Promise<Review | null>;
    /** The review of a kind that was made last on a block. */
    latest(workspaceId: string, blockId: string, kind: string): Promise<Review | null>;
    /** In the order of their positions. */
    items(workspaceId: string, reviewId: string): Promise<readonly ReviewItem[]>;
  };
  readonly spend: { total(workspaceId: string, scope: string): Promise<SpendTotal> };
  readonly activations: {
    get(workspaceId: string, runId: string, vendor: string): Promise<Activation | null>;
    /** Deletes what expired before `now`; returns how many. */
    deleteExpired(now: number): Promise<number>;
  };
  readonly usage: { ofRun(workspaceId: string, runId: string): Promise<readonly UsageRow[]> };
  readonly events: {
    /** Events after the cursor in log order, at most `limit` (1..1000). @throws MillraceError `validation` for a cursor the store never gave. */
    read(workspaceId: string, after: Cursor, limit: number): Promise<readonly LoggedEvent[]>;
    ofRun(workspaceId: string, runId: string, afterSequence: number, limit: number): Promise<readonly LoggedEvent[]>;
  };
  /**
   * The only write. With `look`, what `blocks.surroundings` says of a moment after it, in the same trip; null without, and from a store
   * that cannot: look yourself.
   * @throws MillraceError `stale_revision`, `run_in_progress`, `task_limit`, `budget_exhausted`, `review_frozen`, `not_found`, `database_*`.
   */
  commit(changes: readonly Change[], look?: LookAround): Promise<Surroundings | null>;
}
