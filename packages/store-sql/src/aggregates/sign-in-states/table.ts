export interface SignInStateTables {
  sign_in_states: SignInStateRow;
}

/** A type, not an interface: a statement's arguments need an index signature. */
export type SignInStateRow = {
  id: string;
  digest: string;
  browser: string;
  purpose: string;
  provider: string;
  user_id: string | null;
  session_id: string | null;
  redirect: string;
  invitation: string | null;
  expires_at: number;
};
