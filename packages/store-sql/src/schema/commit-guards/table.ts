export interface CommitGuardTables {
  /** Never holds a row: a guard inserts 0 when its condition fails, and the CHECK refuses the commit. */
  commit_guards: { passed: number };
}
