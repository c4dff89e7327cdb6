import type { BoardEvent, Notification } from "@millrace/contracts";
import type { Page } from "./page.port.js";

/**
 * Changes of the notifications of a workspace. Each brings the event that announces it, and the event is appended to the log if, and only
 * if, the change changes the row: the log says neither more nor less than the rows.
 */
export interface NotificationChanges {
  /** Keyed: raising an open notification again changes nothing; a resolved one is opened again. Fails with `not_found` when the run is missing. */
  "raise-notification": { readonly notification: Notification; readonly event: BoardEvent };
  /** Changes nothing unless the notification is open. */
  "resolve-notification": {
    readonly workspaceId: string;
    readonly id: string;
    readonly as: "acted" | "dismissed";
    /** Epoch ms. */
    readonly at: number;
    readonly event: BoardEvent;
  };
  /** Raises the severity to urgent. Changes nothing unless the notification is open and of normal severity. */
  "escalate-notification": { readonly workspaceId: string; readonly id: string; readonly event: BoardEvent };
}

/** Reads of notifications. */
export interface NotificationReads {
  /** Null when it is not there. */
  get(workspaceId: string, id: string): Promise<Notification | null>;
  /** Open ones, oldest first. */
  open(workspaceId: string, page: Page): Promise<readonly Notification[]>;
  /** Number of the open ones, and of the urgent ones among them. */
  countOpen(workspaceId: string): Promise<{ readonly open: number; readonly urgent: number }>;
  /** All of a run, oldest first. */
  ofRun(workspaceId: string, runId: string): Promise<readonly Notification[]>;
  /**
   * Open notifications of normal severity whose `urgentAt` is at or before `now` (epoch ms), longest overdue first, of all workspaces,
   * at most `limit` (1..200). Costs one index lookup when there are none.
   */
  overdue(now: number, limit: number): Promise<readonly Notification[]>;
}
