export interface MailProofTables {
  mail_proofs: MailProofRow;
}

/** A type, not an interface: a statement's arguments need an index signature. */
export type MailProofRow = {
  id: string;
  purpose: string;
  digest: string;
  user_id: string | null;
  email: string;
  name: string | null;
  password: string | null;
  invitation: string | null;
  created_at: number;
  expires_at: number;
};
