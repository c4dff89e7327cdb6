export interface ActivationTables {
  activations: ActivationRow;
}

export interface ActivationRow {
  workspace_id: string;
  run_id: string;
  vendor: string;
  sealed: string;
  expires_at: number;
}
