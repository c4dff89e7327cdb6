export interface UserTables {
  users: UserRow;
  identities: IdentityRow;
}

/** A type, not an interface: a statement's arguments need an index signature. */
export type UserRow = {
  id: string;
  name: string;
  email: string | null;
  is_email_verified: number;
  avatar_url: string | null;
  timezone: string | null;
  created_at: number;
  disabled_at: number | null;
  revision: number;
};

export type IdentityRow = {
  id: string;
  user_id: string;
  provider: string;
  subject: string;
  label: string;
  name: string | null;
  avatar_url: string | null;
  digest: string | null;
  created_at: number;
};
