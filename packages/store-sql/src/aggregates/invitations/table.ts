export interface InvitationTables {
  invitations: InvitationRow;
}

/** A type, not an interface: a statement's arguments need an index signature. */
export type InvitationRow = {
  id: string;
  account_id: string;
  email: string;
  roles: string;
  status: string;
  token_digest: string;
  invited_by: string;
  created_at: number;
  expires_at: number;
  ended_at: number | null;
  /** When it ended, or will expire. */
  over_at: number;
  revision: number;
};
