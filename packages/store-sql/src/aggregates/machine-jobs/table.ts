export interface MachineJobTables {
  machine_jobs: MachineJobRow;
}

/** A type, not an interface: a statement's arguments need an index signature. */
export type MachineJobRow = {
  key: string;
  machine: string;
  seen_at: number;
  state: string;
  /** 1 while its machine has to look at it. */
  is_open: number;
  outcome: string | null;
  revision: number;
};
