export interface ApiTokenTables {
  api_tokens: ApiTokenRow;
}

/** A type, not an interface: a statement's arguments need an index signature. */
export type ApiTokenRow = {
  id: string;
  digest: string;
  /** Of a person's token; null: of an account's. */
  user_id: string | null;
  account_id: string | null;
  name: string;
  /** JSON. */
  scopes: string;
  /** JSON. */
  workspaces: string | null;
  created_at: number;
  expires_at: number;
  last_used_at: number | null;
  is_confirmed: number;
};
