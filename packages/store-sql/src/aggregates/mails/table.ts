export interface MailTables {
  mails: MailRow;
}

/** A type, not an interface: a statement's arguments need an index signature. */
export type MailRow = {
  key: string;
  document: string;
  attempts: number;
  next_attempt_at: number;
  expires_at: number;
};
