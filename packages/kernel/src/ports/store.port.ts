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
  MergePreset,
  MergeRecord,
  Notification,
  Pipeline,
  PullRequestRef,
  RunEvent,
  Workspace,
} from "@millrace/contracts";

/** A run as stored: the columns the store can index, and the document only the engine reads. */
export interface RunRecord {
  readonly id: string;
  readonly workspaceId: string;
  readonly blockId: string;
  /** `running` needs the driver, `waiting` needs a person; both, and `stopping`, are live. */
  readonly status: "running" | "waiting" | "stopping" | "done" | "failed" | "cancelled";
  readonly revision: number;
  readonly createdAt: number;
  readonly updatedAt: number;
  /** Shape version of `document`; the engine upcasts older ones and refuses newer ones. */
  readonly shapeVersion: number;
  /** JSON of a run. Whoever keeps it never looks inside: `fromRecord` of the engine upcasts and checks it, once, when it is read. */
  readonly document: unknown;
}

/** Position in the event log; `0` is before the first event. Opaque to readers, ordered for the store. */
export type Cursor = number;

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

/** What a run may change of its block. Only what is set is written. */
export interface BlockPatch {
  readonly status?: Block["status"];
  readonly progress?: number;
  readonly runId?: string | null;
  readonly pullRequest?: PullRequestRef | null;
  readonly merged?: MergeRecord;
}

/** One change of a commit. */
export type Change =
  | { readonly change: "insert-workspace"; readonly workspace: Workspace }
  | { readonly change: "insert-block"; readonly block: Block }
  | { readonly change: "patch-block"; readonly workspaceId: string; readonly id: string; readonly patch: BlockPatch }
  | { readonly change: "put-pipeline"; readonly workspaceId: string; readonly pipeline: Pipeline }
  | { readonly change: "put-preset"; readonly preset: MergePreset }
  /** Fails with `run_in_progress` while the block has another live run. */
  | { readonly change: "insert-run"; readonly record: RunRecord }
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
  /** Keyed: raising an open card again keeps the first. */
  | { readonly change: "raise-notification"; readonly notification: Notification }
  | {
      readonly change: "settle-notification";
      readonly workspaceId: string;
      readonly id: string;
      readonly as: "acted" | "dismissed";
      readonly at: number;
    }
  | { readonly change: "record-usage"; readonly usage: UsageRow }
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

export interface Store {
  readonly workspaces: { get(id: string): Promise<Workspace | null>; list(page: Page): Promise<readonly Workspace[]> };
  readonly blocks: {
    get(workspaceId: string, id: string): Promise<Block | null>;
    /** Children of a block, or the frames of the board for `null`; oldest first. */
    children(workspaceId: string, parentId: string | null, page: Page): Promise<readonly Block[]>;
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
    list(workspaceId: string, filter: { readonly blockId?: string; readonly live?: boolean }, page: Page): Promise<readonly RunSummary[]>;
  };
  readonly outputs: {
    get(workspaceId: string, key: string): Promise<string | null>;
    getMany(workspaceId: string, keys: readonly string[]): Promise<ReadonlyMap<string, string>>;
  };
  readonly notifications: {
    open(workspaceId: string, page: Page): Promise<readonly Notification[]>;
    ofRun(workspaceId: string, runId: string): Promise<readonly Notification[]>;
  };
  readonly usage: { ofRun(workspaceId: string, runId: string): Promise<readonly UsageRow[]> };
  readonly events: {
    /** Events after the cursor in log order, at most `limit` (1..1000). */
    read(workspaceId: string, after: Cursor, limit: number): Promise<readonly LoggedEvent[]>;
    ofRun(workspaceId: string, runId: string, afterSequence: number, limit: number): Promise<readonly LoggedEvent[]>;
  };
  /** The only write. @throws MillraceError `stale_revision`, `run_in_progress`, `database_*`. */
  commit(changes: readonly Change[]): Promise<void>;
}
