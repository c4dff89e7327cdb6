import type { Session, User } from "@millrace/contracts";
import type { Page } from "./page.port.js";

/** A session as it is stored. */
export interface StoredSession extends Session {
  /** SHA-256 of its secret. */
  readonly digest: string;
}

/** Changes of sessions. They belong to the host. */
export interface SessionChanges {
  /** Fails with `sign_in_refused` unless the user is there and may sign in. */
  "insert-session": { readonly session: StoredSession };
  /** Fails with `not_found` when it is gone or has ended. `until` is epoch ms. */
  "confirm-session": { readonly sessionId: string; readonly until: number };
  /** Fails with `not_found` unless it is a session of the user that has not ended. */
  "end-session": { readonly userId: string; readonly sessionId: string; readonly at: number };
  /** Ends those that have not ended; `except`: but this one. */
  "end-sessions": { readonly ofUser: string; readonly except: string | null; readonly at: number };
  /** Says that it was used at `at`, where it was last used before `before`. */
  "touch-session": { readonly sessionId: string; readonly at: number; readonly before: number };
}

/** Reads of sessions. */
export interface SessionReads {
  get(id: string): Promise<{ readonly session: StoredSession; readonly user: User } | null>;
  /** Those of a user that have not ended, expire after `now` and were used after `usedSince` (epoch ms), newest first. */
  ofUser(userId: string, page: Page & { readonly now: number; readonly usedSince: number }): Promise<readonly StoredSession[]>;
  /** Deletes those that ended or expired before `before` (epoch ms), at most `limit` (1..200); returns how many. */
  deleteOver(before: number, limit: number): Promise<number>;
}
