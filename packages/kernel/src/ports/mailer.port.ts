import type { Mail } from "@millrace/contracts";

/** One attempt to send a mail. */
export interface MailDelivery extends Mail {
  /** Idempotency key: every attempt of one mail has the same, so that the mail service can drop a repetition. */
  readonly key: string;
}

/** The way mails leave the platform. Each is sent at least once, from the store's queue of mails; the texts of the templates are the mailer's. */
export interface Mailer {
  /** False: nothing is queued, and what would be proven by a mail is not offered. */
  readonly isOn: boolean;
  /**
   * Sends one. Brings its own time limit. Its text escapes the values: people wrote them.
   * @throws MillraceError A passing code, or any error without one: the mail is sent again later. A final one: it is given up.
   */
  send(mail: MailDelivery): Promise<void>;
}
