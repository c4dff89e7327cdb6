export interface AttemptTables {
  attempts: AttemptRow;
}

/** A type, not an interface: a statement's arguments need an index signature. */
export type AttemptRow = {
  key: string;
  started_at: number;
  count: number;
};
