import type { BoardEvent, RunEvent } from "@millrace/contracts";

/** Position in the event log. Opaque: only the store that gave it knows its order. It stays valid as long as the log. */
export type Cursor = string;

/** Cursor before the first event of any log. */
export const LOG_START: Cursor = "0";

/** An event and its position. */
export interface LoggedEvent {
  readonly cursor: Cursor;
  readonly workspaceId: string;
  /** Null for events of the board. */
  readonly runId: string | null;
  /** Position within the run, from 1; null for events of the board. */
  readonly sequence: number | null;
  readonly entry: RunEvent | BoardEvent;
}

/** An event outside runs and its position. */
export interface LoggedBoardEvent extends LoggedEvent {
  readonly runId: null;
  readonly sequence: null;
  readonly entry: BoardEvent;
}

/** Changes of the event log of a workspace. It only grows. Events belong to one scope, like the commit that appends them. */
export interface EventChanges {
  /** `firstSequence` is the position of the first of `events` in its run. Fails with `stale_revision` when a position is taken, with `not_found` when the run is missing. */
  "append-run-events": {
    readonly workspaceId: string;
    readonly runId: string;
    /** Block of the run: the audit names it. Default: it does not. */
    readonly blockId?: string;
    readonly firstSequence: number;
    readonly events: readonly RunEvent[];
  };
  /** Fails with `not_found` when the workspace is missing. */
  "append-board-event": { readonly workspaceId: string; readonly event: BoardEvent };
}

/** Reads of the event log. */
export interface EventReads {
  /**
   * Events after the cursor in log order, at most `limit` (1..1000).
   * @throws MillraceError `validation` for a cursor the store never gave.
   */
  read(workspaceId: string, after: Cursor, limit: number): Promise<readonly LoggedEvent[]>;
  /**
   * True if events after the cursor may have been removed: a reader that goes on from it would miss some without a word. Never of
   * `LOG_START`, which begins with what is there. Asked after a page was read, the answer holds for that page.
   */
  isExpired(workspaceId: string, after: Cursor): Promise<boolean>;
  /** Like `read`, over every workspace of the store, without the events of runs. */
  outsideRuns(after: Cursor, limit: number): Promise<readonly LoggedBoardEvent[]>;
  /** Position behind every event that can be read now: the events after it are those of later commits. */
  end(): Promise<Cursor>;
  /** Events of a run after a position, in their order, at most `limit` (1..1000). */
  ofRun(workspaceId: string, runId: string, afterSequence: number, limit: number): Promise<readonly LoggedEvent[]>;
}
