import type { AccountEvent, HostEvent } from "@millrace/contracts";
import type { Cursor } from "./events.port.js";

/** An event of an account and its position. */
export interface LoggedAccountEvent {
  readonly cursor: Cursor;
  readonly accountId: string;
  readonly entry: AccountEvent;
}

/** An event of the host and its position. */
export interface LoggedHostEvent {
  readonly cursor: Cursor;
  readonly entry: HostEvent;
}

/** Changes of the log of an account. */
export interface AccountEventChanges {
  "append-account-event": { readonly accountId: string; readonly event: AccountEvent };
}

/** Changes of the log of the host. */
export interface HostEventChanges {
  "append-host-event": { readonly event: HostEvent };
}

/** Reads of the logs outside of workspaces. Their cursors are their own. */
export interface PlatformEventReads {
  /**
   * Events of an account after the cursor in log order, at most `limit` (1..1000).
   * @throws MillraceError `validation` for a cursor the store never gave.
   */
  ofAccount(accountId: string, after: Cursor, limit: number): Promise<readonly LoggedAccountEvent[]>;
  /** Like `ofAccount`, of the host itself. */
  ofHost(after: Cursor, limit: number): Promise<readonly LoggedHostEvent[]>;
}
