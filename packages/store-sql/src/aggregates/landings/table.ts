export interface LandingTables {
  landings: LandingRow;
}

export interface LandingRow {
  workspace_id: string;
  run_id: string;
  lane: string;
  /** Rises within a lane. Two that joined at the same moment may share one: the id of the run decides between them. */
  ticket: number;
}
