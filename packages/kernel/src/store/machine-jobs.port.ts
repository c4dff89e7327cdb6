/** A job, or an agent's call, that a machine has taken on. Its files and processes are on that machine and nowhere else. */
export interface MachineJob {
  readonly key: string;
  /** Id of the machine: of its job folder, which it does not share. */
  readonly machine: string;
  /** Last sign of life of the machine while it works on the job, in epoch ms. */
  readonly seenAt: number;
  /**
   * `running`; `stopping`: another machine asks for its end; `lost`: another machine took this one for gone, and it ends the job should it
   * come back; `ended`: its outcome, or that there is none, is known for good;
   * `forgetting`: the outcome was committed, and its files may go; `forgotten`: they are gone.
   */
  readonly state: "running" | "stopping" | "lost" | "ended" | "forgetting" | "forgotten";
  /** The outcome as JSON text; null while there is none, and of a call. */
  readonly outcome: string | null;
  /** Number of changes, from 1. Guards them. */
  readonly revision: number;
}

/** Changes of machine jobs. They belong to the host: the machines of a store work for all of its workspaces. */
export interface MachineJobChanges {
  /** Fails with `stale_revision` unless the stored revision is one less; a job that is not there yet has revision 0. */
  "put-machine-job": { readonly job: MachineJob };
}

/** Reads of machine jobs. */
export interface MachineJobReads {
  /** Null for a key that no machine has taken on. */
  get(key: string): Promise<MachineJob | null>;
  /** Those of a machine that it still has to look at (`running`, `stopping`, `lost`, `forgetting`), by key, behind `after`, at most `limit` (1..200). */
  ofMachine(machine: string, page: { readonly after?: string | undefined; readonly limit: number }): Promise<readonly MachineJob[]>;
}
