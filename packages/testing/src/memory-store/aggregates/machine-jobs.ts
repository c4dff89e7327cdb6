import type { MachineJobChanges, MachineJobReads } from "@millrace/kernel";
import { copyOf } from "../copy.logic.js";
import type { MemoryHandlers } from "../draft.js";
import { checkLimit, compare, copyOrNull, MAX_PAGE } from "../paging.js";
import { stale } from "../row-checks.js";
import type { MemoryTables } from "../tables.js";

export const machineJobChanges: MemoryHandlers<MachineJobChanges> = {
  "put-machine-job"(draft, { job }) {
    const { machineJobs } = draft.tables;
    const { key, revision } = job;
    const stored = machineJobs.get(key)?.revision ?? 0;
    if (stored !== revision - 1) throw stale(`the job '${key}' is not at revision ${revision - 1} any more`, { key, revision });
    draft.set(machineJobs, key, job);
  },
};

export function machineJobReads({ machineJobs }: MemoryTables): MachineJobReads {
  return {
    get: async (key) => copyOrNull(machineJobs.get(key)),
    ofMachine: async (machine, { after = "", limit }) =>
      copyOf(
        [...machineJobs.values()]
          .filter((job) => job.machine === machine && job.state !== "ended" && job.state !== "forgotten" && job.key > after)
          .toSorted((a, b) => compare(a.key, b.key))
          .slice(0, checkLimit(limit, MAX_PAGE)),
      ),
  };
}
