export interface SpendTables {
  spend_totals: { workspace_id: string; scope: string; settled_micros: number; reserved_micros: number };
  spend_reservations: { workspace_id: string; run_id: string; scope: string; micros: number };
}
