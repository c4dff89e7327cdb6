import type { Mail } from "@millrace/contracts";

/**
 * A mail that is still to be sent. Its row is removed once it was sent or given up: until then it is the only place where the secret of
 * its link is stored, and nothing reads it but the sweep that sends it.
 */
export interface QueuedMail extends Mail {
  /** Unique, and the same for every attempt. */
  readonly key: string;
  /** Number of attempts. Guards the next one. */
  readonly attempts: number;
  /** Earliest time of the next attempt, in epoch ms. */
  readonly nextAttemptAt: number;
  /** When its link ends, in epoch ms: from then on it is given up. */
  readonly expiresAt: number;
}

/** Changes of mails. They belong to the host: a mail lands in the commit of what it tells of, which may change an account. */
export interface MailChanges {
  /** Fails with `conflict` when the key is in use. */
  "insert-mail": { readonly mail: QueuedMail };
  /** Takes up the next attempt. Fails with `stale_revision` unless `attempts` have been made, and when the mail is gone. */
  "claim-mail": { readonly mailKey: string; readonly attempts: number; readonly nextAttemptAt: number };
  /** Removes a mail that was sent, given up, or is about what has ended. Removing it again does nothing. */
  "remove-mail": { readonly mailKey: string };
}

/** Reads of mails. */
export interface MailReads {
  /** Mails whose next attempt has come by `now` (epoch ms), longest due first, at most `limit` (1..200). */
  due(now: number, limit: number): Promise<readonly QueuedMail[]>;
}
