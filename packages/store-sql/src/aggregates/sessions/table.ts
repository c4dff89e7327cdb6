export interface SessionTables {
  sessions: SessionRow;
}

/** A type, not an interface: a statement's arguments need an index signature. */
export type SessionRow = {
  id: string;
  user_id: string;
  digest: string;
  way: string;
  created_at: number;
  last_seen_at: number;
  expires_at: number;
  ended_at: number | null;
  /** When it ended, or else expires. */
  over_at: number;
  confirmed_until: number | null;
};
